# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For cases that count what the kernel does: events of one process, or of the
# scratch disk, between two points of it. Sourced after faults.sh.

TRACING=/sys/kernel/tracing
trace_probes=()
trace_filters=()
trace_was_on=1

trace_setup()
{
	mountpoint -q "$TRACING" || {
		ok mount -t tracefs tracefs "$TRACING"
		guest_mounts+=("$TRACING")
	}
	before_unmounting trace_end
	trace_was_on=$(<"$TRACING/tracing_on")
	echo 0 >"$TRACING/tracing_on"
	echo nop >"$TRACING/current_tracer"
	echo 8192 >"$TRACING/buffer_size_kb"
	: >"$TRACING/set_event"
	: >"$TRACING/trace"
}

# trace_event SYSTEM[/EVENT] [FILTER]
trace_event()
{
	[[ -d $TRACING/events/$1 ]] || skip "this kernel has no event $1"
	if [[ -n ${2-} ]]; then
		echo "$2" >"$TRACING/events/$1/filter"
		trace_filters+=("$1")
	fi
	echo 1 >"$TRACING/events/$1/enable"
}

# trace_function FUNCTION: its calls are events "called_FUNCTION".
trace_function()
{
	echo "p:called_$1 $1" >>"$TRACING/kprobe_events" || skip "this kernel can't probe $1"
	trace_probes+=("$1")
	echo 1 >"$TRACING/events/kprobes/called_$1/enable"
}

# traced COMMAND...: runs it with tracing on. What was recorded is in the file
# trace, without the events of other programs.
traced()
{
	: >"$TRACING/trace"
	echo 1 >"$TRACING/tracing_on"
	ok "$@"
	echo 0 >"$TRACING/tracing_on"
	cat "$TRACING/trace" >trace
}

# events REGEX: how many of what was traced are like it.
events()
{
	grep -cE -- "$1" trace || true
}

trace_end()
{
	local probe event

	echo 0 >"$TRACING/tracing_on"
	echo 0 >"$TRACING/events/enable"
	for event in "${trace_filters[@]}"; do
		echo 0 >"$TRACING/events/$event/filter"
	done
	for probe in "${trace_probes[@]}"; do
		echo "-:called_$probe" >>"$TRACING/kprobe_events" || return
	done
	echo "$trace_was_on" >"$TRACING/tracing_on"
}

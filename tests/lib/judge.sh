# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs one case in a guest and judges it. A case has passed only when it ended
# well, left nothing behind, the module was unloaded, and the kernel had nothing
# to say against it in all that time, which for a debug kernel includes that memory
# was lost.
#
# Sourced by tests/qemu/guest. A case's spec is "path timeout format lower module".

# Prints the kernel's log from the line on that holds the mark $1. A log that has
# lost the mark is printed whole.
kernel_log_since()
{
	dmesg --raw | awk -v mark="$1" '
		{ line[n++] = $0 }
		index($0, mark) { found = n }
		END { for (i = found; i < n; i++) print line[i] }'
}
export -f kernel_log_since

mount_points()
{
	awk '{ print $2 }' /proc/mounts
}

# Processes of a case that outlive it are ended; they are in its session.
end_session()
{
	local pids

	pids=$(pgrep -s "$1" | grep -vx "$$") || return 0
	# shellcheck disable=SC2086 # a list
	kill -KILL $pids 2>/dev/null
	sleep 0.2
}

# Prints what the case left behind, and takes it away.
clear_leftovers()
{
	local before=$1 left mount

	left=$(mount_points | tail -n "+$((before + 1))")
	[[ -n $left ]] || return 0
	printf 'left mounted: %s\n' "${left//$'\n'/ }"
	while IFS= read -r mount; do
		umount "$mount" 2>/dev/null || umount -l "$mount"
	done < <(tac <<<"$left")
}

clear_devices()
{
	local left

	left=$(dmsetup ls 2>/dev/null | grep -v 'No devices' | cut -f 1)
	if [[ -n $left ]]; then
		printf 'left device-mapper devices: %s\n' "${left//$'\n'/ }"
		dmsetup remove_all --force >/dev/null 2>&1
	fi
	left=$(losetup -n -O NAME 2>/dev/null)
	if [[ -n $left ]]; then
		printf 'left loop devices: %s\n' "${left//$'\n'/ }"
		losetup -D
	fi
}

# Prints it if something still has the scratch disk, though nothing is mounted:
# a reference to the lower filesystem that was not given back.
find_lost_reference()
{
	local try

	for try in 1 2 3 4; do
		! fsop unused "$SCRATCH" 2>/dev/null || return 0
		sleep 0.5
	done
	echo "$SCRATCH is still in use, though nothing is mounted ($try looks)"
}

# Tells the kernel's view of a case that is about to be given up as hanging. It
# waits on a pipe that nobody writes to, so that killing it leaves no child.
watch_case()
{
	local seconds=$1

	! read -r -t "$((seconds - seconds / 8 - 1))" _ <>"$NEVER" || return
	dmesg -n 7
	echo "dcryptfs-test: the case hangs; blocked and running tasks follow" >/dev/kmsg
	echo w >/proc/sysrq-trigger
	echo l >/proc/sysrq-trigger
}

# judge_case INDEX SPEC: leaves the judgement in JUDGEMENT, as words of a report,
# and in SPOILED whether this guest is no place for further cases.
judge_case()
{
	local index=$1 path timeout format lower module
	local output=$RUN/output.$1 mark status mounts watcher lost reason='' complaint

	read -r path timeout format lower module <<<"$2"
	mark="dcryptfs-test: begin $index $RANDOM"
	: >"$output"
	echo "$mark" >/dev/kmsg
	mounts=$(mount_points | wc -l)
	watch_case "$timeout" </dev/null >/dev/null 2>&1 {verdict}>&- &
	watcher=$!

	status=0
	if [[ $module != no ]] && ! load_module "$module" >>"$output" 2>&1; then
		reason="the module does not load"
	else
		FORMAT=$format FS=$lower MARK=$mark CASE=$path SKIP_REASON=$RUN/skip \
			setsid --wait bash "$path" </dev/null >>"$output" 2>&1 {verdict}>&- &
		wait $!
		status=$?
		end_session $!
	fi
	kill -KILL "$watcher"
	wait "$watcher" 2>/dev/null

	SPOILED=0
	{
		clear_leftovers "$mounts"
		clear_devices
	} >"$RUN/left" 2>&1
	lost=$(find_lost_reference)
	cat "$RUN/left" >>"$output"
	if [[ -z $reason && $status -ne 0 && $status -ne 77 ]]; then
		reason="exit status $status"
	fi
	[[ ! -s $RUN/left ]] || reason=${reason:+$reason; }$(head -n 1 "$RUN/left")
	if [[ -n $lost ]]; then
		reason=${reason:+$reason; }$lost
		SPOILED=1
	fi
	memleak_remember
	if ! unload_module >>"$output" 2>&1; then
		reason=${reason:+$reason; }"the module does not unload"
		SPOILED=1
	fi

	memleak_report >>"$output" 2>&1
	kernel_log_since "$mark" >"$RUN/kmsg.$index"
	if complaint=$(grep -m 1 -E "$KERNEL_COMPLAINT" "$RUN/kmsg.$index"); then
		reason=${reason:+$reason; }"kernel: ${complaint#<*>}"
		SPOILED=1 # some complaints are made only once
	fi
	if [[ -n $reason ]]; then
		JUDGEMENT=(FAIL "$index" "$reason")
	elif [[ $status -eq 77 ]]; then
		JUDGEMENT=(SKIP "$index" "$(cat "$RUN/skip")")
	else
		JUDGEMENT=(PASS "$index")
	fi
}

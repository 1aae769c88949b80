# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Has guests run cases and reports what became of them. Sourced by tests/run,
# whose variables it uses.

BOOT_SECONDS=90
# What a guest that dies outside a case is reported as.
END_OF_RUN="end of run"

# By what time limits are multiplied for KERNEL.
time_scale()
{
	case $1 in
	*-debug) echo "${DCRYPTFS_TIMEOUT_SCALE:-8}" ;;
	*) echo "${DCRYPTFS_TIMEOUT_SCALE:-1}" ;;
	esac
}

assign()
{
	local name=$1

	shift
	printf '%s=%s\n' "$name" "${*@Q}"
}

assign_array()
{
	local name=$1

	shift
	printf '%s=(%s)\n' "$name" "${*@Q}"
}

# guest_config RUN KERNEL MODE [CASE or WORD...]: what the guest is to do.
guest_config()
{
	local run=$1 kernel=$2 mode=$3 release modules

	shift 3
	release=$("$DCRYPTFS_TOP/tools/kernel" --cached --get release "$kernel")
	modules=$("$DCRYPTFS_TOP/tools/kernel" --cached --get modules "$kernel")
	{
		assign MODE "$mode"
		assign KERNEL_RELEASE "$release"
		assign KERNEL_MODULES "$modules"
		assign BUILD "$DCRYPTFS_TOP/build"
		assign MODULE "$DCRYPTFS_TOP/build/$release/dcryptfs.ko"
		assign GUEST_PROGRAMS "$("$DCRYPTFS_TOP/tools/deps" --guest)"
		assign FAULTS "${FAULTS:-1}"
		assign HUNG_TASK_SECONDS $((60 * $(time_scale "$kernel")))
		assign COLUMNS "${COLUMNS:-$(tput cols 2>/dev/null || echo 80)}"
		assign LINES "${LINES:-$(tput lines 2>/dev/null || echo 24)}"
		if [[ $mode == script ]]; then
			assign_array SCRIPT "$@"
			assign_array CASES
		else
			assign_array CASES "$@"
		fi
	} >"$run/config"
}

drive_shell()
{
	local kernel=$1 a=${accel:-}

	[[ -t 0 ]] || die "a shell needs a terminal"
	a=${a:-$(choose_accel "$kernel")}
	say "kernel $kernel by $(accel_name "$a")"
	guest_config "$work" "$kernel" shell "${TABLE_VOLUMES[0]}"
	stty raw -echo isig
	guest_attach "$kernel" "$a" "$work" || true
	stty sane
}

# Runs a program in a guest with its output here; ends as it ended.
drive_script()
{
	local kernel=$1 a=${accel:-} tail_pid status

	shift
	a=${a:-$(choose_accel "$kernel")}
	say "kernel $kernel by $(accel_name "$a")"
	guest_config "$work" "$kernel" script "$@"
	: >"$work/output"
	guest_start "$kernel" "$a" "$work"
	tail -f -n +1 --pid=$$ -s 0.2 "$work/output" &
	tail_pid=$!
	status=0
	wait_for_script "$(time_scale "$kernel")" || status=$?
	sleep 0.5 # tail prints the rest
	kill "$tail_pid"
	wait "$tail_pid" 2>/dev/null || true
	[[ -z ${died-} ]] || { say "$died; its console ended with:"; tail -n 40 "$work/console" >&2; }
	return "$status"
}

# wait_for_script SCALE
wait_for_script()
{
	local scale=$1 report status

	died=''
	guest_read $((BOOT_SECONDS * scale)) || { died="the guest did not boot"; return 1; }
	status=0
	guest_read $((${SCRIPT_SECONDS:-1200} * scale)) || status=$?
	case $status in
	1) died="the guest died"; return 1 ;;
	2) died="the guest hung"; return 1 ;;
	esac
	return "${report#EXIT }"
}

# One line for a result, and what the case printed if it failed, at once: guests
# of two kernels share the terminal.
print_result()
{
	local status=$1 kernel=$2 name=$3 seconds=$4 reason=$5 run=$6 index=$7

	{
		printf '%s %-44s %-5s %4ss%s\n' "$status" "$name" "$kernel" "$seconds" "${reason:+  $reason}"
		if [[ $status == FAIL || $verbose -eq 1 ]]; then
			sed 's/^/    | /' "$run/output.$index" 2>/dev/null || true
		fi
		if [[ $status == FAIL ]]; then
			show_log "$run" "$index"
		fi
	} >"$run/print"
	cat "$run/print"
	printf '%s\t%s\t%s\t%s\n' "$status" "$kernel" "$name" "$reason" >>"$work/results.$kernel"
}

# The end of the kernel's log of a case, or of the console if the guest is gone.
show_log()
{
	local run=$1 index=$2

	if [[ -s $run/kmsg.$index ]]; then
		tail -n 60 "$run/kmsg.$index" | sed 's/^/    kernel| /'
	elif [[ -s $run/console.end ]]; then
		sed 's/^/    console| /' "$run/console.end"
	fi
}

# drive_guest FROM: boots one guest for the cases of the plan from number FROM
# on. Sets next to the first one that it didn't get to.
drive_guest()
{
	local from=$1 run=$work/run.$kernel.$1 report status reason began timeout index
	local booted=0 scale

	scale=$(time_scale "$kernel")
	next=$from
	rm -rf "$run"
	mkdir "$run"
	guest_config "$run" "$kernel" cases "${plan[@]:$from}"
	guest_start "$kernel" "$accel" "$run"
	timeout=$((BOOT_SECONDS * scale))
	index=''
	while :; do
		status=0
		guest_read "$timeout" || status=$?
		if [[ $status -ne 0 ]]; then
			lose_guest
			break
		fi
		case $report in
		BOOTED*) booted=1 ;;
		START*)
			index=${report#START }
			if time_is_over; then
				skip_rest "no time is left for it"
				break
			fi
			locked claim_case "$worker" $((from + index)) || break
			began=$SECONDS
			# Setting up and clearing away are not the case's own time.
			read -r _ timeout _ <<<"${plan[from + index]}"
			timeout=$((timeout + timeout / 4 + 10 * scale))
			;;
		PASS* | FAIL* | SKIP*)
			read -r status _ reason <<<"$report"
			print_result "$status" "$kernel" "${plan_names[from + index]}" \
				$((SECONDS - began)) "$reason" "$run" "$index"
			next=$((from + index + 1))
			index=''
			timeout=$((60 * scale))
			;;
		DONE*) break ;;
		esac
	done
	guest_stop
	[[ $keep -eq 1 ]] || rm -rf "$run"
}

# The guest said no more: the case it was at has failed. A guest that dies before
# its first case takes all the rest with it, or this would never end.
lose_guest()
{
	local what

	case $status in
	1) what="the guest died" ;;
	2) what="timeout: no verdict" ;;
	esac
	guest_stop
	tail -n 80 "$run/console" | tr -d '\r' >"$run/console.end" || true
	[[ -s $run/qemu ]] && cat "$run/qemu" >>"$run/console.end"
	# Nothing of ours is in it yet: an emulated CPU that a busy host starved.
	if [[ $booted -eq 0 && $lost_boots -lt 2 ]]; then
		lost_boots=$((lost_boots + 1))
		say "kernel $kernel: $what while it booted, its console ended with the following; trying again"
		tail -n 15 "$run/console.end" >&2
		return
	fi
	if [[ -z $index ]]; then
		print_result FAIL "$kernel" "$END_OF_RUN" 0 "$what outside a case" "$run" none
		skip_rest "its guest did not get to it"
		return
	fi
	print_result FAIL "$kernel" "${plan_names[from + index]}" $((SECONDS - began)) \
		"$what" "$run" "$index"
	next=$((from + index + 1))
}

time_is_over()
{
	[[ -n $deadline && $(date +%s) -ge $deadline ]]
}

# skip_rest REASON: what the worker has left is not run, which is said, a line each.
skip_rest()
{
	local number

	while IFS= read -r number; do
		print_result SKIP "$kernel" "${plan_names[number]}" 0 "$1" "$run" none
	done < <(locked claim_rest "$worker")
}

# The part that a worker has of a kernel's cases, in as many guests as it takes.
drive_part()
{
	local worker=$1 kernel next lost_boots=0

	read -r kernel next _ < <(locked cat "$work/part.$worker")
	# shellcheck source=/dev/null
	. "$work/plan.$kernel" # plan, plan_names and accel, local to this
	while [[ $(locked part_left "$worker") -gt 0 ]]; do
		drive_guest "$next"
	done
}

drive_worker()
{
	drive_part "$1"
	while ! time_is_over && locked share_part "$1"; do
		drive_part "$1"
	done
}

# make_plan KERNEL: writes $work/plan.KERNEL, for drive_part, and sets count to how
# many cases there are.
make_plan()
{
	local kernel=$1 accel=$accel plan plan_names first

	plan_kernel "$kernel"
	count=${#plan[@]}
	if [[ $count -gt 0 ]]; then
		accel=${accel:-$(choose_accel "$kernel")}
		printf 'kernel %s (%s): %d cases by %s\n' "$kernel" \
			"$("$DCRYPTFS_TOP/tools/kernel" --cached --get release "$kernel")" \
			"$count" "$(accel_name "$accel")"
		# When not all of them may be run, it isn't always the same that are.
		if [[ -n $deadline ]]; then
			first=$((0x$(git -C "$DCRYPTFS_TOP" rev-parse --short=8 HEAD 2>/dev/null || echo 0) % count))
			plan=("${plan[@]:first}" "${plan[@]:0:first}")
			plan_names=("${plan_names[@]:first}" "${plan_names[@]:0:first}")
		fi
	fi
	declare -p plan plan_names accel >"$work/plan.$kernel"
	: >"$work/results.$kernel"
}

# A guest for each kernel, and one besides if that is only one: they keep two CPUs busy.
drive_kernels()
{
	local kernel pids=() pid count worker=0

	for kernel in "${kernels[@]}"; do
		make_plan "$kernel"
		planned=$((planned + count))
		set_part "$worker" "$kernel" 0 "$count"
		if [[ $serial -eq 1 ]]; then
			drive_worker "$worker"
		else
			worker=$((worker + 1))
		fi
	done
	[[ $serial -eq 0 ]] || return 0
	[[ $worker -gt 1 ]] || set_part $((worker++)) "${kernels[0]}" 0 0
	while [[ $((worker--)) -gt 0 ]]; do
		(trap guest_stop EXIT; trap 'exit 130' INT TERM; drive_worker "$worker") &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || die "the runner itself failed"
	done
}

count()
{
	grep -c "^$1" "$work/results" || true
}

drive_cases()
{
	local passed failed skipped judged planned=0

	drive_kernels
	cat "$work"/results.* >"$work/results"
	judged=$(grep -vcF $'\t'"$END_OF_RUN"$'\t' "$work/results" || true)
	[[ $judged -eq $planned ]] || die "the runner itself failed: $planned cases, $judged results"
	[[ -z $results ]] || cp "$work/results" "$results"
	passed=$(count PASS)
	failed=$(count FAIL)
	skipped=$(count SKIP)
	[[ -z $counts ]] || echo "$passed $failed $skipped" >"$counts"
	printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
	[[ $failed -eq 0 && $passed -gt 0 ]]
}

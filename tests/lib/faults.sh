# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For cases in which something goes wrong: exact answers of system calls, exact
# lines on standard error, and a lower device that fails on demand. Sourced after
# guest.sh.

# -- the end of a case -----------------------------------------------------------

actions_before=()
actions_after=()

# before_unmounting FUNCTION, after_unmounting FUNCTION: to be called when the case
# ends, whichever way; last first.
before_unmounting()
{
	actions_before=("$1" "${actions_before[@]}")
}

after_unmounting()
{
	actions_after=("$1" "${actions_after[@]}")
}

faults_end()
{
	local status=$? action

	trap - EXIT ERR
	set +e
	for action in "${actions_before[@]}"; do
		"$action" || status=1
	done
	(
		(exit "$status")
		guest_end
	)
	status=$?
	for action in "${actions_after[@]}"; do
		"$action" || status=1
	done
	exit "$status"
}

trap faults_end EXIT

# -- system calls, one by one --------------------------------------------------

# answers EXPECTED FDSH-COMMAND...: one system call of a program of its own. See
# progs/fdsh.c.
answers()
{
	local want=$1 got

	shift
	got=$(fdsh "$@") || fail "fdsh $*"
	equal "$want" "$got" "$*"
}

# calls_begin: a program whose system calls the case makes one by one, with the
# files that it has open.
calls_begin()
{
	coproc CALLS { exec fdsh; }
	# shellcheck disable=SC2153 # coproc sets it
	calls_pid=$CALLS_PID
	calls_in=${CALLS[1]}
	calls_out=${CALLS[0]}
	before_unmounting calls_stop
}

# call FDSH-COMMAND...: makes one; its answer is in the variable answer.
call()
{
	printf '%s\n' "$*" >&"$calls_in"
	IFS= read -r -u "$calls_out" answer || fail "fdsh is gone: $*"
}

# expect EXPECTED FDSH-COMMAND...
expect()
{
	local want=$1

	shift
	call "$@"
	equal "$want" "$answer" "$*"
}

calls_end()
{
	exec {calls_in}>&-
	wait "$calls_pid"
	calls_pid=''
}

# Of a case that has failed: its files would keep the volume mounted.
calls_stop()
{
	[[ -n $calls_pid ]] || return 0
	kill -KILL "$calls_pid" 2>/dev/null
	wait "$calls_pid" 2>/dev/null
	return 0
}

# -- programs that refuse ------------------------------------------------------

# refused STATUS REGEX COMMAND...: it ends with that status, and says one line,
# which is like REGEX.
refused()
{
	local want=$1 regex=$2 status=0 said

	shift 2
	said=$("$@" 2>&1 >/dev/null) || status=$?
	equal "$want" "$status" "exit status of $* (it said: $said)"
	[[ $said =~ $regex ]] || fail "expected '$regex' of: $*; it said: $said"
	[[ $said != *$'\n'* ]] || fail "more than a line of: $*; it said: $said"
}

# A case's own marks in the kernel's log, for logs_once.
log_mark=$MARK
log_marks=0

log_from_here()
{
	log_marks=$((log_marks + 1))
	log_mark="$MARK mark $log_marks."
	echo "$log_mark" >/dev/kmsg
}

# logs REGEX: since the last log_from_here dcryptfs said this one line, and none but
# this. It may say it again: the kernel reads a page that failed in readahead again.
logs()
{
	local said

	said=$(dmesg_since "$log_mark" | grep -o 'dcryptfs: .*' | uniq || true)
	[[ $said =~ $1 ]] || fail "expected '$1' in the kernel's log; it says: ${said:-nothing}"
	[[ $said != *$'\n'* ]] || fail "more than a line in the kernel's log: $said"
}

key_id()
{
	dcryptfs status "${1:-$LOWER_DIR}" | sed -n 's/^key id: //p'
}

# -- a lower device that can fail ----------------------------------------------

# shellcheck disable=SC2034 # for cases
FAULTY=/dev/mapper/faulty
export DM_DISABLE_UDEV=1

# faulty_setup MIB: the device, at the beginning of the scratch disk.
faulty_setup()
{
	need_module dm-mod
	faulty_sectors=$(($1 * 2048))
	ok dmsetup create faulty --table "0 $faulty_sectors linear $SCRATCH 0"
	before_unmounting faulty_repair
	after_unmounting faulty_remove
}

# faulty_table TABLE: what comes now goes by another table. Nothing is written out
# or waited for, so it may be in the middle of what the filesystem does.
faulty_table()
{
	ok dmsetup suspend --nolockfs --noflush faulty
	ok dmsetup load faulty --table "0 $faulty_sectors $1"
	ok dmsetup resume faulty
}

faulty_break()
{
	faulty_table error
}

# Reads go on, writes fail.
faulty_break_writes()
{
	need_module dm-flakey
	faulty_table "flakey $SCRATCH 0 0 3600 1 error_writes"
}

faulty_repair()
{
	faulty_table "linear $SCRATCH 0"
}

faulty_remove()
{
	dmsetup remove --retry faulty
}

# -- memory that runs out --------------------------------------------------------

# with_faults PROBABILITY COMMAND...: of the command's allocations of memory that
# dcryptfs makes, or has others make below it, so many in a hundred fail; not those
# of the lower filesystem itself, which may stop working when it is refused memory.
# Only debug kernels do that.
with_faults()
{
	local probability=$1 status=0 within without kind

	shift
	[[ -d /sys/kernel/debug/failslab ]] || skip "this kernel lets no allocation fail"
	within=$(code_of dcryptfs)
	without=$(code_of "$FS")
	for kind in failslab fail_page_alloc; do
		fault_setting "$kind" interval 1
		fault_setting "$kind" times -1
		fault_setting "$kind" space 0
		fault_setting "$kind" verbose 0
		fault_setting "$kind" task-filter Y
		fault_setting "$kind" ignore-gfp-wait N
		fault_setting "$kind" stacktrace-depth 32
		fault_setting "$kind" require-start "${within% *}"
		fault_setting "$kind" require-end "${within#* }"
		fault_setting "$kind" reject-start "${without% *}"
		fault_setting "$kind" reject-end "${without#* }"
		fault_setting "$kind" probability "$probability"
	done
	fault_setting fail_page_alloc ignore-gfp-highmem N
	fault_setting fail_page_alloc min-order 0
	(
		echo 1 >/proc/self/make-it-fail
		exec "$@"
	) || status=$?
	for kind in failslab fail_page_alloc; do
		fault_setting "$kind" probability 0
	done
	return "$status"
}

fault_setting()
{
	echo "$3" >"/sys/kernel/debug/$1/$2" || fail "$1/$2 is not $3"
}

# Prints the first and the last address of a module's functions; of none, if that
# is built in.
code_of()
{
	local addresses

	mapfile -t addresses < <(awk -v module="[$1]" '
		$4 == module && tolower($2) == "t" { print $1 }' /proc/kallsyms | sort)
	if [[ ${#addresses[@]} -gt 0 ]]; then
		printf '0x%x 0x%x\n' "$((0x${addresses[0]}))" "$((0x${addresses[-1]} + 4096))"
	else
		echo "0x0 0x0"
	fi
}

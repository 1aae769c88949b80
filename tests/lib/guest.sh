# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What kernel cases are written in. A case is a bash script that begins with
#
#   . "$TESTS/lib/guest.sh"
#
# and passes only if every command in it succeeds. What it set up with the
# functions here is taken down when it ends; what it set up otherwise it has to
# take down itself. The judge (judge.sh) looks at what is left and at the kernel's
# log. See tests/README.md.
#
# Given from outside: TESTS, TOP, SCRATCH (a disk to do anything with), FORMAT and
# FS (what the table asks for), MARK (this case's mark in the kernel's log),
# GUEST_PROGRAMS (what only guests need: see tools/deps).
set -euo pipefail

LOWER=/mnt/lower           # where lower_setup mounts the lower filesystem
LOWER_DIR=$LOWER/volume    # the lower directory of the volume
UPPER=/mnt/upper           # where volume_mount mounts the volume
PASS=/mnt/passphrase       # a file with the passphrase of the volume
WORK=/mnt/work             # on a tmpfs, for files outside the volume

guest_mounts=()

# shellcheck source=tests/lib/lower.sh
. "$TESTS/lib/lower.sh"

# -- saying how it went ------------------------------------------------------

note()
{
	printf '%s\n' "# $*"
}

fail()
{
	printf 'FAILED: %s\n' "$*"
	local frame=0
	while caller "$frame"; do
		frame=$((frame + 1))
	done | awk '{ printf "  at %s:%s %s\n", $3, $1, $2 }'
	exit 1
}

skip()
{
	printf '%s\n' "$*" >"$SKIP_REASON"
	exit 77
}

# ok COMMAND...: it succeeds.
ok()
{
	"$@" || fail "exit status $? of: $*"
}

# expect_fail COMMAND...: it ends with an error, not by a signal.
expect_fail()
{
	local status=0

	"$@" || status=$?
	[[ $status -ne 0 ]] || fail "succeeded: $*"
	[[ $status -lt 126 ]] || fail "exit status $status of: $*"
}

# expect_errno EIO COMMAND...: it ends with an error, and says this one. Where
# filesystems differ, EIO/EFBIG.
expect_errno()
{
	local errno text output status=0

	output=$("${@:2}" 2>&1) || status=$?
	[[ $status -ne 0 ]] || fail "succeeded instead of $1: ${*:2}"
	for errno in ${1//\// }; do
		text=$(errno_text "$errno")
		[[ $output != *"$text"* && $output != *"$errno"* ]] || return 0
	done
	fail "expected $1 ($text) of: ${*:2}; it said: $output"
}

errno_text()
{
	local name text

	while read -r name text; do
		[[ $name != "$1" ]] || { printf '%s\n' "$text"; return; }
	done <<-'LIST'
		EACCES Permission denied
		EBADF Bad file descriptor
		EBUSY Device or resource busy
		E2BIG Argument list too long
		EDQUOT Disk quota exceeded
		EEXIST File exists
		EFBIG File too large
		EINVAL Invalid argument
		EIO Input/output error
		EISDIR Is a directory
		ELOOP Too many levels of symbolic links
		EKEYREJECTED Key was rejected by service
		ENAMETOOLONG File name too long
		ENODATA No data available
		ENODEV No such device
		ENOENT No such file or directory
		ENOKEY Required key not available
		ENOSPC No space left on device
		ENOTDIR Not a directory
		ENOTEMPTY Directory not empty
		EOPNOTSUPP Operation not supported
		EPERM Operation not permitted
		EROFS Read-only file system
		ESTALE Stale file handle
		ETXTBSY Text file busy
		EXDEV Invalid cross-device link
	LIST
	fail "errno_text does not know $1"
}

# equal EXPECTED ACTUAL WHAT
equal()
{
	[[ $1 == "$2" ]] || fail "$3: expected '$1', got '$2'"
}

# same FILE FILE: the same bytes.
same()
{
	cmp "$1" "$2" || fail "$1 and $2 differ"
}

# random_file FILE BYTES
random_file()
{
	head -c "$2" /dev/urandom >"$1"
}

# repeated TEXT BYTES: that many bytes of lines of TEXT.
repeated()
{
	head -c "$2" < <(yes "$1")
}

# as_nobody COMMAND...: as a user without rights.
as_nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# all_cpus COMMAND...: on all CPUs of the guest; scripts have only one of them.
all_cpus()
{
	taskset -c "0-$(($(getconf _NPROCESSORS_ONLN) - 1))" "$@"
}

# -- what a case needs -------------------------------------------------------

# Skips the case where a program is missing that its "# needs:" line names.
check_needs()
{
	local needs need

	read -ra needs < <(sed -nE '/^#/!q; s/^# needs: *//p' "$CASE") || return 0
	for need in "${needs[@]}"; do
		command -v "$need" >/dev/null || skip "no $need here"
	done
}

need_module()
{
	modprobe -q "$1" || skip "this kernel has no module $1"
}

# -- the kernel's log --------------------------------------------------------

dmesg_since()
{
	kernel_log_since "${1:-$MARK}"
}

# expect_log REGEX: the kernel said this since the case began.
expect_log()
{
	dmesg_since | grep -E -- "$1" || fail "the kernel's log has no line like: $1"
}

expect_no_log()
{
	! dmesg_since | grep -E -- "$1" || fail "the kernel's log has a line like: $1"
}

# -- the volume --------------------------------------------------------------

# On the format "bare" there is no dcryptfs at all: the cases then run on the
# lower filesystem itself, which shows whether they are right about it.
encrypted()
{
	[[ $FORMAT != bare ]]
}

passphrase()
{
	[[ -e $PASS ]] || (umask 077; echo "correct horse battery staple" >"$PASS")
}

# is_locked 0|1: whether the one mount that there is has lost its keys.
is_locked()
{
	equal "$1" "$(cat /sys/fs/dcryptfs/*/locked)" "locked"
}

# How the volume stores names: the format says so, if NAMES does not.
names_mode()
{
	case ${NAMES:-$FORMAT} in
	*plain) echo plain ;;
	*) echo encrypted ;;
	esac
}

# volume_init [OPTION...]: makes $LOWER_DIR a volume. The key derivation is made
# cheap: what is tested is not it.
volume_init()
{
	passphrase
	mkdir -p "$LOWER_DIR"
	encrypted || return 0
	ok dcryptfs init "$LOWER_DIR" --passphrase-file "$PASS" --scrypt-log2n 10 \
		--names "$(names_mode)" "$@" >/dev/null
}

# volume_mount [MOUNT-OPTION,...]
volume_mount()
{
	mkdir -p "$UPPER"
	if encrypted; then
		ok mount -t dcryptfs -o "cipher=aes-256-xts,passphrase_file=$PASS${1:+,$1}" \
			"$LOWER_DIR" "$UPPER"
	else
		ok mount --bind ${1:+-o "$1"} "$LOWER_DIR" "$UPPER"
	fi
	guest_mounts+=("$UPPER")
}

volume_umount()
{
	ok umount "$UPPER"
	forget_mount "$UPPER"
}

volume_remount()
{
	volume_umount
	drop_caches
	volume_mount "$@"
}

# volume_setup: a fresh lower filesystem with a fresh volume, mounted.
volume_setup()
{
	lower_setup
	volume_init
	volume_mount
}

# lower_of UPPER-PATH: the lower file of an upper one.
lower_of()
{
	if encrypted && [[ $(names_mode) == encrypted ]]; then
		dcryptfs path "$LOWER_DIR" "${1#"$UPPER"}" --passphrase-file "$PASS"
	else
		printf '%s\n' "$LOWER_DIR${1#"$UPPER"}"
	fi
}

# lower_size SIZE: the size of the lower file of an upper one of that size.
lower_size()
{
	local rest=$(($1 % 4096))

	if ! encrypted || [[ $1 -eq 0 ]]; then
		echo "$1"
	else
		echo $((rest == 0 ? $1 + 4096 : $1 + 8192))
	fi
}

# read_lower UPPER-PATH: the file's plaintext by the independent reader, which
# knows nothing of the kernel. What is cached above is not in it.
read_lower()
{
	if encrypted; then
		dcryptfs cat "$(lower_of "$1")" --passphrase-file "$PASS"
	else
		cat "$(lower_of "$1")"
	fi
}

# check_lower FILE UPPER-PATH: the upper file, once it is written out, holds what
# FILE holds, in the size and in the bytes that the format document demands.
check_lower()
{
	sync "$2"
	equal "$(lower_size "$(stat -c %s "$1")")" "$(stat -c %s "$(lower_of "$2")")" "lower size of $2"
	read_lower "$2" | cmp "$1" - || fail "the lower file of $2 does not decrypt to $1"
}

# alike FUNCTION: the function, called in an empty directory, prints the same in the
# volume as on the lower filesystem itself. In it, "try" is for what may fail.
alike()
{
	local upper=$UPPER/alike lower=$LOWER/alike

	mkdir "$upper" "$lower"
	note "alike: $1"
	(cd "$lower" && "$1") >"$WORK/expected" 2>&1 || fail "$1 on the lower filesystem: $(<"$WORK/expected")"
	(cd "$upper" && "$1") >"$WORK/got" 2>&1 || fail "$1: $(<"$WORK/got")"
	cat "$WORK/expected"
	[[ -s $WORK/expected ]] || fail "$1 prints nothing"
	diff -u "$WORK/expected" "$WORK/got" || fail "$1: the volume is not like the lower filesystem"
	rm -rf "$upper" "$lower"
}

# try COMMAND...: prints what it prints, and how it ended if that was not well.
try()
{
	"$@" 2>&1 || echo "exit status $? of: $*"
}

# lower_inode UPPER-PATH: its lower file, found by its number, whatever it is called.
lower_inode()
{
	local inode found

	inode=$(stat -c %i "$1")
	found=$(find "$LOWER_DIR" -inum "$inode" -print -quit)
	[[ -n $found ]] || fail "$1 has no lower file"
	printf '%s\n' "$found"
}

drop_caches()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

# -- the end of a case -------------------------------------------------------

forget_mount()
{
	local kept=() mount

	for mount in "${guest_mounts[@]}"; do
		[[ $mount == "$1" ]] || kept+=("$mount")
	done
	guest_mounts=("${kept[@]}")
}

# Takes down what was set up here, last first. A mount that is busy then is a
# failure of the case: the judge sees it.
guest_end()
{
	local status=$? i

	trap - EXIT
	cd /
	for ((i = ${#guest_mounts[@]} - 1; i >= 0; i--)); do
		[[ ${guest_mounts[i]} != "$EXPORT" ]] || nfs_stop
		umount "${guest_mounts[i]}" || [[ $status -ne 0 && $status -ne 77 ]] || status=1
	done
	rm -rf "$WORK" "$PASS"
	exit "$status"
}

trap guest_end EXIT
trap 'echo "FAILED: exit status $? at $CASE:$LINENO"' ERR
check_needs
mkdir -p "$WORK"
cd "$WORK"

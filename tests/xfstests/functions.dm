# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Devices that lose writes or fail, below the lower filesystem. The guest's copies of
# common/dmflakey and common/dmerror end with this. Their functions make a device out
# of $SCRATCH_DEV, so they are called with the lower device there.
[[ $FSTYP == dcryptfs ]] || return 0

# dcryptfs_below FUNCTION...: calls it with the lower device as $SCRATCH_DEV, and what it
# makes of that is the lower device from then on.
dcryptfs_below()
{
	local volume=$SCRATCH_DEV status=0

	SCRATCH_DEV=$SCRATCH_LOWER_DEV
	"$@" || status=$?
	SCRATCH_LOWER_DEV=$SCRATCH_DEV
	SCRATCH_DEV=$volume
	return "$status"
}

# dcryptfs_wrap FUNCTION [COMMAND]: it is called that way from now on, after the command.
dcryptfs_wrap()
{
	declare -F "$1" >/dev/null && ! declare -F "dcryptfs_inner_$1" >/dev/null || return 0
	eval "dcryptfs_inner_$(declare -f "$1")"
	eval "$1() { ${2:-:}; dcryptfs_below dcryptfs_inner_$1 \"\$@\"; }"
}

# A device that is to go must hold nothing that is mounted.
dcryptfs_resume_and_umount()
{
	dmsetup resume "$1" >/dev/null 2>&1
	! mountpoint -q "$SCRATCH_MNT" || umount "$SCRATCH_MNT"
	dcryptfs_lower_umount SCRATCH
}

dcryptfs_wrap _require_dm_target
dcryptfs_wrap _init_flakey
dcryptfs_wrap _require_flakey_with_error_writes
# shellcheck disable=SC2016 # evaluated when it is called
dcryptfs_wrap _cleanup_flakey 'dcryptfs_resume_and_umount "$FLAKEY_NAME"'

dcryptfs_wrap _dmerror_setup
# shellcheck disable=SC2016
dcryptfs_wrap _dmerror_cleanup 'dcryptfs_resume_and_umount "$DMERROR_NAME"; dcryptfs_plain_again'

dcryptfs_plain_again()
{
	SCRATCH_LOWER_DEV=${dcryptfs_plain_dev:-$SCRATCH_LOWER_DEV}
}

_dmerror_mount()
{
	dcryptfs_plain_dev=${dcryptfs_plain_dev:-$SCRATCH_LOWER_DEV}
	SCRATCH_LOWER_DEV=$DMERROR_DEV
	_try_scratch_mount "$@"
}

_dmerror_unmount()
{
	_unmount "$SCRATCH_MNT" || return
	dcryptfs_lower_umount SCRATCH
	dcryptfs_plain_again
}

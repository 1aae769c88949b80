# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For cases that look at what a crash would leave: a lower ext4 on a small disk, and
# copies of that disk as it is at a moment. Sourced after faults.sh.

# crash_setup MIB [MOUNT-OPTION,...]: an ext4 of that size, mounted on $LOWER, and a
# place for copies of its disk.
crash_setup()
{
	crash_mib=$1
	faulty_setup "$crash_mib"
	mkdir -p "$LOWER" snap
	ok mkfs.ext4 -q -F -b 4096 -J size=4 -E lazy_itable_init=1,nodiscard "$FAULTY"
	ok mount ${2:+-o "$2"} "$FAULTY" "$LOWER"
	guest_mounts+=("$LOWER")
	ok dmsetup create copy --table "0 $faulty_sectors linear $SCRATCH $faulty_sectors"
	before_unmounting crash_end
}

crash_end()
{
	! mountpoint -q snap || umount snap
	dmsetup remove --retry copy
}

# Nothing goes to the disk by itself; with the mount option commit=3000.
crash_no_writeback()
{
	echo 360000 >/proc/sys/vm/dirty_expire_centisecs
	echo 360000 >/proc/sys/vm/dirty_writeback_centisecs
	before_unmounting crash_writeback
}

crash_writeback()
{
	echo 3000 >/proc/sys/vm/dirty_expire_centisecs
	echo 500 >/proc/sys/vm/dirty_writeback_centisecs
}

# crash_snapshot [PID]: the disk as it is now, mounted on "snap". What is on its way to
# the disk ends up there; what comes later does not. The process is stopped, before the
# disk goes on: looking at the copy is slow enough without it.
crash_snapshot()
{
	ok dmsetup suspend --nolockfs faulty
	ok dd if="$SCRATCH" of=/dev/mapper/copy bs=1M count="$crash_mib" iflag=direct oflag=direct status=none
	[[ $# -eq 0 ]] || kill -STOP "$1"
	ok dmsetup resume faulty
	ok mount /dev/mapper/copy snap
}

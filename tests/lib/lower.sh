# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The lower filesystem of a case: of the kind $FS, empty, at $LOWER. Sourced by
# guest.sh.

EXPORT=/mnt/export         # with FS=nfs: what the server of this guest exports
nfs_mountd=''

# lower_setup [DEVICE]
lower_setup()
{
	local device=${1:-$SCRATCH}

	mkdir -p "$LOWER"
	case $FS in
	tmpfs) ok mount -t tmpfs -o "size=${LOWER_SIZE:-512M}" tmpfs "$LOWER" ;;
	nfs) nfs_setup "$device" ;;
	*) lower_mount "$FS" "$device" "$LOWER" ;;
	esac
	guest_mounts+=("$LOWER")
}

# lower_mount TYPE DEVICE DIRECTORY: a new filesystem.
lower_mount()
{
	lower_mkfs "$1" "$2"
	ok mount -t "$1" ${LOWER_OPTIONS:+-o "$LOWER_OPTIONS"} "$2" "$3"
}

lower_mkfs()
{
	local size=${LOWER_SIZE:-512M}

	case $1 in
	ext4) ok mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1,nodiscard \
		${LOWER_MKFS:+$LOWER_MKFS} "$2" "$size" ;;
	xfs) ok mkfs.xfs -q -f -K -d "size=$size" "$2" ;;
	btrfs) ok mkfs.btrfs -q -f -K -m single -b "$size" "$2" ;;
	*) fail "no mkfs for $1" ;;
	esac
}

# reference_setup [own]: an ext4 to compare with, at $REFERENCE, whatever lies below;
# that of the volume, if it is one and no own one is asked for.
reference_setup()
{
	REFERENCE=$LOWER
	[[ $FS != ext4 || -n ${1-} ]] || return 0
	need_module loop
	REFERENCE=$WORK/ext4
	mkdir "$REFERENCE"
	truncate -s 64M "$WORK/ext4.image"
	ok mkfs.ext4 -q -F "$WORK/ext4.image"
	ok mount -o loop "$WORK/ext4.image" "$REFERENCE"
	guest_mounts+=("$REFERENCE")
}

# lower_can THING: whether the lower filesystem has it: exchange (and other flags of
# renaming), tmpfile (files without a name), flags (of chattr), preallocate (without
# making the file longer).
lower_can()
{
	[[ $FS != nfs || " exchange tmpfile flags preallocate " != *" $1 "* ]]
}

# -- NFS -----------------------------------------------------------------------
#
# Server and client are one kernel: a directory on ext4, exported and mounted over
# the loopback interface by version 4.2. A case can have another one exported, with
# EXPORT, nfs_programs and nfs_serve.

nfs_setup()
{
	nfs_programs
	mkdir -p "$EXPORT"
	LOWER_OPTIONS='' lower_mount ext4 "$1" "$EXPORT"
	guest_mounts+=("$EXPORT")
	nfs_serve
	ok mount -t nfs4 -o "vers=4.2,proto=tcp${LOWER_OPTIONS:+,$LOWER_OPTIONS}" 127.0.0.1:/ "$LOWER"
}

# They are not installed on the host (see tools/deps), but unpacked in its cache.
nfs_programs()
{
	command -v rpc.nfsd >/dev/null || cp -rsn "$GUEST_PROGRAMS/." /
	command -v rpc.nfsd >/dev/null || fail "no rpc.nfsd, neither here nor in $GUEST_PROGRAMS"
}

nfs_serve()
{
	need_module nfsd
	ok busybox ip link set lo up
	ok mount -t nfsd nfsd /proc/fs/nfsd
	mkdir -p /var/lib/nfs/v4recovery
	touch /etc/exports /var/lib/nfs/etab /var/lib/nfs/rmtab
	ok exportfs -o rw,sync,no_root_squash,no_subtree_check,insecure,fsid=0 "127.0.0.1:$EXPORT"
	rpc.mountd --foreground --no-nfs-version 2 --no-nfs-version 3 &
	nfs_mountd=$!
	ok rpc.nfsd --no-nfs-version 3 --lease-time 10 --grace-time 10 4
	# There is no client that a lock could be kept for.
	echo Y >/proc/fs/nfsd/v4_end_grace
}

# Before the exported filesystem is unmounted, after the client's mount is gone;
# also of a server that was not started to the end.
nfs_stop()
{
	mountpoint -q /proc/fs/nfsd || return 0
	echo 0 >/proc/fs/nfsd/threads
	exportfs -ua || :
	exportfs -f || :
	if [[ -n $nfs_mountd ]]; then
		kill "$nfs_mountd" || :
		wait "$nfs_mountd" 2>/dev/null || :
	fi
	umount /proc/fs/nfsd
}

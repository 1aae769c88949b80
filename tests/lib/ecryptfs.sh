# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For cases about eCryptfs volumes: the kernel's own eCryptfs, which is the
# reference, and dcryptfs on the same lower directory, one after the other. Sourced
# after guest.sh.

# shellcheck disable=SC2034 # for the cases
LOWER_DIR=$LOWER/ecryptfs
STOCK=/mnt/stock           # where stock_mount mounts
SIG=''                     # of the key that mounts use
KEY_OPTIONS=ecryptfs_cipher=aes,ecryptfs_key_bytes=16

encrypted || skip "is about dcryptfs"

# ecryptfs_setup [DEVICE]: the lower filesystem, the stock module, and a key.
ecryptfs_setup()
{
	need_module ecryptfs
	lower_setup "$@"
	mkdir -p "$LOWER_DIR" "$STOCK" "$UPPER"
	# A session that links to the user's keyring, as at a login.
	keyctl link @u @s
	add_key "correct horse"
	SIG=$ADDED
}

# add_key PASSPHRASE: leaves its signature in ADDED.
add_key()
{
	ADDED=$(printf %s "$1" | ecryptfs-add-passphrase - |
		sed -n 's/^Inserted auth tok with sig \[\([0-9a-f]*\)\].*/\1/p')
	[[ -n $ADDED ]] || fail "ecryptfs-add-passphrase printed no signature"
}

# drop_key SIG
drop_key()
{
	ok keyctl unlink "$(keyctl search @u user "$1")" @u
}

# stock_mount [OPTION,...]
stock_mount()
{
	ok mount -i -t ecryptfs -o "ecryptfs_sig=$SIG,${1:-$KEY_OPTIONS}" "$LOWER_DIR" "$STOCK"
	guest_mounts+=("$STOCK")
}

stock_umount()
{
	ok umount -i "$STOCK"
	forget_mount "$STOCK"
}

# upper_mount [OPTION,...]: by dcryptfs.
upper_mount()
{
	ok mount -i -t dcryptfs -o "ecryptfs_sig=$SIG,${1:-$KEY_OPTIONS}" "$LOWER_DIR" "$UPPER"
	guest_mounts+=("$UPPER")
}

upper_umount()
{
	volume_umount
}

# check_ecryptfs_size FILE LOWER-FILE: the size that eCryptfs gives a lower file.
check_ecryptfs_size()
{
	local size

	size=$(stat -c %s "$1")
	equal $((8192 + (size + 4095) / 4096 * 4096)) "$(stat -c %s "$2")" "lower size of $2"
}

# same_direct FILE UPPER-FILE: the same bytes, read directly.
same_direct()
{
	ok dd if="$2" of="$WORK/direct" bs=64k iflag=direct status=none
	same "$1" "$WORK/direct"
}

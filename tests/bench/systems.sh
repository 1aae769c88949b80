# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The systems that are measured, in a guest. Each has all of $DISK in its turn:
# up_NAME puts it there, with ext4 under it or above it, and sets DIR to where its
# files are; down takes it away again.

LOWER=/mnt/lower
UPPER=/mnt/upper
PASS=/mnt/passphrase
MAPPED=bench
# As much of a large disk is used as this, in bytes.
DISK_BYTES=$((8 << 30))

# name               measured how      names  quick
SYSTEMS="
ext4                 buffered,direct   names  quick
overlayfs            buffered,direct   -      -
dm-crypt             buffered,direct   -      -
dm-crypt-4k          buffered,direct   -      -
ecryptfs             buffered          names  quick
fscrypt              buffered,direct   names  -
gocryptfs            buffered,direct   -      -
dcryptfs             buffered,direct   names  quick
dcryptfs-ecryptfs    buffered,direct   names  quick
"

undo=()
# 0: what is on the disk is kept.
FRESH=1

# later COMMAND...: down does it, last first.
later()
{
	undo+=("${*@Q}")
}

# up NAME
up()
{
	mkdir -p "$LOWER" "$UPPER"
	"up_${1//-/_}"
}

down()
{
	local i

	for ((i = ${#undo[@]} - 1; i >= 0; i--)); do
		eval "${undo[i]}"
	done
	undo=()
}

# again NAME: the same files under a new mount.
again()
{
	down
	FRESH=0 up "$1"
}

# fresh COMMAND...
fresh()
{
	[[ $FRESH -eq 0 ]] || "$@"
}

make_ext4()
{
	local device=$1 bytes

	bytes=$(blockdev --getsize64 "$device")
	[[ $bytes -le $DISK_BYTES ]] || bytes=$DISK_BYTES
	modprobe ext4
	fresh mkfs.ext4 -q -F -b 4096 -i 16384 -O encrypt \
		-E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "$device" "$((bytes >> 10))k"
	mount -o noatime "$device" "$LOWER"
	later umount "$LOWER"
	mkdir -p "$LOWER/files"
}

up_ext4()
{
	make_ext4 "$DISK"
	DIR=$LOWER/files
}

up_overlayfs()
{
	make_ext4 "$DISK"
	mkdir "$LOWER/upper" "$LOWER/work"
	mount -t overlay -o "noatime,lowerdir=$LOWER/files,upperdir=$LOWER/upper,workdir=$LOWER/work" \
		overlay "$UPPER"
	later umount "$UPPER"
	DIR=$UPPER
}

# luks SECTOR-BYTES [OPTION...]: what cryptsetup does by default, but for the key
# derivation, which is made cheap, and what is given.
luks()
{
	cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
		--sector-size "$1" --key-file "$PASS" "$DISK"
	cryptsetup open --key-file "$PASS" "${@:2}" "$DISK" "$MAPPED"
	later cryptsetup close "$MAPPED"
	make_ext4 "/dev/mapper/$MAPPED"
	DIR=$LOWER/files
}

up_dm_crypt()
{
	luks 512
}

up_dm_crypt_4k()
{
	luks 4096 --perf-no_read_workqueue --perf-no_write_workqueue
}

# Its key and that of its names are made from the passphrase, as ecryptfs-utils does.
# up_ecryptfs [TYPE]: a volume of eCryptfs by the kernel's own, or by dcryptfs.
up_ecryptfs()
{
	local sigs options

	modprobe ecryptfs
	make_ext4 "$DISK"
	mapfile -t sigs < <(printf passphrase | ecryptfs-add-passphrase --fnek - |
		sed -nE 's/^Inserted auth tok with sig \[([0-9a-f]{16})\].*/\1/p')
	options="noatime,ecryptfs_sig=${sigs[0]},ecryptfs_fnek_sig=${sigs[1]}"
	mount -i -t "${1:-ecryptfs}" -o "$options,ecryptfs_cipher=aes,ecryptfs_key_bytes=32" \
		"$LOWER/files" "$UPPER"
	later umount -i "$UPPER"
	DIR=$UPPER
}

up_dcryptfs_ecryptfs()
{
	have_module
	up_ecryptfs dcryptfs
}

up_fscrypt()
{
	modprobe -a cts xts
	make_ext4 "$DISK"
	fscryptdir "$LOWER/files"
	DIR=$LOWER/files
}

# Its server goes a moment after its mount.
gocryptfs_gone()
{
	while pgrep -x gocryptfs >/dev/null; do
		sleep 0.1
	done
}

up_gocryptfs()
{
	modprobe fuse
	make_ext4 "$DISK"
	gocryptfs -init -q -scryptn 10 -passfile "$PASS" "$LOWER/files"
	gocryptfs -q -passfile "$PASS" "$LOWER/files" "$UPPER"
	later gocryptfs_gone
	later umount "$UPPER"
	DIR=$UPPER
}

have_module()
{
	[[ -d /sys/module/dcryptfs ]] || load_module
}

up_dcryptfs()
{
	have_module
	make_ext4 "$DISK"
	fresh dcryptfs init "$LOWER/files" --passphrase-file "$PASS" --scrypt-log2n 10 >/dev/null
	mount -t dcryptfs -o "noatime,cipher=aes-256-xts,passphrase_file=$PASS" "$LOWER/files" "$UPPER"
	later umount "$UPPER"
	DIR=$UPPER
}

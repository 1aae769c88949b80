# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For cases that open a volume in several ways. Sourced after guest.sh.
# shellcheck disable=SC2034 # for the cases

# Slots that open fast.
cheap=(--kdf scrypt --kdf-time 10)

# A volume with one file, which is not mounted.
slots_setup()
{
	volume_setup
	echo content >"$UPPER/file"
	volume_umount
}

# mounts_by OPTION: with this the volume is mounted, and shows what it held.
mounts_by()
{
	ok mount -t dcryptfs -o "$1" "$LOWER_DIR" "$UPPER"
	guest_mounts+=("$UPPER")
	equal content "$(cat "$UPPER/file")" "content by ${1%%=*}"
	equal file "$(ls -A "$UPPER")" "what shows above"
	volume_umount
}

# slot COMMAND OPTION...
slot()
{
	dcryptfs slot "$1" "$LOWER_DIR" --passphrase-file "$PASS" "${@:2}"
}

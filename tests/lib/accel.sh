# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Which accelerator a guest runs on. Sourced after qemu.sh.

# Prints kvm or tcg for KERNEL. That /dev/kvm is there says little: a nested or
# restricted one may hang a stock kernel. So it is tried once per boot of this
# machine and kernel, and the answer kept in the cache.
choose_accel()
{
	local kernel=$1 release verdict

	if [[ ! -w /dev/kvm ]]; then
		echo tcg
		return
	fi
	release=$("$DCRYPTFS_TOP/tools/kernel" --cached --get release "$kernel")
	verdict=$DCRYPTFS_CACHE/accel/$(cat /proc/sys/kernel/random/boot_id)-$release
	if [[ ! -s $verdict ]]; then
		mkdir -p "${verdict%/*}"
		say "/dev/kvm is there: trying whether $release boots with it"
		if boots_with_kvm "$kernel"; then echo kvm; else echo tcg; fi >"$verdict.$$"
		mv "$verdict.$$" "$verdict"
	fi
	cat "$verdict"
}

boots_with_kvm()
(
	run=$(mktemp -d)
	trap 'guest_stop; rm -rf "$run"' EXIT
	guest_config "$run" "$1" script true
	guest_start "$1" kvm "$run"
	guest_read "${KVM_TRIAL_SECONDS:-15}" && [[ $report == BOOTED* ]]
)

accel_name()
{
	case $1 in
	kvm) echo "KVM" ;;
	icount) echo "software emulation (TCG), counting instructions" ;;
	*) echo "software emulation (TCG)" ;;
	esac
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Starting and stopping a guest. Sourced by the programs on the host's side.
#
# A guest has a run directory: a directory of the host that both sides see under
# the same path. It holds
#   config      what the guest is to do, as shell assignments
#   console     all that the guest's console shows
#   verdict.*   the channel by which the guest reports, apart from the console
#   memory.*    the channel by which it asks for a search of its memory: memory.sh
#   monitor.*   QEMU's monitor
#   disk        the lower device, a sparse file

# shellcheck source=tests/lib/memory.sh
. "$DCRYPTFS_TOP/tests/lib/memory.sh"

guest_pid=''
# A device of the host's that is the guest's as well, with the serial "device"; or none.
GUEST_DEVICE=${GUEST_DEVICE-}
GUEST_CPUS=${GUEST_CPUS:-2}

# An eighth of it is KASAN's in a debug kernel.
guest_memory()
{
	case $1 in
	*-debug) echo "${GUEST_MEMORY:-3G}" ;;
	*) echo "${GUEST_MEMORY:-2G}" ;;
	esac
}

# Prints the options for accelerator $1.
accel_options()
{
	case $1 in
	kvm) printf '%s\n' -accel kvm -cpu host ;;
	# A guest nanosecond is an instruction: a figure repeats on any machine.  Without
	# the strings of bytes that a CPU moves by one instruction (erms, fsrm), each byte
	# of which would count as one here, and copying as much as encrypting.
	icount) printf '%s\n' -accel tcg -icount shift=0,sleep=off -cpu max,la57=off,erms=off,fsrm=off ;;
	# Five-level page tables are off: they only slow emulation down.
	*) printf '%s\n' -accel tcg,thread=multi -cpu max,la57=off ;;
	esac
}

# Tests go without the mitigations of CPUs' flaws, for speed; what is counted has
# them, as in any stock kernel.
accel_words()
{
	[[ $1 == icount ]] || echo mitigations=off
}

# guest_options KERNEL ACCEL RUN: fills guest_command.
guest_options()
{
	local kernel=$1 accel=$2 run=$3 cpus=$GUEST_CPUS

	[[ $accel != icount ]] || cpus=1
	mapfile -t guest_command < <(accel_options "$accel")
	# shellcheck disable=SC2054 # commas are part of QEMU's options
	guest_command=(
		qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot
		"${guest_command[@]}" -smp "$cpus" -m "$(guest_memory "$kernel")"
		-kernel "$("$DCRYPTFS_TOP/tools/kernel" --cached --get vmlinuz "$kernel")"
		-initrd "$run/initramfs"
		-append "$(guest_command_line "$kernel" "$run") $(accel_words "$accel")"
		-fsdev "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap"
		-device virtio-9p-pci,fsdev=host,mount_tag=host
		-fsdev "local,id=run,path=$run,security_model=none"
		-device virtio-9p-pci,fsdev=run,mount_tag=run
		-drive "if=none,id=disk,format=raw,file=$run/disk,cache=unsafe,discard=unmap,detect-zeroes=off"
		-device virtio-blk-pci,drive=disk,serial=scratch
		-object rng-random,id=rng,filename=/dev/urandom -device virtio-rng-pci,rng=rng
		-device virtio-serial-pci
		-chardev "pipe,id=verdict,path=$run/verdict"
		-device virtserialport,chardev=verdict,name=verdict
		-chardev "pipe,id=memory,path=$run/memory"
		-device virtserialport,chardev=memory,name=memory
		-chardev "pipe,id=monitor,path=$run/monitor"
		-mon chardev=monitor,mode=control
	)
	# shellcheck disable=SC2054 # as above
	[[ -z $GUEST_DEVICE ]] || guest_command+=(
		-drive "if=none,id=device,format=raw,file=${GUEST_DEVICE//,/,,},cache=none,aio=native"
		-device virtio-blk-pci,drive=device,serial=device
	)
}

# norandmaps: emulation finds its translation of a program's code again when the
# program is started again at the same addresses, which is three times as quick.
#
# acpi=noirq: with all that a debug kernel does for each allocation, it would spend
# 10 to 30 seconds in ACPI's interpreter for the interrupt of each device, which
# isn't used, as all of them have MSI-X.
#
# trace_options=norecord-cmd: else, when a case enables a trace event, the kernel
# would change the code of its scheduler while it runs, to keep the names of tasks;
# and an emulated CPU may then go by what it has translated before, and die of it.
guest_command_line()
{
	printf '%s ' console=ttyS0 loglevel=5 panic=-1 oops=panic log_buf_len=4M \
		trace_options=norecord-cmd \
		random.trust_cpu=1 nokaslr norandmaps \
		"RUN=$2" "TOP=$DCRYPTFS_TOP" "TERM=${TERM:-dumb}"
	[[ $1 != *-debug ]] || printf '%s ' acpi=noirq
	printf '%s' "${DCRYPTFS_KERNEL_ARGS-}"
}

# guest_prepare KERNEL RUN: makes what a guest boots from.
guest_prepare()
{
	local kernel=$1 run=$2 channels

	"$DCRYPTFS_TOP/tests/qemu/initramfs" "$kernel" "$run/initramfs"
	channels=("$run"/{verdict,memory,monitor}.{in,out})
	rm -f "$run/disk" "${channels[@]}"
	truncate -s "${GUEST_DISK:-4G}" "$run/disk"
	mkfifo "${channels[@]}"
}

# guest_start KERNEL ACCEL RUN: boots in the background; sets guest_pid, and
# guest_verdict to a descriptor on which the guest's reports are read.
guest_start()
{
	local guest_command

	guest_prepare "$1" "$3"
	guest_options "$1" "$2" "$3"
	# For reading and writing: so neither side waits for the other to open.
	exec {guest_verdict}<>"$3/verdict.out"
	"${guest_command[@]}" -serial "file:$3/console" </dev/null >"$3/qemu" 2>&1 &
	guest_pid=$!
	memory_start "$3"
}

# guest_attach KERNEL ACCEL RUN: boots with its console on this terminal.
guest_attach()
{
	local guest_command

	guest_prepare "$1" "$3"
	guest_options "$1" "$2" "$3"
	"${guest_command[@]}" -chardev stdio,id=console,mux=off,signal=off \
		-serial chardev:console
}

guest_alive()
{
	[[ -n $guest_pid ]] && kill -0 "$guest_pid" 2>/dev/null
}

guest_stop()
{
	[[ -n $guest_pid ]] || return 0
	kill -KILL "$guest_pid" 2>/dev/null || true
	wait "$guest_pid" 2>/dev/null || true
	memory_stop
	exec {guest_verdict}>&-
	guest_pid=''
}

# guest_read SECONDS: reads one report into the variable report. Returns 1 when
# the guest died, 2 when the time was over.
guest_read()
{
	local end=$((SECONDS + $1)) part

	report=''
	while ! IFS= read -r -t 1 -u "$guest_verdict" part; do
		report+=$part
		if ! guest_alive; then
			# What it wrote last may still be in the pipe.
			IFS= read -r -t 0.2 -u "$guest_verdict" part || return 1
			break
		fi
		[[ $SECONDS -lt $end ]] || return 2
	done
	report+=$part
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Memory that was lost, by the word of a debug kernel's kmemleak. On others these
# functions do nothing. Sourced in a guest.

KMEMLEAK=/sys/kernel/debug/kmemleak

# What was lost before the first case is not ours.
memleak_begin()
{
	mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug || return
	[[ -w $KMEMLEAK ]] || return 0
	echo scan >"$KMEMLEAK"
	echo scan >"$KMEMLEAK"
	echo clear >"$KMEMLEAK"
}

# Before the module goes: its functions, to name them in the report.
memleak_remember()
{
	[[ ! -w $KMEMLEAK ]] || grep -F '[dcryptfs]' /proc/kallsyms | sort >/dev/shm/symbols || :
}

# Once the case has ended and the module is gone, so that nothing is excused by a
# pointer in it: prints what was lost. What is younger than five seconds is not
# looked at, and what changed since the last scan is not reported by this one.
memleak_report()
{
	[[ -w $KMEMLEAK ]] || return 0
	sleep 5.5
	echo scan >"$KMEMLEAK"
	echo scan >"$KMEMLEAK"
	while IFS= read -r line; do
		printf '%s%s\n' "$line" "$(name_of_address "$line")"
	done <"$KMEMLEAK"
	echo clear >"$KMEMLEAK"
}

# For a line with an address that the kernel could not name, as the module is gone.
name_of_address()
{
	local at address name best='' offset

	[[ $1 =~ 0x(ffffffff[0-9a-f]{8})($|[^0-9a-f]) && -s /dev/shm/symbols ]] || return 0
	at=$((0x${BASH_REMATCH[1]}))
	while read -r address _ name _; do
		address=$((0x$address))
		[[ $address -le $at ]] || break
		best=$name
		offset=$((at - address))
	done </dev/shm/symbols
	[[ -z $best || $offset -gt 65535 ]] || printf '  %s+0x%x' "$best" "$offset"
}

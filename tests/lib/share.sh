# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Which cases of a run are whose. Several workers drive a guest each. Every one has
# a part of a kernel's plan, and when it is through takes half of what another has
# left; so they are all done at about the same time. Sourced by tests/run, whose
# variables it uses.
#
# $work/part.WORKER holds "KERNEL AT END": of that kernel's plan the worker has the
# cases from number AT, which is the next that it begins, to before END. Read and
# written under a lock, with locked.

locked()
{
	(
		flock 9
		"$@"
	) 9>>"$work/parts.lock"
}

# set_part WORKER KERNEL AT END
set_part()
{
	printf '%s %s %s\n' "$2" "$3" "$4" >"$work/part.$1"
}

# claim_case WORKER NUMBER: the worker begins a case. False if it isn't its own any more.
claim_case()
{
	local kernel at end

	read -r kernel at end <"$work/part.$1"
	[[ $2 -ge $at && $2 -lt $end ]] && set_part "$1" "$kernel" $(($2 + 1)) "$end"
}

# claim_rest WORKER: the numbers of the cases that it has left, which are taken from it.
claim_rest()
{
	local kernel at end

	read -r kernel at end <"$work/part.$1"
	set_part "$1" "$kernel" "$end" "$end"
	seq "$at" $((end - 1))
}

# part_left WORKER: how many cases it has left.
part_left()
{
	local at end

	read -r _ at end <"$work/part.$1"
	echo $((end - at))
}

# share_part WORKER: gives it half of what the one with most left has left. False
# if none has two.
share_part()
{
	local other has from='' kernel at end middle left=1

	for other in "$work"/part.*; do
		other=${other##*.}
		has=$(part_left "$other")
		[[ $has -gt $left ]] || continue
		from=$other
		left=$has
	done
	[[ -n $from ]] || return
	read -r kernel at end <"$work/part.$from"
	middle=$((end - left / 2))
	set_part "$from" "$kernel" "$at" "$middle"
	set_part "$1" "$kernel" "$middle" "$end"
}

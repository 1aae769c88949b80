# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A cgroup for a case, at $GROUP. Sourced by cases, after guest.sh and faults.sh.

groups=/mnt/cgroup
GROUP=$groups/case

# group_setup CONTROLLER...: with these, until all is unmounted.
group_setup()
{
	mkdir "$groups"
	ok mount -t cgroup2 none "$groups"
	after_unmounting group_leave
	echo "${*/#/+}" >"$groups/cgroup.subtree_control" || fail "cgroup.subtree_control"
	mkdir "$GROUP"
}

group_leave()
{
	echo $$ >"$groups/cgroup.procs"
	rmdir "$GROUP"
	umount "$groups"
	rmdir "$groups"
}

# grouped COMMAND...: in the group, in which its page cache counts.
grouped()
{
	# shellcheck disable=SC2016 # for the inner shell
	bash -c 'echo $$ >"$1/cgroup.procs"; exec "${@:2}"' grouped "$GROUP" "$@"
}

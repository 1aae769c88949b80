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
	before_unmounting group_end
	after_unmounting group_remove
	echo "${*/#/+}" >"$groups/cgroup.subtree_control" || fail "cgroup.subtree_control"
	mkdir "$GROUP"
}

# What a case that failed has left running would keep the volume in use, and the next case would meet it.
group_end()
{
	echo $$ >"$groups/cgroup.procs"
	echo 1 >"$GROUP/cgroup.kill"
	while grep -q 'populated 1' "$GROUP/cgroup.events"; do
		sleep 0.1
	done
}

group_remove()
{
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

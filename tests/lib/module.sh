# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The module that was built for the guest's kernel, $MODULE. Sourced in a guest.

# load_module [selftest]: inserts the module, or the one that tests itself, and
# before it what it depends on.
load_module()
{
	# shellcheck disable=SC2153 # given by the config of the run
	local module=$MODULE deps

	[[ ${1-} != selftest ]] || module=${MODULE%/*}-selftest/dcryptfs.ko
	[[ -e $module ]] || { echo "no module for $KERNEL_RELEASE is built"; return 1; }
	deps=$(modinfo -F depends "$module")
	# shellcheck disable=SC2086 # a list
	[[ -z $deps ]] || modprobe -a ${deps//,/ } || return 1
	insmod "$module"
}

unload_module()
{
	[[ -d /sys/module/dcryptfs ]] || return 0
	# The last reference of a lazily unmounted filesystem goes a moment later.
	rmmod dcryptfs 2>/dev/null || { sleep 1; rmmod dcryptfs; }
}

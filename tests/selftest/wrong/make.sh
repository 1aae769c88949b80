# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For the cases in selftest/cases/detectors. Sourced after guest.sh.

# make_mistake NAME: has the module (wrong.c) make it.
make_mistake()
{
	ok insmod "$BUILD/$KERNEL_RELEASE-wrong/wrong.ko"
	echo "$1" >/sys/module/wrong/parameters/make
	ok rmmod wrong
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What every kernel case is run on. A case may ask for less (see README.md).
# shellcheck disable=SC2034 # for the runner that sources this file

# Kernels: the short names of tools/kernel.
TABLE_KERNELS=("${DCRYPTFS_KERNELS[@]}")

# Volumes: a format of dcryptfs and the lower filesystem it lies on. A case is run
# on format native-1, which has encrypted names, if it does not say otherwise. All
# cases run on these; on the others below too those whose head says "# short: yes",
# on each by one of the kernels of the run; all of them, and on all kernels, with
# tests/run --all.
TABLE_VOLUMES=(
	"native-1 ext4"
	"native-1-plain ext4"
)
TABLE_SHORT_VOLUMES=(
	"native-1 xfs"
	"native-1 btrfs"
	"native-1 tmpfs"
	"native-1 nfs"
)

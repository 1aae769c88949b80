# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the scripts of this project share: where they are, where they keep
# things, how they speak and how they become root. Sourced, never run.

DCRYPTFS_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
DCRYPTFS_CACHE=${DCRYPTFS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dcryptfs}
export DCRYPTFS_TOP DCRYPTFS_CACHE

# The Debian kernels that dcryptfs is built for and tested on, by short name.
# Their releases are looked up in the package lists, never written down.
# shellcheck disable=SC2034 # for the scripts that source this file
DCRYPTFS_KERNELS=(6.1 6.12)

say()
{
	printf '%s\n' "$*" >&2
}

die()
{
	say "${0##*/}: $*"
	exit 1
}

as_root()
{
	if [[ $(id -u) -eq 0 ]]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "needs root for: $* (neither root nor sudo here)"
	fi
}

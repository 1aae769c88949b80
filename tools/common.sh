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
# What a short name looks like, as a regular expression.
# shellcheck disable=SC2034
KERNEL_NAME='[0-9]+\.[0-9]+(-debug)?'

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

# download_packages DIRECTORY PACKAGE...: their files, of the newest versions that
# the package lists know. Nothing is installed.
download_packages()
(
	cd "$1"
	shift
	fetch=(apt-get -q -o APT::Sandbox::User=root download "$@")
	"${fetch[@]}" >&2 && exit 0
	# The lists may be older than the archive.
	say "refreshing the package lists"
	as_root apt-get -q update >&2
	"${fetch[@]}" >&2
)

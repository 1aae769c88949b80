# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A root of its own for a case that changes the system: a layer over the guest's, in
# which commands are run by chroot, and of which nothing stays. Sourced by cases, after
# guest.sh, which takes it down.

LAYER=$WORK/layer/root
LAYER_FILES=$WORK/layer/upper

layer_mount()
{
	ok mount "$@"
	guest_mounts+=("${!#}")
}

layer_setup()
{
	mkdir -p "$LAYER" "$LAYER_FILES" "$WORK/layer/work"
	layer_mount -t overlay -o "lowerdir=/,upperdir=$LAYER_FILES,workdir=$WORK/layer/work" layer "$LAYER"
	layer_mount -t proc proc "$LAYER/proc"
	layer_mount --bind /sys "$LAYER/sys"
	layer_mount --bind /dev "$LAYER/dev"
}

# layer_modules [MODULE...]: of the kernel's modules the layer has these, and what they
# depend on, as depmod looks into every one that is there.
layer_modules()
{
	local dir=/lib/modules/$KERNEL_RELEASE file

	layer_mount -t tmpfs modules "$LAYER$dir"
	cp "$dir"/modules.{builtin,builtin.modinfo,order} "$LAYER$dir/"
	for file in $([[ $# -eq 0 ]] || modprobe -a --show-depends "$@" | sed -nE 's/^insmod ([^ ]+).*/\1/p' | sort -u); do
		mkdir -p "$LAYER${file%/*}"
		cp "$file" "$LAYER$file"
	done
	depmod -b "$LAYER" "$KERNEL_RELEASE"
}

# layer_dpkg DEB...: to the layer's dpkg there are only the packages that these depend
# on. With all that the host has, each of its runs takes half a minute under emulation.
layer_dpkg()
{
	local dir=$LAYER/var/lib/dpkg name deb

	layer_mount -t tmpfs dpkg "$dir"
	mkdir "$dir"/{info,updates,parts,triggers}
	for deb; do
		dpkg-deb -f "$deb" Depends | tr ',|' '\n' | sed -E 's/^ *([^ (]+).*/\1/'
	done | sort -u >"$WORK/depends"
	for deb; do
		sed -i "/^$(dpkg-deb -f "$deb" Package)\$/d" "$WORK/depends"
	done
	while IFS= read -r name; do
		cp /var/lib/dpkg/info/"$name"{,:*}.list "$dir/info/" 2>/dev/null || true
		dpkg-query -s "$name" || fail "$name, which a package depends on, is not on the host"
		echo
	done <"$WORK/depends" >"$dir/status"
	: >"$dir/available"
}

# run_in_layer COMMAND...
run_in_layer()
{
	env -i HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		chroot "$LAYER" "$@"
}

# in_layer COMMAND...: it succeeds there.
in_layer()
{
	ok run_in_layer "$@"
}

# The files and directories of the layer that the guest's root has not, or has otherwise,
# and those that are there no more.
layer_changes()
{
	local name

	(cd "$LAYER_FILES" && find . -mindepth 1 -printf '%P\n' | sort) |
		while IFS= read -r name; do
			[[ ! -d $LAYER_FILES/$name || ! -d /$name ]] || continue
			# An empty directory of a package that the layer's dpkg does not know: gone.
			[[ ! -c $LAYER_FILES/$name || ! -d /$name || -n $(ls -A "/$name") ]] || continue
			# Written anew as it was.
			[[ ! -f $LAYER_FILES/$name || ! -f /$name ]] || ! cmp -s "$LAYER_FILES/$name" "/$name" || continue
			printf '%s\n' "$name"
		done
}

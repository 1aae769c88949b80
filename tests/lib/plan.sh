# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Which cases there are, what each declares, and on what it is to run.
# Sourced by tests/run, whose variables it uses.

# case_field FILE FIELD DEFAULT: the value of "# FIELD: value" in the comment at
# the head of a case.
case_field()
{
	local value

	value=$(sed -nE "/^#/!q; s/^# $2: *//p" "$1" | head -n 1)
	printf '%s\n' "${value:-$3}"
}

all_cases()
{
	(cd "$cases_dir" && find . -mindepth 2 -type f ! -name '.*' ! -name '*.md' -printf '%P\n' | sort)
}

# Prints the cases that the words of the command line mean.
chosen_cases()
{
	local all word found

	all=$(all_cases)
	if [[ ${#words[@]} -eq 0 ]]; then
		printf '%s\n' "$all"
		return
	fi
	for word in "${words[@]}"; do
		found=$(grep -xE "${word%/}(/.*)?" <<<"$all") || die "no case $word (see tests/run --list)"
		printf '%s\n' "$found"
	done | awk '!seen[$0]++'
}

# chosen_with FIELD VALUE: those of them that declare it.
chosen_with()
{
	local name

	while IFS= read -r name; do
		[[ $(case_field "$cases_dir/$name" "$1" '') != "$2" ]] || printf '%s\n' "$name"
	done < <(chosen_cases)
}

list_cases()
{
	local name

	while IFS= read -r name; do
		printf '%-28s %s\n' "$name" "$(case_field "$cases_dir/$name" title '')"
	done < <(chosen_cases)
}

listed()
{
	[[ $2 == any || " $2 " == *" $1 "* ]]
}

# Whether a case that declares $2 runs on kernel $1. A debug kernel goes for the
# one it is a variant of, and by the name "debug".
for_kernel()
{
	listed "$1" "$2" || { [[ $1 == *-debug ]] && { listed debug "$2" || listed "${1%-debug}" "$2"; }; }
}

# The volumes that the options leave, of the kinds whose names are given.
asked_volumes()
{
	local volume

	for volume; do
		[[ ${#lowers[@]} -eq 0 ]] || listed "${volume#* }" "${lowers[*]}" || continue
		printf '%s\n' "$volume"
	done
}

# How much more time there is on a lower filesystem: for NFS each operation takes
# several changes between threads, which emulation is slow at.
lower_scale()
{
	case $1 in
	nfs) echo 4 ;;
	*) echo 1 ;;
	esac
}

# has_turn KERNEL N DECLARED: whether KERNEL is the one to run the N-th of the things
# that the kernels of this run, those that a case DECLARED, share out between them.
has_turn()
{
	local k sharers=()

	for k in "${kernels[@]}"; do
		! for_kernel "$k" "$3" || sharers+=("$k")
	done
	[[ ${sharers[$2 % ${#sharers[@]}]} == "$1" ]]
}

# Is the case to be run on one of the kernels only? Not if it is asked for by name.
takes_turns()
{
	[[ $all -eq 0 && ${#words[@]} -eq 0 && $(case_field "$1" turns no) == yes ]]
}

# Cases that install packages, which are built for them, are run with all others only
# by --all.
packages_asked()
{
	[[ $all -eq 1 || ${#words[@]} -gt 0 ]]
}

# short_volumes KERNEL N DECLARED: the volumes that case number N, which has a short
# form, is to be run on by KERNEL. What differs between kernels and what between lower
# filesystems seldom meet: it is run on each lower filesystem by one of the kernels, which
# are even and odd in turn. A case that is asked for by name is run over the first ones
# by all kernels.
short_volumes()
{
	local i volumes=("${TABLE_VOLUMES[@]}" "${TABLE_SHORT_VOLUMES[@]}") all_kernels=0

	[[ ${#words[@]} -eq 0 ]] || all_kernels=${#TABLE_VOLUMES[@]}
	for i in "${!volumes[@]}"; do
		if [[ $all -eq 1 || $i -lt $all_kernels ]] || has_turn "$1" $(($2 + i)) "$3"; then
			printf '%s\n' "${volumes[i]}"
		fi
	done
}

# plan_kernel KERNEL: fills plan with a spec for each case and volume to be run
# on it (see judge.sh), and plan_names with what to call it.
plan_kernel()
{
	local kernel=$1 name file volumes volume format lower timeout module declared
	local number=0 turns=0

	plan=()
	plan_names=()
	while IFS= read -r name; do
		file=$cases_dir/$name
		number=$((number + 1))
		[[ $faults -eq 0 || $(case_field "$file" faults no) == yes ]] || continue
		[[ $(case_field "$file" packages no) == no ]] || { packages_asked && [[ $bare -eq 0 ]]; } || continue
		declared=$(case_field "$file" kernels any)
		! takes_turns "$file" || turns=$((turns + 1))
		for_kernel "$kernel" "$declared" || continue
		if takes_turns "$file"; then
			has_turn "$kernel" "$turns" "$declared" || continue
			declared=$kernel
		fi
		timeout=$(case_field "$file" timeout 120)
		timeout=$((timeout * $(time_scale "$kernel")))
		module=$(case_field "$file" module yes)
		if [[ $(case_field "$file" lower any) == none ]]; then
			[[ $bare -eq 0 || $module == no ]] || continue
			plan+=("$file $timeout none none $module")
			plan_names+=("$name")
			continue
		fi
		volumes=("${TABLE_VOLUMES[@]}")
		[[ $all -eq 0 && $(case_field "$file" short no) != yes ]] ||
			mapfile -t volumes < <(short_volumes "$kernel" "$number" "$declared")
		while IFS= read -r volume; do
			read -r format lower <<<"$volume"
			[[ $format == bare ]] || listed "$format" "$(case_field "$file" formats native-1)" || continue
			[[ $format != bare ]] || module=no
			listed "$lower" "$(case_field "$file" lower any)" || continue
			plan+=("$file $((timeout * $(lower_scale "$lower"))) $format $lower $module")
			plan_names+=("$name [$format $lower]")
		done < <(asked_volumes "${volumes[@]}")
	done < <(chosen_cases)
}

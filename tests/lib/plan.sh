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

# plan_kernel KERNEL: fills plan with a spec for each case and volume to be run
# on it (see judge.sh), and plan_names with what to call it.
plan_kernel()
{
	local kernel=$1 name file volume format lower timeout module

	plan=()
	plan_names=()
	while IFS= read -r name; do
		file=$cases_dir/$name
		listed "$kernel" "$(case_field "$file" kernels any)" || continue
		timeout=$(case_field "$file" timeout 120)
		timeout=$((timeout * ${DCRYPTFS_TIMEOUT_SCALE:-1}))
		module=$(case_field "$file" module yes)
		if [[ $(case_field "$file" lower any) == none ]]; then
			[[ $bare -eq 0 || $module == no ]] || continue
			plan+=("$file $timeout none none $module")
			plan_names+=("$name")
			continue
		fi
		for volume in "${TABLE_VOLUMES[@]}"; do
			read -r format lower <<<"$volume"
			[[ $format == bare ]] || listed "$format" "$(case_field "$file" formats native-1)" || continue
			[[ $format != bare ]] || module=no
			listed "$lower" "$(case_field "$file" lower any)" || continue
			plan+=("$file $timeout $format $lower $module")
			plan_names+=("$name [$format $lower]")
		done
	done < <(chosen_cases)
}

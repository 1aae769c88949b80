# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For cases that have the host look for secrets in this guest's memory: see memory.sh
# for how, and for the words. Sourced after guest.sh.
#
# The secrets are made of seeds, by progs/marker.c here and by progs/memsearch.c there.
# What a case must not do is to have them in its own hands: in a variable, a pipe or
# an argument.

# shellcheck disable=SC2034 # for the cases
SEED=$((RANDOM << 15 | RANDOM)) # the first of this case's
SECRETS=()                 # what to look for: words
declare -A FOUND=()        # how often it was there: by name

# search_memory [marker ARG...]: sets FOUND. The guest stands still meanwhile, right after
# what the program does; it has wiped its memory then, but not ended.
search_memory()
{
	local port answer word words

	for port in /sys/class/virtio-ports/vport*; do
		[[ $(<"$port/name") != memory ]] || break
	done
	exec {port}<>"/dev/${port##*/}"
	if [[ $# -gt 0 ]]; then
		ASK=${SECRETS[*]} ASK_FD=$port ok "$@"
	else
		printf '%s\n' "${SECRETS[*]}" >&"$port"
	fi
	IFS= read -r -t 300 -u "$port" answer || fail "the host does not answer"
	exec {port}>&-
	[[ $answer != error* ]] || fail "the host could not search: $(cat "$RUN/found")"
	FOUND=()
	read -ra words <<<"$answer"
	for word in "${words[@]}"; do
		FOUND[${word%=*}]=${word##*=}
	done
	tail -n 1 "$RUN/found"
}

# is_found NAME...
is_found()
{
	local name

	for name; do
		note "$name: ${FOUND[$name]}"
		[[ ${FOUND[$name]} -gt 0 ]] || fail "$name is not in memory, so the search finds nothing"
	done
}

# not_found NAME...
not_found()
{
	local name bad=''

	for name; do
		[[ ${FOUND[$name]} -eq 0 ]] || bad+=" $name"
	done
	[[ -n $bad ]] || return 0
	cat "$RUN/found"
	fail "in the guest's memory:$bad"
}

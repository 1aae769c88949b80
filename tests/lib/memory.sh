# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# On the host: dumps a guest's memory, when the guest asks for it, and looks for
# secrets in it. Sourced by qemu.sh.
#
# The guest writes a line of words to the port "memory", each of which says how to
# make secrets, so that none of them crosses the channel:
#   marker:SEED, passphrase:SEED   see progs/marker.h
#   keys:SEED:DIR  the keys of the volume whose dcryptfs.json is in the directory DIR
#                  of the run directory, which the passphrase opens, and of the files
#                  whose headers lie beside it as *.header; their names are DIR:NAME
#   ecryptfs:SEED:DIR  the keys that the passphrase gives with eCryptfs's salts, and of the
#                  files that begin like *.header in that directory
# It gets a line of words back: NAME=COUNT for each secret, or "error" and why. The
# run directory has the first places of each in "found".

memory_pid=''

# memory_start RUN
memory_start()
{
	memory_serve "$1" </dev/null &
	memory_pid=$!
}

memory_stop()
{
	[[ -n $memory_pid ]] || return 0
	kill "$memory_pid" 2>/dev/null || true
	wait "$memory_pid" 2>/dev/null || true
	memory_pid=''
}

memory_serve()
{
	local run=$1 request ask answer monitor_in monitor_out

	trap - EXIT
	# A search that waits for a guest that is gone.
	trap 'kill $(jobs -p) 2>/dev/null; exit 0' TERM
	exec {ask}<>"$run/memory.out" {answer}<>"$run/memory.in"
	exec {monitor_in}<>"$run/monitor.in" {monitor_out}<>"$run/monitor.out"
	while IFS= read -r -u "$ask" request; do
		memory_answer "$run" "$request" >&"$answer"
	done
}

# memory_answer RUN REQUEST: prints the answer.
memory_answer()
{
	local list

	list=$(mktemp)
	if memory_list "$1" "$2" >"$list" && memory_search "$1" "$list" >"$list.found"; then
		tr ' \n' '= ' <"$list.found"
		echo
	else
		echo "error (see found in the run directory)"
	fi 2>"$1/found"
	rm -f "$list" "$list.found"
}

# memory_list RUN REQUEST: what to look for, as memsearch wants it.
memory_list()
{
	local run=$1 tools=$DCRYPTFS_TOP/build/tests word words kind seed dir headers

	read -ra words <<<"$2"
	for word in "${words[@]}"; do
		IFS=: read -r kind seed dir <<<"$word"
		case $kind in
		marker | passphrase)
			printf '%s ' "$word"
			"$tools/memsearch" "$kind" "$seed" || return
			;;
		keys)
			mapfile -t headers < <(find "$run/$dir" -name '*.header')
			"$tools/forge" "$run/$dir" <("$tools/memsearch" text "$seed") keys \
				"${headers[@]}" | sed -n "s/./$dir:&/p"
			[[ ${PIPESTATUS[0]} -eq 0 ]] || return
			;;
		ecryptfs)
			mapfile -t headers < <(find "$run/$dir" -name '*.header')
			"$tools/forge" <("$tools/memsearch" text "$seed") ecryptfs \
				"${headers[@]}" | sed -n "s/./$dir:&/p"
			[[ ${PIPESTATUS[0]} -eq 0 ]] || return
			;;
		*)
			echo "what is $word?" >&2
			return 1
			;;
		esac
	done
}

# memory_search RUN LIST: while the guest stands still. The dump goes through a pipe,
# and lies nowhere.
memory_search()
{
	local run=$1 list=$2 dump=$1/dump searcher status=0

	rm -f "$dump"
	mkfifo "$dump"
	"$DCRYPTFS_TOP/build/tests/memsearch" "$list" <"$dump" &
	searcher=$!
	if ! memory_qmp '{"execute":"qmp_capabilities"}' ||
		! memory_qmp '{"execute":"dump-guest-memory","arguments":{"paging":false,"protocol":"file:'"$dump"'"}}'; then
		status=1
		kill "$searcher"
	fi
	wait "$searcher" || status=1
	rm -f "$dump"
	return "$status"
}

# memory_qmp COMMAND: in QEMU's monitor. It may say other things than the answer.
memory_qmp()
{
	local line

	printf '%s\n' "$1" >&"$monitor_in"
	while IFS= read -r -t 120 -u "$monitor_out" line; do
		case $line in
		*'"return"'*) return 0 ;;
		*'"error"'*'has already been enabled'* | *CommandNotFound*) return 0 ;;
		*'"error"'*) break ;;
		esac
	done
	echo "QEMU's monitor: ${line:-no answer} to $1" >&2
	return 1
}

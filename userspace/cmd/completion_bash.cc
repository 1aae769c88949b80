// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/completion.h"

namespace dcryptfs {

namespace {

constexpr std::string_view head = R"(# bash completion of dcryptfs, mkfs.dcryptfs and fsck.dcryptfs.
# Made by: dcryptfs completion bash

)";

// The variables are those of _dcryptfs.
constexpr std::string_view functions = R"(
# Offers words of a kind.
_dcryptfs_offer()
{
	case $1 in
	file)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		;;
	directory)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		;;
	words*)
		mapfile -t COMPREPLY < <(compgen -W "${1#words}" -- "$current")
		;;
	esac
}

_dcryptfs()
{
	local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[0]##*/}
	local commands options kind word option="" i
	local -i argument=0
	local -a arguments

	_dcryptfs_command "$command"
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $word == = ]]; then
			continue # readline makes three words of --option=value
		elif [[ $option ]]; then
			option=""
		elif [[ $word == -* ]]; then
			! _dcryptfs_value "$command" "$word" || option=$word
		elif [[ " $commands " == *" $word "* ]]; then
			command+=" $word"
			_dcryptfs_command "$command"
		else
			argument+=1
		fi
	done
	[[ $current != = ]] || current=""

	COMPREPLY=()
	if [[ $option ]]; then
		_dcryptfs_value "$command" "$option"
		_dcryptfs_offer "$kind"
	elif [[ $current == -* ]]; then
		_dcryptfs_offer "words $options"
	elif [[ $commands ]]; then
		_dcryptfs_offer "words $commands"
	else
		_dcryptfs_offer "${arguments[argument]:-}"
	fi
}

)";

std::string kind_of(const CompletedWord& word) {
    switch (word.kind) {
        case WordKind::file:
            return "file";
        case WordKind::directory:
            return "directory";
        case WordKind::choice:
            return "words " + joined(word.choices);
        case WordKind::any:
            break;
    }
    return "any";
}

void add_command(const CompletedCommand& command, std::string& out) {
    std::vector<std::string> commands;
    for (const CompletedCommand& sub : command.commands) {
        commands.push_back(sub.name);
    }
    std::vector<std::string> options;
    for (const CompletedOption& option : command.options) {
        options.insert(options.end(), option.names.begin(), option.names.end());
    }
    std::string arguments;
    for (const CompletedWord& word : command.arguments) {
        arguments += (arguments.empty() ? "\"" : " \"") + kind_of(word) + "\"";
    }
    out += "\t\"" + command.path + "\")\n\t\tcommands=\"" + joined(commands) +
           "\"\n\t\toptions=\"" + joined(options) + "\"\n\t\targuments=(" + arguments +
           ")\n\t\t;;\n";
    for (const CompletedCommand& sub : command.commands) {
        add_command(sub, out);
    }
}

void add_values(const CompletedCommand& command, std::string& out) {
    for (const CompletedOption& option : command.options) {
        if (!option.has_value) {
            continue;
        }
        std::string pattern;
        for (const std::string& name : option.names) {
            pattern += (pattern.empty() ? "\"" : " | \"") + command.path + " " + name + "\"";
        }
        out += "\t" + pattern + ") kind=\"" + kind_of(option.value) + "\" ;;\n";
    }
    for (const CompletedCommand& sub : command.commands) {
        add_values(sub, out);
    }
}

}  // namespace

std::string complete_bash(const CompletedPrograms& programs) {
    std::string script(head);
    std::vector<std::string> names;
    script += "# What a command has.\n_dcryptfs_command()\n{\n\tcase $1 in\n";
    for (const CompletedCommand& program : programs) {
        names.push_back(program.name);
        add_command(program, script);
    }
    script +=
        "\tesac\n}\n\n# What follows an option of a command, if anything.\n"
        "_dcryptfs_value()\n{\n\tcase \"$1 $2\" in\n";
    for (const CompletedCommand& program : programs) {
        add_values(program, script);
    }
    script += "\t*) return 1 ;;\n\tesac\n}\n";
    script += functions;
    return script + "complete -F _dcryptfs " + joined(names) + "\n";
}

}  // namespace dcryptfs

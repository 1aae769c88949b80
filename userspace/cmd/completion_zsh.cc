// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/completion.h"

namespace dcryptfs {

namespace {

constexpr std::string_view functions = R"(
# Completes a command, whose path this is; its first word is $words[1].
_dcryptfs_command()
{
	local curcontext=$curcontext state state_descr line
	typeset -A opt_args
	local -a commands

	case $1 in
)";

constexpr std::string_view tail = R"(	esac
	case $state in
	command) _describe command commands ;;
	argument) _dcryptfs_command "$1 $words[1]" ;;
	esac
}

_dcryptfs_command "$service"
)";

std::string in_quotes(std::string_view text, std::string_view special) {
    return quoted(text, special, "'\\''");
}

std::string action_of(const CompletedWord& word) {
    switch (word.kind) {
        case WordKind::file:
            return "_files";
        case WordKind::directory:
            return "_files -/";
        case WordKind::choice:
            return "(" + joined(word.choices) + ")";
        case WordKind::any:
            break;
    }
    return " ";
}

// One for _arguments, such as '(-j --jobs)'{-j+,--jobs=}'[summary]:N: '.
std::string spec_of(const CompletedOption& option) {
    std::vector<std::string> names;
    for (const std::string& name : option.names) {
        const char* const value = name.starts_with("--") ? "=" : "+";
        names.push_back(name + (option.has_value ? value : ""));
    }
    const std::string exclusive =
        names.size() > 1 ? "'(" + joined(option.names) + ")'{" + joined(names, ",") + "}"
                         : names[0];
    const std::string summary = in_quotes(option.summary, "[]\\:");
    std::string spec = exclusive + "'[" + summary.substr(1, summary.size() - 2) + "]";
    if (option.has_value) {
        spec += ":" + option.value.name + ":" + action_of(option.value);
    }
    return spec + "'";
}

void add_command(const CompletedCommand& command, std::string& out) {
    out += "\t" + in_quotes(command.path, "") + ")\n";
    if (!command.commands.empty()) {
        out += "\t\tcommands=(\n";
        for (const CompletedCommand& sub : command.commands) {
            out += "\t\t\t" + in_quotes(sub.name + ":" + sub.summary, "\\") + "\n";
        }
        out += "\t\t)\n";
    }
    out += "\t\t_arguments -C -s";
    for (const CompletedOption& option : command.options) {
        out += " \\\n\t\t\t" + spec_of(option);
    }
    for (const CompletedWord& word : command.arguments) {
        out += " \\\n\t\t\t':" + word.name + ":" + action_of(word) + "'";
    }
    if (!command.commands.empty()) {
        out += " \\\n\t\t\t'1:command:->command' \\\n\t\t\t'*::argument:->argument'";
    }
    out += "\n\t\t;;\n";
    for (const CompletedCommand& sub : command.commands) {
        add_command(sub, out);
    }
}

}  // namespace

std::string complete_zsh(const CompletedPrograms& programs) {
    std::vector<std::string> names;
    std::string cases;
    for (const CompletedCommand& program : programs) {
        names.push_back(program.name);
        add_command(program, cases);
    }
    std::string script = "#compdef " + joined(names) + "\n# Made by: dcryptfs completion zsh\n";
    script += functions;
    script += cases;
    script += tail;
    return script;
}

}  // namespace dcryptfs

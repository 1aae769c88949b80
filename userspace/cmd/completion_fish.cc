// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/completion.h"

namespace dcryptfs {

namespace {

constexpr std::string_view head = R"(# fish completion of dcryptfs, mkfs.dcryptfs and fsck.dcryptfs.
# Made by: dcryptfs completion fish

# Whether these words follow the program's name, and with --last whether no other does.
function __dcryptfs_at
    set -l last 0
    if test "$argv[1]" = --last
        set last 1
        set -e argv[1]
    end
    set -l words (commandline -opc)
    set -e words[1]
    test (count $words) -ge (count $argv); or return 1
    for i in (seq (count $argv))
        test "$words[$i]" = "$argv[$i]"; or return 1
    end
    test $last = 0; or test (count $words) -eq (count $argv)
end

)";

std::string in_quotes(std::string_view text) {
    return quoted(text, "\\", "\\'");
}

std::string value_of(const CompletedWord& word) {
    switch (word.kind) {
        case WordKind::file:
            return "-r -F";
        case WordKind::directory:
            return "-x -a '(__fish_complete_directories)'";
        case WordKind::choice:
            return "-x -a " + in_quotes(joined(word.choices));
        case WordKind::any:
            break;
    }
    return "-x";
}

std::string argument_of(const CompletedWord& word) {
    const std::string value = value_of(word);
    const std::size_t words = value.find("-a ");
    if (word.kind == WordKind::file) {
        return "-F";
    }
    return words == std::string::npos ? "" : value.substr(words);
}

void add_command(const CompletedCommand& command, const std::string& program, std::string& out) {
    const std::string words = command.path == program ? "" : command.path.substr(program.size());
    const std::string start = "complete -c " + program + " -n '__dcryptfs_at";
    for (const CompletedCommand& sub : command.commands) {
        out += start;
        out += " --last" + words + "' -a " + sub.name + " -d " + in_quotes(sub.summary) + "\n";
    }
    for (const CompletedOption& option : command.options) {
        out += start;
        out += (command.commands.empty() ? "" : " --last") + words + "'";
        for (const std::string& name : option.names) {
            out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        }
        out += (option.has_value ? " " + value_of(option.value) : "") + " -d " +
               in_quotes(option.summary) + "\n";
    }
    for (const CompletedWord& word : command.arguments) {
        if (const std::string argument = argument_of(word); !argument.empty()) {
            out += start;
            out += words;
            out += "' ";
            out += argument;
            out += "\n";
        }
    }
    for (const CompletedCommand& sub : command.commands) {
        add_command(sub, program, out);
    }
}

}  // namespace

std::string complete_fish(const CompletedPrograms& programs) {
    std::string script(head);
    for (const CompletedCommand& program : programs) {
        script += "complete -c " + program.name + " -f\n";
        add_command(program, program.name, script);
    }
    return script;
}

}  // namespace dcryptfs

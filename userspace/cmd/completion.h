// SPDX-License-Identifier: GPL-2.0-or-later
// What a shell has to know to complete command lines, taken from the tree of commands.
#ifndef DCRYPTFS_CMD_COMPLETION_H
#define DCRYPTFS_CMD_COMPLETION_H

#include <string>
#include <string_view>
#include <vector>

namespace dcryptfs {

enum class WordKind { any, file, directory, choice };

// The value of an option, or an argument of a command.
struct CompletedWord {
    WordKind kind = WordKind::any;
    std::vector<std::string> choices;
    std::string name;  // as the help calls it
};

struct CompletedOption {
    std::vector<std::string> names;  // "-j", "--jobs"
    bool has_value = false;
    CompletedWord value;
    std::string summary;
};

struct CompletedCommand {
    std::string path;  // "dcryptfs slot add"
    std::string name;  // "add"
    std::string summary;
    std::vector<CompletedOption> options;
    std::vector<CompletedWord> arguments;
    std::vector<CompletedCommand> commands;
};

using CompletedPrograms = std::vector<CompletedCommand>;

// The text in single quotes, with a backslash before each character of `special`, and
// `quote` in place of each single quote.
std::string quoted(std::string_view text, std::string_view special, std::string_view quote);

// The words in one text.
std::string joined(const std::vector<std::string>& words, std::string_view between = " ");

// The scripts.
std::string complete_bash(const CompletedPrograms& programs);
std::string complete_zsh(const CompletedPrograms& programs);
std::string complete_fish(const CompletedPrograms& programs);

}  // namespace dcryptfs

#endif  // DCRYPTFS_CMD_COMPLETION_H

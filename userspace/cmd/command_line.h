// SPDX-License-Identifier: GPL-2.0-or-later
// The command lines of the program, by each of its names.
#ifndef DCRYPTFS_CMD_COMMAND_LINE_H
#define DCRYPTFS_CMD_COMMAND_LINE_H

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cmd/command.h"

namespace dcryptfs {

inline constexpr std::array<std::string_view, 4> program_names = {
    "dcryptfs", "mkfs.dcryptfs", "fsck.dcryptfs", "mount.dcryptfs"};

struct CommandLine {
    CLI::App app;
    CommandRun run;            // what was chosen, once `app` has parsed
    Exit usage = Exit::usage;  // of a wrong command line
};

// Of the program by this name; any other name is "dcryptfs".
std::unique_ptr<CommandLine> make_command_line(std::string_view program);

// The command that the words after the program's name are for, as far as there is one.
const CLI::App& find_command(const CLI::App& app, std::span<const char* const> words);

// The words that ought to be a command and are none, such as "slot frob", if there are
// any: the parser would only say that a command is missing.
std::optional<std::string> unknown_command(const CLI::App& app, std::span<const char* const> words);

}  // namespace dcryptfs

#endif  // DCRYPTFS_CMD_COMMAND_LINE_H

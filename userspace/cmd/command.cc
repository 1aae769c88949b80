// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/command.h"

#include <algorithm>

namespace dcryptfs {

void add_commands(CLI::App& app, std::span<const Command> commands, CommandRun& chosen) {
    for (const Command& command : commands) {
        CLI::App* const sub = app.add_subcommand(command.name, command.summary);
        sub->callback([&chosen, run = command.setup(*sub)] { chosen = run; });
    }
}

bool has_command(std::span<const Command> commands, std::string_view name) {
    return std::any_of(commands.begin(), commands.end(),
                       [&](const Command& command) { return name == command.name; });
}

}  // namespace dcryptfs

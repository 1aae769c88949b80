// SPDX-License-Identifier: GPL-2.0-or-later
// Walks the tree of commands.
#ifndef DCRYPTFS_TESTING_COMMANDS_H
#define DCRYPTFS_TESTING_COMMANDS_H

#include <functional>
#include <set>
#include <string>

#include "cmd/command_line.h"

namespace dcryptfs::testing {

// Calls it for the command, and for all below.
inline void for_each_command(const CLI::App& app, const std::function<void(const CLI::App&)>& see) {
    see(app);
    for (const CLI::App* const sub : commands_of(app)) {
        for_each_command(*sub, see);
    }
}

// The same for those of each program.
inline void for_each_command(const std::function<void(const CLI::App&)>& see) {
    for (const std::string_view program : program_names) {
        const auto line = make_command_line(program);
        for_each_command(line->app, see);
    }
}

// "-j" and "--jobs" of a command's options, with those of its groups.
inline std::set<std::string> option_names(const CLI::App& app) {
    std::set<std::string> names;
    for (const CLI::Option* const option : app.get_options()) {
        for (const std::string& name : option->get_snames()) {
            names.insert("-" + name);
        }
        for (const std::string& name : option->get_lnames()) {
            names.insert("--" + name);
        }
    }
    for (const CLI::App* const group :
         app.get_subcommands([](const CLI::App* sub) { return sub->get_name().empty(); })) {
        names.merge(option_names(*group));
    }
    return names;
}

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_COMMANDS_H

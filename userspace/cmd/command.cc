// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/command.h"

namespace dcryptfs {

void add_commands(CLI::App& app, std::span<const Command> commands, CommandRun& chosen) {
    for (const Command& command : commands) {
        CLI::App* const sub = app.add_subcommand(command.name, command.summary);
        sub->callback([&chosen, run = command.setup(*sub)] { chosen = run; });
    }
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* sub) { return !sub->get_name().empty(); });
}

std::string command_path(const CLI::App& app) {
    const CLI::App* const parent = app.get_parent();
    return parent != nullptr ? command_path(*parent) + " " + app.get_name() : app.get_name();
}

void add_examples(CLI::App& app, std::initializer_list<Example> examples) {
    std::string text = "Examples:";
    for (const Example& example : examples) {
        text += std::string("\n  ") + example.purpose + ":\n    " + command_path(app);
        text += *example.arguments != '\0' ? " " : "";
        text += example.arguments;
    }
    app.footer(text);
}

CLI::Option* add_json_option(CLI::App& app, bool& json) {
    return app.add_flag("--json", json, "Print one JSON object in place of lines");
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs completion: what a shell needs, made of the tree of commands as it is, so that
// it can't fall behind.
#include "cmd/completion.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "cmd/command_line.h"
#include "lib/bytes.h"
#include "lib/fd.h"

namespace dcryptfs {

namespace {

constexpr const char* shells = "bash|zsh|fish";

std::vector<std::string> split_choices(std::string_view text) {
    std::vector<std::string> choices;
    while (!text.empty()) {
        const std::string_view choice = text.substr(0, text.find('|'));
        choices.emplace_back(choice);
        text.remove_prefix(std::min(choice.size() + 1, text.size()));
    }
    return choices;
}

// The help calls values by what they are: in lower case by the choices that there are.
CompletedWord word_of(const CLI::Option& option) {
    constexpr std::array<std::string_view, 2> files = {"FILE", "LOWERFILE"};
    constexpr std::array<std::string_view, 7> directories = {"DIR", "LOWERDIR", "LOWER", "UPPER",
                                                             "OUT", "OLD",      "NEW"};
    CompletedWord word;
    const std::string type = option.get_type_name();
    word.name = type.substr(0, type.find(':'));  // what the value is checked for follows
    if (std::ranges::find(files, word.name) != files.end()) {
        word.kind = WordKind::file;
    } else if (std::ranges::find(directories, word.name) != directories.end()) {
        word.kind = WordKind::directory;
    } else if (!word.name.empty() && word.name[0] >= 'a' && word.name[0] <= 'z') {
        word.kind = WordKind::choice;
        word.choices = split_choices(word.name);
    }
    return word;
}

void add_options(const CLI::App& app, CompletedCommand& command) {
    for (const CLI::Option* const option : app.get_options()) {
        if (option->get_positional()) {
            command.arguments.push_back(word_of(*option));
            continue;
        }
        CompletedOption completed;
        for (const std::string& name : option->get_snames()) {
            completed.names.push_back("-" + name);
        }
        for (const std::string& name : option->get_lnames()) {
            completed.names.push_back("--" + name);
        }
        completed.has_value = option->get_items_expected_max() > 0;
        completed.value = word_of(*option);
        completed.summary = option->get_description();
        command.options.push_back(completed);
    }
    // Groups of options are apps without a name.
    for (const CLI::App* const group :
         app.get_subcommands([](const CLI::App* sub) { return sub->get_name().empty(); })) {
        add_options(*group, command);
    }
}

CompletedCommand complete(const CLI::App& app) {
    CompletedCommand command;
    command.path = command_path(app);
    command.name = app.get_name();
    command.summary = app.get_description();
    add_options(app, command);
    for (const CLI::App* const sub : commands_of(app)) {
        command.commands.push_back(complete(*sub));
    }
    return command;
}

Exit run(const std::string& shell) {
    CompletedPrograms programs;
    for (const std::string_view name : program_names) {
        // mount(8) calls that, and nobody else.
        if (name != "mount.dcryptfs") {
            programs.push_back(complete(make_command_line(name)->app));
        }
    }
    std::string script;
    if (shell == "bash") {
        script = complete_bash(programs);
    } else if (shell == "zsh") {
        script = complete_zsh(programs);
    } else if (shell == "fish") {
        script = complete_fish(programs);
    } else {
        fail(Exit::usage, shell, "unknown shell (known: bash, zsh, fish)");
    }
    write_all(STDOUT_FILENO, as_bytes(script), "standard output");
    return Exit::success;
}

}  // namespace

std::string quoted(std::string_view text, std::string_view special, std::string_view quote) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += quote;
            continue;
        }
        if (special.find(c) != std::string_view::npos) {
            out += '\\';
        }
        out += c;
    }
    return out + "'";
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    std::string out;
    for (const std::string& word : words) {
        out += out.empty() ? "" : between;
        out += word;
    }
    return out;
}

CommandRun setup_completion(CLI::App& app) {
    const auto shell = std::make_shared<std::string>();
    app.add_option("shell", *shell, "For which shell")->type_name(shells)->required();
    add_examples(app, {{"For this session of bash, by source <(dcryptfs completion bash)", "bash"},
                       {"For fish, into ~/.config/fish/completions/dcryptfs.fish", "fish"}});
    return [shell] { return run(*shell); };
}

}  // namespace dcryptfs

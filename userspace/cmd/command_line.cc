// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/command_line.h"

#ifndef DCRYPTFS_VERSION
#define DCRYPTFS_VERSION "unknown"
#endif

namespace dcryptfs {

namespace {

constexpr std::array commands = {
    Command{"init", "Make a volume of an empty directory", setup_init},
    Command{"unlock", "Put a volume's key into the user keyring", setup_unlock},
    Command{"lock", "Take a volume's key out of the keyrings", setup_lock},
    Command{"status", "Show keys, mounts, and a volume, and what is unsafe about them",
            setup_status},
    Command{"slot", "Key slots: see dcryptfs slot --help", setup_slot},
    Command{"cat", "Decrypt one lower file to standard output", setup_cat},
    Command{"header", "Show the header and the sizes of a lower file", setup_header},
    Command{"ls", "List a lower directory with its names decrypted", setup_ls},
    Command{"path", "Show where below an upper file is", setup_path},
    Command{"migrate", "Copy a tree into a mounted volume, and check the copy", setup_migrate},
    Command{"export", "Decrypt a whole lower directory into another one", setup_export},
    Command{"check", "Look for damage in a lower directory", setup_check},
    Command{"ecryptfs", "Keys and files of eCryptfs: see dcryptfs ecryptfs --help", setup_ecryptfs},
    Command{"completion", "Print what a shell needs to complete these command lines",
            setup_completion},
};

struct Program {
    std::string_view name;
    const char* summary;
    CommandSetup setup;
    Exit usage;
};

// The names of the program that are one command each.
constexpr std::array programs = {
    Program{"mkfs.dcryptfs", "Make a dcryptfs volume of an empty directory", setup_init,
            Exit::usage},
    Program{"fsck.dcryptfs", "Look for damage in the lower directory of a dcryptfs volume",
            setup_check, fsck_usage},
    Program{"mount.dcryptfs", "Unlock and mount a dcryptfs volume", setup_mount, mount_usage},
};

void set_up_dcryptfs(CommandLine& line) {
    line.app.description("Encrypted directories: make, unlock and read dcryptfs volumes");
    line.app.require_subcommand(1);
    add_commands(line.app, commands, line.run);
    add_examples(line.app,
                 {{"Make a volume, which mount -t dcryptfs /srv/lower /srv/upper then mounts",
                   "init /srv/lower"},
                  {"See what is mounted, and whether anything is unsafe", "status"},
                  {"See the options of a command, and examples", "slot add --help"}});
}

}  // namespace

std::unique_ptr<CommandLine> make_command_line(std::string_view program) {
    auto line = std::make_unique<CommandLine>();
    line->app.name("dcryptfs");
    for (const Program& one : programs) {
        if (one.name == program) {
            line->app.name(std::string(one.name));
            line->app.description(one.summary);
            line->usage = one.usage;
            line->run = one.setup(line->app);
        }
    }
    if (!line->run) {
        set_up_dcryptfs(*line);
    }
    line->app.set_version_flag("-V,--version", line->app.get_name() + " " DCRYPTFS_VERSION);
    return line;
}

const CLI::App& find_command(const CLI::App& app, std::span<const char* const> words) {
    for (const CLI::App* const sub : commands_of(app)) {
        if (!words.empty() && sub->get_name() == words[0]) {
            return find_command(*sub, words.subspan(1));
        }
    }
    return app;
}

std::optional<std::string> unknown_command(const CLI::App& app,
                                           std::span<const char* const> words) {
    if (commands_of(app).empty() || words.empty() || *words[0] == '-') {
        return std::nullopt;
    }
    for (const CLI::App* const sub : commands_of(app)) {
        if (sub->get_name() == words[0]) {
            const auto word = unknown_command(*sub, words.subspan(1));
            return word ? std::optional(sub->get_name() + " " + *word) : std::nullopt;
        }
    }
    return words[0];
}

}  // namespace dcryptfs

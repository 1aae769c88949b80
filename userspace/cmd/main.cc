// SPDX-License-Identifier: GPL-2.0-or-later
// The program, by each of its four names: a table of commands.
#include <array>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cmd/command.h"
#include "lib/error.h"
#include "lib/output.h"
#include "lib/process.h"

#ifndef DCRYPTFS_VERSION
#define DCRYPTFS_VERSION "unknown"
#endif

namespace dcryptfs {

namespace {

constexpr std::array commands = {
    Command{"init", "Make a volume of an empty directory", setup_init},
    Command{"unlock", "Put a volume's key into the user keyring", setup_unlock},
    Command{"lock", "Take a volume's key out of the keyrings", setup_lock},
    Command{"status", "Show keys, mounts, and a volume", setup_status},
    Command{"slot", "Key slots: see dcryptfs slot --help", setup_slot},
    Command{"cat", "Decrypt one lower file to standard output", setup_cat},
    Command{"header", "Show the header and the sizes of a lower file", setup_header},
    Command{"ls", "List a lower directory with its names decrypted", setup_ls},
    Command{"path", "Show where below an upper file is", setup_path},
    Command{"migrate", "Copy a tree into a mounted volume, and check the copy", setup_migrate},
    Command{"export", "Decrypt a whole lower directory into another one", setup_export},
    Command{"check", "Look for damage in a lower directory", setup_check},
    Command{"ecryptfs", "Keys and files of eCryptfs: see dcryptfs ecryptfs --help", setup_ecryptfs},
};

// Runs the parser and then `run`; `run` is looked at only after parsing.  A wrong command
// line ends with `usage`.
int parse_and_run(CLI::App& app, int argc, const char* const* argv, const CommandRun& run,
                  Exit usage = Exit::usage) {
    app.set_version_flag("-V,--version", program_name() + " " DCRYPTFS_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        say(app.help());
        return static_cast<int>(Exit::success);
    } catch (const CLI::CallForAllHelp&) {
        say(app.help("", CLI::AppFormatMode::All));
        return static_cast<int>(Exit::success);
    } catch (const CLI::CallForVersion& version) {
        say(version.what());
        return static_cast<int>(Exit::success);
    } catch (const CLI::ParseError& error) {
        complain(printable(error.what()) + "; see " + program_name() + " --help");
        return static_cast<int>(usage);
    }
    return static_cast<int>(run());
}

// The word that ought to be a command and is none, if there is one: the parser would
// only say that a command is missing.
std::optional<std::string> unknown_command(std::span<const char* const> words) {
    const auto is_word = [&](std::size_t i) { return i < words.size() && *words[i] != '-'; };
    if (is_word(1) && !has_command(commands, words[1])) {
        return words[1];
    }
    if (is_word(1) && is_word(2)) {
        const std::string_view group = words[1];
        if ((group == "ecryptfs" && !is_ecryptfs_command(words[2])) ||
            (group == "slot" && !is_slot_command(words[2]))) {
            return std::string(group) + " " + words[2];
        }
    }
    return std::nullopt;
}

int run_dcryptfs(int argc, const char* const* argv) {
    if (const auto word = unknown_command({argv, static_cast<std::size_t>(argc)})) {
        complain(printable(*word) + ": unknown command; see dcryptfs --help");
        return static_cast<int>(Exit::usage);
    }
    CLI::App app("Encrypted directories: make, unlock and read dcryptfs volumes", "dcryptfs");
    app.require_subcommand(1);
    CommandRun chosen;
    add_commands(app, commands, chosen);
    const bool checks = argc > 1 && argv[1] == std::string_view("check");
    return parse_and_run(
        app, argc, argv, [&] { return chosen(); }, checks ? fsck_usage : Exit::usage);
}

int run_mkfs(int argc, const char* const* argv) {
    CLI::App app("Make a dcryptfs volume of an empty directory", "mkfs.dcryptfs");
    return parse_and_run(app, argc, argv, setup_init(app));
}

int run_fsck(int argc, const char* const* argv) {
    CLI::App app("Look for damage in the lower directory of a dcryptfs volume", "fsck.dcryptfs");
    return parse_and_run(app, argc, argv, setup_check(app), fsck_usage);
}

int dispatch(int argc, const char* const* argv) {
    std::string_view name = argc > 0 ? argv[0] : "dcryptfs";
    name.remove_prefix(name.rfind('/') + 1);  // npos + 1 is 0
    if (name == "mount.dcryptfs") {
        set_program_name(name);
        return run_mount_helper(argc, argv);
    }
    if (name == "mkfs.dcryptfs") {
        set_program_name(name);
        return run_mkfs(argc, argv);
    }
    if (name == "fsck.dcryptfs") {
        set_program_name(name);
        return run_fsck(argc, argv);
    }
    return run_dcryptfs(argc, argv);
}

}  // namespace

}  // namespace dcryptfs

int main(int argc, char** argv) {
    using dcryptfs::Exit;
    try {
        dcryptfs::harden_process();
        return dcryptfs::dispatch(argc, argv);
    } catch (const dcryptfs::Error& error) {
        dcryptfs::complain(error.what());
        return static_cast<int>(error.code());
    } catch (const std::bad_alloc&) {
        dcryptfs::complain("out of memory");
    } catch (const std::exception& error) {
        dcryptfs::complain(dcryptfs::printable(error.what()));
    }
    return static_cast<int>(Exit::failure);
}

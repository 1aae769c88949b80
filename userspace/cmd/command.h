// SPDX-License-Identifier: GPL-2.0-or-later
// What a command of the program is.
#ifndef DCRYPTFS_CMD_COMMAND_H
#define DCRYPTFS_CMD_COMMAND_H

#include <CLI/CLI.hpp>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/error.h"
#include "lib/slot_cost.h"
#include "lib/slot_secret.h"

namespace dcryptfs {

// Declares the command's options on `app` and returns what runs it once they
// are parsed; that returns the exit code or throws Error.
using CommandRun = std::function<Exit()>;
using CommandSetup = CommandRun (*)(CLI::App& app);

// A command by its name, for the tables of them.
struct Command {
    const char* name;
    const char* summary;
    CommandSetup setup;
};

// Adds the commands to `app`; parsing sets `chosen`, which has to live until then.
void add_commands(CLI::App& app, std::span<const Command> commands, CommandRun& chosen);

// The commands right below, by their names; option groups are none of them.
std::vector<const CLI::App*> commands_of(const CLI::App& app);

// How the command is called: "dcryptfs slot add".
std::string command_path(const CLI::App& app);

struct Example {
    const char* purpose;
    const char* arguments;  // what follows the command's own words
};

// Adds them to the help.
void add_examples(CLI::App& app, std::initializer_list<Example> examples);

CommandRun setup_init(CLI::App& app);
CommandRun setup_unlock(CLI::App& app);
CommandRun setup_lock(CLI::App& app);
CommandRun setup_status(CLI::App& app);
CommandRun setup_slot(CLI::App& app);
CommandRun setup_cat(CLI::App& app);
CommandRun setup_header(CLI::App& app);
CommandRun setup_ls(CLI::App& app);
CommandRun setup_path(CLI::App& app);
CommandRun setup_migrate(CLI::App& app);
CommandRun setup_export(CLI::App& app);
CommandRun setup_check(CLI::App& app);
CommandRun setup_ecryptfs(CLI::App& app);
CommandRun setup_completion(CLI::App& app);
CommandRun setup_mount(CLI::App& app);

// What check and fsck.dcryptfs say of a wrong command line, as fsck(8) does.
inline constexpr Exit fsck_usage{16};

// What mount.dcryptfs says of it, as mount(8) does.
inline constexpr Exit mount_usage{1};

// How two of the options below are spelt.
inline constexpr const char* passphrase_file_option = "--passphrase-file";
inline constexpr const char* passphrase_fd_option = "--passphrase-fd";

// Adds the options that say what opens a volume: --passphrase-file, --passphrase-fd,
// --key-file, --recovery-code, --recovery-code-file and --recovery-code-fd, which exclude
// each other.
void add_secret_options(CLI::App& app, SecretSource& source);
// What they say, or what is typed on the terminal.
SlotSecret read_secret(const SecretSource& source, const std::string& dir);

// The first three of them, for a volume that is to be made; a terminal is asked twice.
void add_first_secret_options(CLI::App& app, SecretSource& source);
SlotSecret read_first_secret(const SecretSource& source, const std::string& dir);

// --new-passphrase-file, --new-passphrase-fd, --new-key-file and --new-recovery-code, which
// exclude each other: what a slot is to open with from now on.
void add_new_secret_options(CLI::App& app, SecretSource& source);
SlotSecret read_new_secret(const SecretSource& source, const std::string& dir);

// What a guess at the secret of a new slot is to cost.
struct CostOptions {
    std::string kdf;
    std::optional<std::uint64_t> memory;        // MiB
    std::optional<std::uint64_t> time;          // passes, or the base-2 logarithm of n
    std::optional<std::uint64_t> scrypt_log2n;  // of init: the same as --kdf scrypt --kdf-time
};

// Adds --kdf, --kdf-memory and --kdf-time.
void add_cost_options(CLI::App& app, CostOptions& options);

// Throws Error (Exit::usage) for what can't be.
void check_cost_options(const CostOptions& options);

// Measures this machine unless the options leave nothing open.  Throws Error when this
// machine has not the memory.
SlotCost choose_cost(const CostOptions& options);

// Adds --volume, of commands that can do without.
void add_volume_option(CLI::App& app, std::optional<std::string>& volume);

// Adds --json, of commands that report something.
CLI::Option* add_json_option(CLI::App& app, bool& json);

// Adds --jobs; `jobs` is the default.
void add_jobs_option(CLI::App& app, unsigned int& jobs);

// The volume that was given, or else the nearest at or above the path.  Throws
// Error (Exit::damaged) when there is none.
std::string volume_dir_of(const std::optional<std::string>& given, const std::string& path);

}  // namespace dcryptfs

#endif  // DCRYPTFS_CMD_COMMAND_H

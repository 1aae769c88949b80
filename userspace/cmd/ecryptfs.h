// SPDX-License-Identifier: GPL-2.0-or-later
// What the commands under "dcryptfs ecryptfs" share.
#ifndef DCRYPTFS_CMD_ECRYPTFS_H
#define DCRYPTFS_CMD_ECRYPTFS_H

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "lib/ecryptfs_key.h"

namespace dcryptfs {

CommandRun setup_ecryptfs_add_passphrase(CLI::App& app);
CommandRun setup_ecryptfs_wrap_passphrase(CLI::App& app);
CommandRun setup_ecryptfs_unwrap_passphrase(CLI::App& app);
CommandRun setup_ecryptfs_rewrap_passphrase(CLI::App& app);
CommandRun setup_ecryptfs_header(CLI::App& app);
CommandRun setup_ecryptfs_cat(CLI::App& app);
CommandRun setup_ecryptfs_ls(CLI::App& app);

// A passphrase that a command takes, and the options that say where from.
struct PassphraseKind {
    const char* what;
    const char* file_option;
    const char* fd_option;
};

inline constexpr PassphraseKind mount_passphrase = {"passphrase", passphrase_file_option,
                                                    passphrase_fd_option};
inline constexpr PassphraseKind wrapping_passphrase = {
    "wrapping passphrase", "--wrapping-passphrase-file", "--wrapping-passphrase-fd"};
inline constexpr PassphraseKind new_wrapping_passphrase = {
    "wrapping passphrase", "--new-wrapping-passphrase-file", "--new-wrapping-passphrase-fd"};

// Adds the two options, which exclude each other, and returns them.
std::array<CLI::Option*, 2> add_passphrase_kind(CLI::App& app, const PassphraseKind& kind,
                                                PassphraseSource& source);

// Reads one of 1 to 64 bytes without a zero; a new one is asked for twice.
Secret read_ecryptfs_passphrase(const PassphraseSource& source, const PassphraseKind& kind,
                                const std::string& subject);
Secret read_new_ecryptfs_passphrase(const PassphraseSource& source, const PassphraseKind& kind,
                                    const std::string& subject);

// Throws Error (Exit::usage) when both come from the same descriptor, which is read
// to its end for the first.
void require_two_sources(const PassphraseSource& first, const PassphraseSource& second);

// Adds --salt.
void add_salt_option(CLI::App& app, std::optional<std::string>& salt);

// The salt that was given, or else that of ~/.ecryptfsrc, or else the default.
EcryptfsSalt salt_of(const std::optional<std::string>& given);

// Where the passphrase of a mount comes from: straight, or out of a wrapped file.
struct EcryptfsSecretOptions {
    std::optional<std::string> wrapped;
    std::optional<std::string> salt;
    PassphraseSource passphrase;
    PassphraseSource wrapping;
};

struct EcryptfsSecret {
    Secret passphrase;
    EcryptfsSalt salt{};
};

// Adds --wrapped, --salt and the options of both kinds of passphrases.
void add_secret_options(CLI::App& app, EcryptfsSecretOptions& options);

// `subject` is what the passphrase is asked for.
EcryptfsSecret read_secret(const EcryptfsSecretOptions& options, const std::string& subject);

// The keys of data and of names that are made of it.
std::vector<EcryptfsKey> read_keys(const EcryptfsSecretOptions& options,
                                   const std::string& subject);

}  // namespace dcryptfs

#endif  // DCRYPTFS_CMD_ECRYPTFS_H

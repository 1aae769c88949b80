// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs ecryptfs: the commands for eCryptfs's files and keys.
#include "cmd/ecryptfs.h"

#include <array>
#include <limits>
#include <memory>

#include "lib/ecryptfs_wrapped.h"

namespace dcryptfs {

namespace {

constexpr std::array commands = {
    Command{"add-passphrase", "Put the keys made of a passphrase into the user keyring",
            setup_ecryptfs_add_passphrase},
    Command{"wrap-passphrase", "Write a passphrase into a file, encrypted under another",
            setup_ecryptfs_wrap_passphrase},
    Command{"unwrap-passphrase", "Print the passphrase that is in such a file",
            setup_ecryptfs_unwrap_passphrase},
    Command{"rewrap-passphrase", "Change the passphrase that such a file is encrypted under",
            setup_ecryptfs_rewrap_passphrase},
    Command{"header", "Show what a lower eCryptfs file says of itself", setup_ecryptfs_header},
    Command{"cat", "Decrypt one lower eCryptfs file to standard output", setup_ecryptfs_cat},
    Command{"ls", "List a lower eCryptfs directory with its names decrypted", setup_ecryptfs_ls},
};

PassphraseRequest request_for(const PassphraseKind& kind, const std::string& subject) {
    return {subject, kind.what, kind.file_option, kind.fd_option};
}

// What to call the source in a message: the option, or the terminal.
std::string name_of(const PassphraseSource& source, const PassphraseKind& kind) {
    if (source.file) {
        return *source.file;
    }
    return source.fd ? std::string(kind.fd_option) + " " + std::to_string(*source.fd) : "terminal";
}

Secret checked(Secret passphrase, const PassphraseSource& source, const PassphraseKind& kind) {
    check_ecryptfs_passphrase(passphrase, name_of(source, kind));
    return passphrase;
}

}  // namespace

std::array<CLI::Option*, 2> add_passphrase_kind(CLI::App& app, const PassphraseKind& kind,
                                                PassphraseSource& source) {
    const std::string what = kind.what;
    auto* const file =
        app.add_option(kind.file_option, source.file,
                       "Read the " + what + " from this file, less one final newline")
            ->type_name("FILE");
    auto* const fd =
        app.add_option(kind.fd_option, source.fd,
                       "Read the " + what + " from this open file descriptor, likewise")
            ->type_name("N")
            ->check(CLI::Range(0, std::numeric_limits<int>::max()))
            ->excludes(file);
    return {file, fd};
}

Secret read_ecryptfs_passphrase(const PassphraseSource& source, const PassphraseKind& kind,
                                const std::string& subject) {
    return checked(read_passphrase(source, request_for(kind, subject)), source, kind);
}

Secret read_new_ecryptfs_passphrase(const PassphraseSource& source, const PassphraseKind& kind,
                                    const std::string& subject) {
    return checked(read_new_passphrase(source, request_for(kind, subject)), source, kind);
}

void require_two_sources(const PassphraseSource& first, const PassphraseSource& second) {
    if (first.fd && first.fd == second.fd) {
        fail(Exit::usage, "file descriptor " + std::to_string(*first.fd),
             "two passphrases can't come from one descriptor, which is read to its end for the "
             "first; give another one or a file");
    }
}

void add_salt_option(CLI::App& app, std::optional<std::string>& salt) {
    app.add_option("--salt", salt,
                   "The salt, as 16 hexadecimal digits (default: that of ~/.ecryptfsrc, or else "
                   "0011223344556677)")
        ->type_name("HEX");
}

EcryptfsSalt salt_of(const std::optional<std::string>& given) {
    if (!given) {
        return read_ecryptfs_salt(ecryptfs_config_path());
    }
    const auto salt = parse_ecryptfs_salt(*given);
    if (!salt) {
        fail(Exit::usage, "--salt", "a salt has 16 hexadecimal digits");
    }
    return *salt;
}

void add_secret_options(CLI::App& app, EcryptfsSecretOptions& options) {
    auto* const wrapped =
        app.add_option("--wrapped", options.wrapped,
                       "Take the passphrase out of this file, encrypted under a wrapping one")
            ->type_name("FILE");
    add_salt_option(app, options.salt);
    for (auto* const option : add_passphrase_kind(app, mount_passphrase, options.passphrase)) {
        option->excludes(wrapped);
    }
    for (auto* const option : add_passphrase_kind(app, wrapping_passphrase, options.wrapping)) {
        option->needs(wrapped);
    }
}

EcryptfsSecret read_secret(const EcryptfsSecretOptions& options, const std::string& subject) {
    const EcryptfsSalt salt = salt_of(options.salt);
    if (!options.wrapped) {
        return {read_ecryptfs_passphrase(options.passphrase, mount_passphrase, subject), salt};
    }
    // The file first: a passphrase is not asked for in vain.
    const WrappedPassphrase wrapped = read_wrapped(*options.wrapped);
    const Secret wrapping =
        read_ecryptfs_passphrase(options.wrapping, wrapping_passphrase, *options.wrapped);
    return {unwrap_passphrase(wrapped, wrapping, salt, *options.wrapped), salt};
}

std::vector<EcryptfsKey> read_keys(const EcryptfsSecretOptions& options,
                                   const std::string& subject) {
    const EcryptfsSecret secret = read_secret(options, subject);
    std::vector<EcryptfsKey> keys;
    keys.push_back(derive_ecryptfs_key(secret.passphrase, secret.salt));
    keys.push_back(derive_ecryptfs_key(secret.passphrase, ecryptfs_name_salt));
    return keys;
}

CommandRun setup_ecryptfs(CLI::App& app) {
    app.require_subcommand(1);
    const auto chosen = std::make_shared<CommandRun>();
    add_commands(app, commands, *chosen);
    add_examples(
        app, {{"Put the keys of a wrapped passphrase into the keyring",
               "add-passphrase --fnek --wrapped /home/.ecryptfs/june/.ecryptfs/wrapped-passphrase"},
              {"See what a file says of itself", "header /home/.ecryptfs/june/.Private/file"}});
    // The pointer keeps what the commands' callbacks refer to.
    return [chosen] { return (*chosen)(); };
}

}  // namespace dcryptfs

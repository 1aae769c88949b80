// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs ecryptfs add-passphrase: what ecryptfs-add-passphrase and
// ecryptfs-insert-wrapped-passphrase-into-keyring do.
#include <memory>

#include "cmd/ecryptfs.h"
#include "lib/output.h"

namespace dcryptfs {

namespace {

struct Options {
    bool names = false;
    EcryptfsSecretOptions secret;
};

void add(const char* field, const Secret& passphrase, const EcryptfsSalt& salt) {
    const EcryptfsKey key = derive_ecryptfs_key(passphrase, salt);
    add_ecryptfs_key(key, salt);
    say_field(field, to_hex(key.signature));
}

Exit run(const Options& options) {
    const EcryptfsSecret secret = read_secret(options.secret, "eCryptfs");
    add("signature", secret.passphrase, secret.salt);
    if (options.names) {
        add("fnek signature", secret.passphrase, ecryptfs_name_salt);
    }
    return Exit::success;
}

}  // namespace

CommandRun setup_ecryptfs_add_passphrase(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_flag("--fnek", options->names, "Add the key of encrypted names as well");
    add_secret_options(app, options->secret);
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs ecryptfs add-passphrase: what ecryptfs-add-passphrase and
// ecryptfs-insert-wrapped-passphrase-into-keyring do.
#include <memory>

#include "cmd/ecryptfs.h"
#include "cmd/json.h"

namespace dcryptfs {

namespace {

struct Options {
    bool names = false;
    EcryptfsSecretOptions secret;
    bool json = false;
};

// The signature of what is added.
std::string add(const Secret& passphrase, const EcryptfsSalt& salt) {
    const EcryptfsKey key = derive_ecryptfs_key(passphrase, salt);
    add_ecryptfs_key(key, salt);
    return to_hex(key.signature);
}

Exit run(const Options& options) {
    const EcryptfsSecret secret = read_secret(options.secret, "eCryptfs");
    Json added;
    added["signature"] = add(secret.passphrase, secret.salt);
    if (options.names) {
        added["fnek_signature"] = add(secret.passphrase, ecryptfs_name_salt);
    }
    report(added, options.json);
    return Exit::success;
}

}  // namespace

CommandRun setup_ecryptfs_add_passphrase(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_flag("--fnek", options->names, "Add the key of encrypted names as well");
    add_secret_options(app, options->secret);
    add_json_option(app, options->json);
    add_examples(app, {{"Ask for the passphrase of a mount", "--fnek"},
                       {"Take it out of a wrapped file, whose passphrase is asked for",
                        "--fnek --wrapped /home/.ecryptfs/june/.ecryptfs/wrapped-passphrase"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

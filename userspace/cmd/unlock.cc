// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs unlock: put a volume's key into the user keyring.
#include <memory>

#include "cmd/command.h"
#include "lib/keyring.h"
#include "lib/output.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string dir;
    SecretSource secret;
};

Exit run(const Options& options) {
    const Volume volume = load_volume(options.dir);
    const Secret volume_key = open_volume(volume, read_secret(options.secret, volume.dir));
    add_key_to_user_keyring(volume.config.key_id, make_key_payload(volume.config, volume_key));
    say_field("key id", to_hex(volume.config.key_id));
    return Exit::success;
}

}  // namespace

CommandRun setup_unlock(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("dir", options->dir, "The volume")->type_name("DIR")->required();
    add_secret_options(app, options->secret);
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

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
    PassphraseSource passphrase;
};

Exit run(const Options& options) {
    const Volume volume = load_volume(options.dir);
    const Secret volume_key =
        open_volume(volume, read_passphrase(options.passphrase, volume.dir, passphrase_file_option,
                                            passphrase_fd_option));
    add_key_to_user_keyring(volume.config.key_id, make_key_payload(volume.config, volume_key));
    say_field("key id", to_hex(volume.config.key_id));
    return Exit::success;
}

}  // namespace

CommandRun setup_unlock(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("dir", options->dir, "The volume")->type_name("DIR")->required();
    add_passphrase_options(app, options->passphrase);
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs lock: take a volume's key out of the keyrings.
#include <algorithm>
#include <memory>
#include <optional>

#include "cmd/command.h"
#include "lib/keyring.h"
#include "lib/mountinfo.h"
#include "lib/output.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string dir;
    std::optional<std::string> key_id;
};

KeyId wanted_key(const Options& options) {
    if (!options.key_id) {
        return load_volume(options.dir).config.key_id;
    }
    KeyId id{};
    if (!from_hex(*options.key_id, id)) {
        fail(Exit::usage, "--key-id",
             "a key identifier has " + std::to_string(2 * id.size()) + " hexadecimal digits");
    }
    return id;
}

bool is_mounted(const KeyId& id) {
    const auto mounts = list_mounts();
    return std::any_of(mounts.begin(), mounts.end(), [&](const Mount& mount) {
        return option_value(mount.super_options, "key") == to_hex(id);
    });
}

Exit run(const Options& options) {
    const KeyId id = wanted_key(options);
    const bool removed = remove_key(id);
    if (removed) {
        say_field("locked", to_hex(id));
    }
    if (is_mounted(id)) {
        say_field("note",
                  "mounts made with this key have their own copy, "
                  "and stay usable until they are unmounted");
    }
    if (!removed) {
        fail(Exit::no_key, to_hex(id), "the key is not in a keyring of this user");
    }
    return Exit::success;
}

}  // namespace

CommandRun setup_lock(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    auto* const choice = app.add_option_group("key", "Which key")->require_option(1);
    choice->add_option("dir", options->dir, "The volume")->type_name("DIR");
    choice->add_option("--key-id", options->key_id, "The identifier of the key")->type_name("ID");
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

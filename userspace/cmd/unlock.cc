// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs unlock: put a volume's key into the user keyring, and into its mount.
#include <memory>
#include <optional>
#include <utility>

#include "cmd/command.h"
#include "cmd/json.h"
#include "lib/keyring.h"
#include "lib/mount_lock.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string dir;
    SecretSource secret;
    bool json = false;
};

void add_key_of(const Volume& volume, const Options& options) {
    const Secret volume_key = open_volume(volume, read_secret(options.secret, volume.dir));
    add_key_to_user_keyring(volume.config.key_id, make_key_payload(volume.config, volume_key));
}

Exit unlock_keyring(const Options& options) {
    const Volume volume = load_volume(options.dir);
    add_key_of(volume, options);
    report({{"key_id", to_hex(volume.config.key_id)}}, options.json);
    return Exit::success;
}

// ---- a mount ----

[[noreturn]] void fail_lower(const Mount& mount, const std::string& reason) {
    fail(
        Exit::failure, mount.target,
        "its lower directory was not found where it was when this was mounted: " + reason +
            "; put the key into the keyring where it is now, with: dcryptfs unlock LOWER, and then "
            "unlock this again");
}

// The volume that is mounted there.
Volume load_lower(const MountedDir& dir) {
    const std::string& source = dir.mount.source;
    if (!source.starts_with('/')) {
        fail_lower(dir.mount, printable(source) + " is no path from the root");
    }
    std::optional<Volume> volume;
    try {
        volume = load_volume(source);
    } catch (const Error& error) {
        fail_lower(dir.mount, error.what());
    }
    if (volume->config.key_id != dir.key_id) {
        fail_lower(dir.mount, printable(source) + " is a volume with another key");
    }
    return *std::move(volume);
}

void report_unlock(const MountedDir& dir, bool json, const char* note = nullptr) {
    Json done;
    done["mountpoint"] = printable(dir.mount.target);
    done["key_id"] = to_hex(dir.key_id);
    if (note != nullptr) {
        done["note"] = note;
    }
    report(done, json);
}

// With the key that is in the keyrings; whether there was one.
bool unlock_with_keyrings(const MountedDir& dir) {
    const int err = ask_unlock(dir);
    if (err != 0 && !is_lack_of_key(err)) {
        fail_unlock(dir.mount.target, dir.key_id, err);
    }
    return err == 0;
}

Exit unlock_mount(const MountedDir& dir, const Options& options) {
    if (lock_state(dir.mount) == false) {
        report_unlock(dir, options.json, "it is not locked");
        return Exit::success;
    }
    if (count_sources(options.secret) > 0 || !unlock_with_keyrings(dir)) {
        add_key_of(load_lower(dir), options);
        if (const int err = ask_unlock(dir)) {
            fail_unlock(dir.mount.target, dir.key_id, err);
        }
    }
    report_unlock(dir, options.json);
    return Exit::success;
}

Exit run(const Options& options) {
    const auto mounted = open_mounted(options.dir);
    return mounted ? unlock_mount(*mounted, options) : unlock_keyring(options);
}

}  // namespace

CommandRun setup_unlock(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("dir", options->dir, "The volume, or a directory where it is mounted")
        ->type_name("DIR")
        ->required();
    add_secret_options(app, options->secret);
    add_json_option(app, options->json);
    add_examples(app, {{"Ask for the passphrase", "/srv/lower"},
                       {"With a key file", "--key-file /root/key /srv/lower"},
                       {"A mounted volume that was locked", "/srv/upper"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs lock: take a volume's key out of the keyrings, and out of its mount.
#include "cmd/lock.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "cmd/json.h"
#include "lib/idle.h"
#include "lib/keyring.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

constexpr const char* idle_option = "--idle";

struct Options {
    std::string dir;
    std::optional<std::string> key_id;
    std::optional<std::string> idle;
    bool foreground = false;
    bool json = false;
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

// One that has the key, other than those on the device.
std::optional<Mount> find_unlocked_mount(const KeyId& id, std::string_view but = "") {
    const auto mounts = list_mounts();
    const auto found = std::ranges::find_if(mounts, [&](const Mount& mount) {
        return mount.device != but && option_value(mount.super_options, "key") == to_hex(id) &&
               lock_state(mount) != true;
    });
    return found == mounts.end() ? std::nullopt : std::optional(*found);
}

// How to have that locked as well.
std::string note_on(const Mount& mount) {
    return "mounts made with this key have their own copy, and stay usable until they are locked "
           "or unmounted; this locks one: dcryptfs lock " +
           printable(mount.target);
}

bool is_in_some_keyring(const KeyId& id) {
    const auto keys = list_keys();
    return std::ranges::any_of(
        keys, [&](const ListedKey& key) { return key.description == key_description(id); });
}

Exit lock_keyrings(const Options& options) {
    const KeyId id = wanted_key(options);
    const bool removed = remove_key(id);
    Json done = Json::object();
    if (removed) {
        done["locked"] = to_hex(id);
    }
    if (const auto mount = find_unlocked_mount(id)) {
        done["note"] = note_on(*mount);
    }
    if (!done.empty()) {
        report(done, options.json);
    }
    if (!removed) {
        fail(Exit::no_key, to_hex(id),
             "the key is not in a keyring of this user; dcryptfs status shows those that are");
    }
    return Exit::success;
}

Exit lock_mount(const MountedDir& dir, bool json) {
    if (const int err = ask_mount(dir.fd, LockRequest::lock)) {
        fail_lock(dir.mount.target, err);
    }
    finish_lock(dir.mount, dir.key_id, json);
    return Exit::success;
}

std::chrono::seconds idle_time(const std::string& text) {
    const auto time = parse_idle_time(text);
    if (!time) {
        fail(Exit::usage, idle_option,
             (text.empty() ? "''" : printable(text)) +
                 " is not a time such as 90s, 15m or 2h, from 1s to 720h");
    }
    return *time;
}

Exit run(const Options& options) {
    const auto idle = options.idle ? std::optional(idle_time(*options.idle)) : std::nullopt;
    auto mounted = options.key_id ? std::nullopt : open_mounted(options.dir);
    if (!idle) {
        return mounted ? lock_mount(*mounted, options.json) : lock_keyrings(options);
    }
    if (!mounted) {
        fail(Exit::usage, options.dir,
             std::string(idle_option) +
                 " is for what is mounted, and this is in no mount of dcryptfs; give the directory "
                 "where the volume is mounted");
    }
    return run_idle_lock(*std::move(mounted), *idle, options.foreground, options.json);
}

}  // namespace

void finish_lock(const Mount& mount, const KeyId& key_id, bool json) {
    Json done;
    done["mountpoint"] = printable(mount.target);
    done["locked"] = to_hex(key_id);
    try {
        (void)remove_key(key_id);
        if (const auto other = find_unlocked_mount(key_id, mount.device)) {
            done["note"] = note_on(*other);
        } else if (is_in_some_keyring(key_id)) {
            done["note"] =
                "a keyring of another user or session still has the key: dcryptfs status shows it";
        }
    } catch (const Error&) {
        report(done, json);
        throw;
    }
    report(done, json);
}

CommandRun setup_lock(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    auto* const choice = app.add_option_group("key", "Which key")->require_option(1);
    choice->add_option("dir", options->dir, "The volume, or a directory where it is mounted")
        ->type_name("DIR");
    auto* const key_id =
        choice->add_option("--key-id", options->key_id, "The identifier of the key")
            ->type_name("ID");
    auto* const idle = app.add_option(idle_option, options->idle,
                                      "Lock the mount when nobody has used it for so long: 90s, "
                                      "15m, 2h")
                           ->type_name("TIME")
                           ->excludes(key_id);
    app.add_flag("--foreground", options->foreground,
                 "With --idle: wait for that here, not in the background")
        ->needs(idle);
    add_json_option(app, options->json);
    add_examples(
        app,
        {{"The key of a volume", "/srv/lower"},
         {"One that status shows, when its volume is not there",
          "--key-id 00112233445566778899aabbccddeeff"},
         {"A mounted volume: its files can't be used until it is unlocked", "/srv/upper"},
         {"The same when nobody has used it for a quarter of an hour", "--idle 15m /srv/upper"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs status: keys, mounts, and one volume, for people to read.
#include <memory>
#include <optional>

#include "cmd/command.h"
#include "lib/keyring.h"
#include "lib/mount_stats.h"
#include "lib/mountinfo.h"
#include "lib/output.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

void show_volume(const std::string& dir) {
    const Volume volume = load_volume(dir);
    const Config& config = volume.config;
    say_field("volume", volume.dir);
    say_field("format", std::to_string(config.format));
    say_field("cipher", config.suite.name);
    say_field("names", config.names.name);
    say_field("key id", to_hex(config.key_id));
    for (const Slot& slot : config.slots) {
        // What is typed is guessed; what is random is not.
        const bool weak = slot.type == SlotType::passphrase && is_weak(slot.cost);
        say_field("slot " + std::to_string(slot.id),
                  std::string(slot_type_name(slot.type)) + ", " + describe(slot.cost) +
                      (weak ? " (weak: a guess costs less than is usual; dcryptfs slot change "
                              "makes it cost more)"
                            : ""));
    }
    say_field("key", find_key(config.key_id) ? "in a keyring" : "not in a keyring");
}

void show_keys() {
    const auto keys = list_keys();
    say(keys.empty() ? "keys: none" : "keys:");
    for (const ListedKey& key : keys) {
        std::string line = "  " + printable(key.description) + "  serial " +
                           std::to_string(key.serial) + ", uid " + std::to_string(key.uid);
        if (key.expires != "perm") {
            line += ", expires " + printable(key.expires);
        }
        say(line);
    }
}

void show_mounts(bool verbose) {
    const auto mounts = list_mounts();
    say(mounts.empty() ? "mounts: none" : "mounts:");
    for (const Mount& mount : mounts) {
        std::string line = "  " + printable(mount.source) + " on " + printable(mount.target);
        for (const char* const name : {"cipher", "names", "key"}) {
            if (const auto value = option_value(mount.super_options, name)) {
                line += std::string(", ") + name + " " + printable(*value);
            }
        }
        say(line);
        if (verbose) {
            for (const std::string& about : describe(mount_stats(mount.device))) {
                say("    " + about);
            }
        }
    }
}

}  // namespace

CommandRun setup_status(CLI::App& app) {
    const auto dir = std::make_shared<std::optional<std::string>>();
    app.add_option("dir", *dir, "Show this volume as well")->type_name("DIR");
    const auto verbose = std::make_shared<bool>(false);
    app.add_flag("-v,--verbose", *verbose, "Show what each mount has done as well");
    return [dir, verbose] {
        if (*dir) {
            show_volume(**dir);
        }
        show_keys();
        show_mounts(*verbose);
        return Exit::success;
    };
}

}  // namespace dcryptfs

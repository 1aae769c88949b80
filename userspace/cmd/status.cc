// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs status: keys, mounts, and one volume, and what is unsafe about them.
#include <algorithm>
#include <memory>
#include <optional>

#include "cmd/command.h"
#include "cmd/slot_json.h"
#include "lib/keyring.h"
#include "lib/mount_stats.h"
#include "lib/mountinfo.h"
#include "lib/output.h"
#include "lib/path.h"
#include "lib/safety.h"
#include "lib/text_file.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

struct Options {
    std::optional<std::string> dir;
    bool verbose = false;
    bool json = false;
};

// What is to be warned of, each once.
class Warnings {
  public:
    void add(const std::string& subject, const std::string& problem) {
        const std::string text = printable(subject) + ": " + problem;
        if (std::ranges::find(texts_, text) == texts_.end()) {
            texts_.push_back(text);
        }
    }
    // Of what any command can see of a volume.
    void add_slots(const Volume& volume) {
        for (const Slot& slot : volume.config.slots) {
            if (is_weak(slot)) {
                add(volume.dir, weak_slot_problem(slot, volume.dir));
            }
        }
    }
    void add_direct_io(const std::string& subject, std::optional<bool> direct) {
        if (direct == false) {
            add(subject, no_direct_io_problem);
        }
    }
    [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

  private:
    std::vector<std::string> texts_;
};

Json json_of(std::optional<bool> answer) {
    return answer ? Json(*answer) : Json(nullptr);
}

const char* words_of(std::optional<bool> answer) {
    if (!answer) {
        return "not known";
    }
    return *answer ? "yes" : "no";
}

// ---- a volume ----

Json show_volume(const std::string& dir, bool quiet, Warnings& warnings) {
    const Volume volume = load_volume(dir);
    const Config& config = volume.config;
    const bool has_key = find_key(config.key_id).has_value();
    const auto direct = takes_direct_io(volume.config_path);
    warnings.add_slots(volume);
    warnings.add_direct_io(volume.dir, direct);
    if (!quiet) {
        say_field("volume", volume.dir);
        say_field("format", std::to_string(config.format));
        say_field("cipher", config.suite.name);
        say_field("names", config.names.name);
        say_field("key id", to_hex(config.key_id));
        for (const Slot& slot : config.slots) {
            say_field("slot " + std::to_string(slot.id), std::string(slot_type_name(slot.type)) +
                                                             ", " + describe(slot.cost) +
                                                             (is_weak(slot) ? " (weak)" : ""));
        }
        say_field("direct I/O below", words_of(direct));
        say_field("key", has_key ? "in a keyring" : "not in a keyring");
    }
    Json all;
    all["volume"] = printable(volume.dir);
    all["format"] = config.format;
    all["cipher"] = config.suite.name;
    all["names"] = config.names.name;
    all["key_id"] = to_hex(config.key_id);
    all["slots"] = slots_json(config);
    all["lower_direct_io"] = json_of(direct);
    all["key_in_keyring"] = has_key;
    return all;
}

// ---- keys ----

Json show_keys(bool quiet) {
    Json all = Json::array();
    std::string lines;
    for (const ListedKey& key : list_keys()) {
        lines += "\n  " + printable(key.description) + "  serial " + std::to_string(key.serial) +
                 ", uid " + std::to_string(key.uid);
        if (key.expires != "perm") {
            lines += ", expires " + printable(key.expires);
        }
        Json one;
        one["description"] = printable(key.description);
        one["serial"] = key.serial;
        one["uid"] = key.uid;
        one["expires"] = printable(key.expires);
        all.push_back(one);
    }
    if (!quiet) {
        say(lines.empty() ? "keys: none" : "keys:" + lines);
    }
    return all;
}

// ---- mounts ----

// The volume that is mounted there, if it can be read from here and is where the mount says.
std::optional<Volume> volume_of(const Mount& mount) {
    const auto key = option_value(mount.super_options, "key");
    if (!key || !mount.source.starts_with('/')) {
        return std::nullopt;
    }
    try {
        Volume volume = load_volume(mount.source);
        return to_hex(volume.config.key_id) == *key ? std::optional(std::move(volume))
                                                    : std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

// The driver that the kernel chose when it was mounted, or nothing if the module is one that
// does not say.
std::string driver_of(const Mount& mount) {
    try {
        const std::string text =
            read_text_file("/sys/fs/dcryptfs/" + mount.device + "/cipher_driver");
        return text.substr(0, text.find('\n'));
    } catch (const Error&) {
        return "";
    }
}

bool cpu_has_aes() {
    try {
        return has_aes_instructions(read_text_file("/proc/cpuinfo"));
    } catch (const Error&) {
        return false;
    }
}

// What a mount is, in members that have text or nothing.
Json mount_json(const Mount& mount, Warnings& warnings) {
    Json all;
    all["source"] = printable(mount.source);
    all["target"] = printable(mount.target);
    all["device"] = printable(mount.device);
    const auto volume = volume_of(mount);
    for (const char* const name : {"cipher", "ecryptfs_cipher", "names", "key", "ecryptfs_sig"}) {
        if (const auto value = option_value(mount.super_options, name)) {
            all[name] = printable(*value);
        }
    }
    if (const std::string driver = driver_of(mount); !driver.empty()) {
        all["cipher_driver"] = printable(driver);
        if (const auto problem = driver_problem(driver, cpu_has_aes())) {
            warnings.add(mount.target, *problem);
        }
    }
    const MountStats stats = mount_stats(mount.device);
    if (const auto locked = is_locked(stats)) {
        all["locked"] = *locked;
    }
    auto direct = moved_directly(stats);
    if (!direct && volume) {
        direct = takes_direct_io(volume->config_path);
    }
    all["lower_direct_io"] = json_of(direct);
    warnings.add_direct_io(mount.target, direct);
    if (volume) {
        warnings.add_slots(*volume);
    }
    return all;
}

void say_mount(const Json& mount) {
    std::string line =
        "  " + mount["source"].get<std::string>() + " on " + mount["target"].get<std::string>();
    for (const char* const name : {"cipher", "ecryptfs_cipher", "names", "key", "ecryptfs_sig"}) {
        if (mount.contains(name)) {
            line += std::string(", ") + name + " " + mount[name].get<std::string>();
        }
    }
    say(line);
    const Json& direct = mount["lower_direct_io"];
    say("    direct I/O below: " +
        std::string(words_of(direct.is_null() ? std::nullopt : std::optional(direct.get<bool>()))) +
        (mount.contains("cipher_driver")
             ? "; cipher driver: " + mount["cipher_driver"].get<std::string>()
             : "") +
        (mount.value("locked", false) ? "; locked: yes" : ""));
}

Json show_mounts(const Options& options, Warnings& warnings) {
    Json all = Json::array();
    const auto mounts = list_mounts();
    if (!options.json) {
        say(mounts.empty() ? "mounts: none" : "mounts:");
    }
    for (const Mount& mount : mounts) {
        Json one = mount_json(mount, warnings);
        if (!options.json) {
            say_mount(one);
        }
        if (options.verbose) {
            const MountStats stats = mount_stats(mount.device);
            one["statistics"] = stats;
            for (const std::string& about : describe(stats)) {
                if (!options.json) {
                    say("    " + about);
                }
            }
        }
        all.push_back(one);
    }
    return all;
}

Exit run(const Options& options) {
    Warnings warnings;
    Json all;
    if (options.dir) {
        all["volume"] = show_volume(*options.dir, options.json, warnings);
    }
    all["keys"] = show_keys(options.json);
    all["mounts"] = show_mounts(options, warnings);
    all["warnings"] = warnings.texts();
    if (options.json) {
        say_json(all);
        return Exit::success;
    }
    for (const std::string& warning : warnings.texts()) {
        say("warning: " + warning);
    }
    return Exit::success;
}

}  // namespace

CommandRun setup_status(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("dir", options->dir, "Show this volume as well")->type_name("DIR");
    app.add_flag("-v,--verbose", options->verbose, "Show what each mount has done as well");
    add_json_option(app, options->json);
    add_examples(app, {{"Keys and mounts", ""},
                       {"A volume as well, mounted or not", "/srv/lower"},
                       {"What the mounts have done, for a program", "-v --json"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

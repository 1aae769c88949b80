// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/volume.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "lib/error.h"
#include "lib/path.h"
#include "lib/slots.h"

namespace dcryptfs {

namespace {

struct FreeDeleter {
    void operator()(char* text) const noexcept { std::free(text); }
};

}  // namespace

std::string read_config_text(const Fd& dir_fd, const std::string& dir, const std::string& path) {
    struct stat info {};
    if (fstatat(dir_fd.get(), std::string(config_name).c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) {
            fail_errno(path, "", errno);
        }
        if (is_on_dcryptfs(dir_fd)) {
            fail(Exit::damaged, dir,
                 "not a dcryptfs volume: it lies in a mounted one; give the lower directory");
        }
        const std::string backup(config_backup_name);
        if (faccessat(dir_fd.get(), backup.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
            fail(Exit::damaged, dir,
                 "not a dcryptfs volume: it has lost its " + std::string(config_name) +
                     "; there is one of before its key slots were changed, " + backup +
                     ", which can be copied to that name");
        }
        fail(Exit::damaged, dir,
             "not a dcryptfs volume: it has no " + std::string(config_name) +
                 "; an empty directory becomes one with: dcryptfs init DIR");
    }
    if (!S_ISREG(info.st_mode)) {
        fail(Exit::damaged, path, "not a regular file");
    }
    const Fd file = open_regular(dir_fd.get(), std::string(config_name), O_NOFOLLOW, path, &info);
    std::string text(max_config_size + 1, '\0');
    text.resize(
        read_full(file.get(), {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}, path));
    if (text.size() > max_config_size) {
        fail(Exit::damaged, path,
             "damaged configuration: longer than " + std::to_string(max_config_size) + " bytes");
    }
    return text;
}

std::string absolute_path(const std::string& path) {
    const std::unique_ptr<char, FreeDeleter> resolved(realpath(path.c_str(), nullptr));
    if (resolved == nullptr) {
        fail_errno(path, "", errno);
    }
    return resolved.get();
}

Volume load_volume(const std::string& dir) {
    Volume volume;
    volume.dir = absolute_path(dir);
    volume.config_path = join_path(volume.dir, config_name);
    volume.config = parse_config(
        read_config_text(open_dir(volume.dir), volume.dir, volume.config_path), volume.config_path);
    return volume;
}

std::optional<std::string> find_volume_dir(const std::string& path) {
    std::string dir = absolute_path(path);
    while (true) {
        struct stat info {};
        if (lstat(join_path(dir, config_name).c_str(), &info) == 0) {
            return dir;
        }
        if (dir == "/") {
            return std::nullopt;
        }
        dir.erase(std::max<std::size_t>(dir.rfind('/'), 1));
    }
}

namespace {

// What opened fits the rest of the configuration, or it throws.
void check_opened(const Volume& volume, const Secret& volume_key) {
    const Config& config = volume.config;
    if (derive_key_id(volume_key) != config.key_id) {
        fail(Exit::damaged, volume.config_path,
             "damaged or edited configuration: key_id is not that of the volume key");
    }
    const Secret mac_key = derive_config_mac_key(volume_key);
    const auto mac = hmac_sha256(mac_key.bytes(), as_bytes(config.canonical_without_mac));
    if (!equal_constant_time(mac, config.mac)) {
        fail(Exit::damaged, volume.config_path,
             "damaged or edited configuration: its MAC is wrong");
    }
}

SlotSecret as_slot_secret(const Secret& passphrase) {
    Secret copy(passphrase.size());
    std::copy(passphrase.bytes().begin(), passphrase.bytes().end(), copy.data());
    return {SlotType::passphrase, std::move(copy)};
}

}  // namespace

OpenedVolume open_slot(const Volume& volume, const SlotSecret& secret) {
    const std::string what(describe(secret.type));
    std::optional<Error> left_out;
    bool has_type = false;
    for (std::size_t i = 0; i < volume.config.slots.size(); i++) {
        const Slot& slot = volume.config.slots[i];
        if (slot.type != secret.type) {
            continue;
        }
        has_type = true;
        SlotAttempt attempt = try_slot(slot, secret);
        if (attempt.volume_key) {
            check_opened(volume, *attempt.volume_key);
            return {std::move(*attempt.volume_key), i, std::move(attempt.wrap_key)};
        }
        if (attempt.problem) {
            left_out = Error(attempt.code, *attempt.problem);
        }
    }
    if (!has_type) {
        fail(Exit::wrong_passphrase, volume.config_path,
             "no key slot of it takes a " + what + "; dcryptfs slot list shows what they take");
    }
    if (left_out) {
        fail(left_out->code(), volume.config_path,
             left_out->what() + std::string("; no other slot opens"));
    }
    fail(Exit::wrong_passphrase, volume.config_path,
         "wrong " + what + " (or the key slot has been damaged or edited)");
}

Secret open_volume(const Volume& volume, const SlotSecret& secret) {
    return open_slot(volume, secret).volume_key;
}

Secret open_volume(const Volume& volume, const Secret& passphrase) {
    return open_volume(volume, as_slot_secret(passphrase));
}

std::unique_ptr<Sealer> open_names(const Volume& volume, const SlotSecret& secret) {
    const Secret volume_key = open_volume(volume, secret);
    if (volume.config.names.id == DCRYPT_NAMES_PLAIN) {
        return nullptr;
    }
    return std::make_unique<Sealer>(volume_key);
}

std::unique_ptr<Sealer> open_names(const Volume& volume, const Secret& passphrase) {
    return open_names(volume, as_slot_secret(passphrase));
}

NewVolume make_volume(const VolumeParameters& parameters, const SlotSecret& secret) {
    Secret volume_key(volume_key_size);
    random_bytes(volume_key.bytes());

    Config config;
    config.version = newest_config_version;
    config.format = DCRYPT_FORMAT_NATIVE;
    config.suite = parameters.suite;
    config.names = parameters.names;
    config.key_id = derive_key_id(volume_key);
    config.slots.push_back(make_slot(0, parameters.cost, secret, volume_key));
    return {config.key_id, format_config(config, derive_config_mac_key(volume_key))};
}

}  // namespace dcryptfs

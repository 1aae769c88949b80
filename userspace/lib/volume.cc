// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/volume.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "lib/error.h"
#include "lib/path.h"

namespace dcryptfs {

namespace {

struct FreeDeleter {
    void operator()(char* text) const noexcept { std::free(text); }
};

std::string read_config_file(const std::string& dir, const std::string& path) {
    const Fd dir_fd = open_dir(dir);
    struct stat info {};
    if (fstatat(dir_fd.get(), std::string(config_name).c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) {
            fail_errno(path, "", errno);
        }
        if (is_on_dcryptfs(dir_fd)) {
            fail(Exit::damaged, dir,
                 "not a dcryptfs volume: it lies in a mounted one; give the lower directory");
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

}  // namespace

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
    const std::string text = read_config_file(volume.dir, volume.config_path);
    volume.config = parse_config(text, volume.config_path);
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

Secret open_volume(const Volume& volume, const Secret& passphrase) {
    const Config& config = volume.config;
    for (const Slot& slot : config.slots) {
        const Secret wrap_key = scrypt(passphrase.bytes(), slot.salt, slot.cost, wrap_key_size);
        auto volume_key =
            gcm_open(wrap_key, slot.nonce, as_bytes(slot.canonical_kdf), slot.key, slot.tag);
        if (!volume_key) {
            continue;
        }
        if (derive_key_id(*volume_key) != config.key_id) {
            fail(Exit::damaged, volume.config_path,
                 "damaged or edited configuration: key_id is not that of the volume key");
        }
        const Secret mac_key = derive_config_mac_key(*volume_key);
        const auto mac = hmac_sha256(mac_key.bytes(), as_bytes(config.canonical_without_mac));
        if (!equal_constant_time(mac, config.mac)) {
            fail(Exit::damaged, volume.config_path,
                 "damaged or edited configuration: its MAC is wrong");
        }
        return std::move(*volume_key);
    }
    fail(Exit::wrong_passphrase, volume.config_path,
         "wrong passphrase (or the key slot has been damaged or edited)");
}

std::unique_ptr<Sealer> open_names(const Volume& volume, const Secret& passphrase) {
    const Secret volume_key = open_volume(volume, passphrase);
    if (volume.config.names.id == DCRYPT_NAMES_PLAIN) {
        return nullptr;
    }
    return std::make_unique<Sealer>(volume_key);
}

NewVolume make_volume(const VolumeParameters& parameters, const Secret& passphrase) {
    Secret volume_key(volume_key_size);
    random_bytes(volume_key.bytes());

    Slot slot;
    slot.cost = parameters.cost;
    random_bytes(slot.salt);
    random_bytes(slot.nonce);
    const Secret wrap_key = scrypt(passphrase.bytes(), slot.salt, slot.cost, wrap_key_size);
    const GcmSealed sealed = gcm_seal(
        wrap_key, slot.nonce, as_bytes(canonical_kdf(slot.cost, slot.salt)), volume_key.bytes());
    std::copy(sealed.text.begin(), sealed.text.end(), slot.key.begin());
    slot.tag = sealed.tag;

    Config config;
    config.format = DCRYPT_FORMAT_NATIVE;
    config.suite = parameters.suite;
    config.names = parameters.names;
    config.key_id = derive_key_id(volume_key);
    config.slots.push_back(slot);
    return {config.key_id, format_config(config, derive_config_mac_key(volume_key))};
}

}  // namespace dcryptfs

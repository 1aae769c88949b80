// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/keyring.h"

#include <keyutils.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <sstream>

#include "lib/error.h"
#include "lib/text_file.h"

namespace dcryptfs {

namespace {

constexpr const char* key_type = "logon";

// The owner may find and see the key also where it does not possess it, from a
// session that has no link to the user keyring.
constexpr key_perm_t shared_permissions =
    KEY_POS_ALL | KEY_USR_VIEW | KEY_USR_SEARCH | KEY_USR_LINK;
// Only who has it in a keyring may use it.
constexpr key_perm_t private_permissions = KEY_POS_ALL | KEY_USR_VIEW;

bool means_not_there(int err) {
    return err == ENOKEY || err == EKEYEXPIRED || err == EKEYREVOKED;
}

KeySerial add_key_of_type(const char* type, const std::string& description, const Secret& payload,
                          KeySerial keyring) {
    const KeySerial key =
        add_key(type, description.c_str(), payload.data(), payload.size(), keyring);
    if (key < 0) {
        const int err = errno;
        if (err == EDQUOT) {
            fail(Exit::failure, description,
                 "the quota for kernel keys is used up (see keyctl show, "
                 "/proc/sys/kernel/keys/maxkeys)");
        }
        fail_errno(description, "the kernel did not take the key", err);
    }
    return key;
}

KeySerial add_key_to(KeySerial keyring, const KeyId& id, const Secret& payload,
                     key_perm_t permissions) {
    const std::string description = key_description(id);
    const KeySerial key = add_key_of_type(key_type, description, payload, keyring);
    if (keyctl_setperm(key, permissions) != 0) {
        fail_errno(description, "permissions of the key", errno);
    }
    return key;
}

}  // namespace

std::string key_description(const KeyId& id) {
    return std::string(key_prefix) + to_hex(id);
}

Secret make_key_payload(const Config& config, const Secret& volume_key) {
    Secret payload(sizeof(dcrypt_key_payload));
    const MutableBytes bytes = payload.bytes();
    bytes[offsetof(dcrypt_key_payload, version)] = DCRYPT_KEY_PAYLOAD_VERSION;
    bytes[offsetof(dcrypt_key_payload, format)] = static_cast<std::uint8_t>(config.format);
    bytes[offsetof(dcrypt_key_payload, suite)] = static_cast<std::uint8_t>(config.suite.id);
    bytes[offsetof(dcrypt_key_payload, names)] = static_cast<std::uint8_t>(config.names.id);
    std::copy_n(volume_key.data(), volume_key_size,
                bytes.subspan(offsetof(dcrypt_key_payload, volume_key)).begin());
    return payload;
}

KeySerial add_key_to_user_keyring(const KeyId& id, const Secret& payload) {
    return add_key_to(KEY_SPEC_USER_KEYRING, id, payload, shared_permissions);
}

KeySerial add_user_key(const std::string& description, const Secret& payload) {
    return add_key_of_type("user", description, payload, KEY_SPEC_USER_KEYRING);
}

void make_process_keyring() {
    if (keyctl_get_keyring_ID(KEY_SPEC_PROCESS_KEYRING, 1) < 0) {
        fail_errno("process keyring", "", errno);
    }
}

std::optional<KeySerial> find_key(const KeyId& id) {
    constexpr std::array keyrings = {KEY_SPEC_THREAD_KEYRING, KEY_SPEC_PROCESS_KEYRING,
                                     KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING};
    const std::string description = key_description(id);
    for (const KeySerial keyring : keyrings) {
        const long key = keyctl_search(keyring, key_type, description.c_str(), 0);
        if (key >= 0) {
            return static_cast<KeySerial>(key);
        }
        // A keyring that this process may not use holds no key for it.
        if (!means_not_there(errno) && errno != EACCES) {
            fail_errno(description, "search of the keyrings", errno);
        }
    }
    return std::nullopt;
}

ProcessKey ProcessKey::link(KeySerial key) {
    if (keyctl_link(key, KEY_SPEC_PROCESS_KEYRING) != 0) {
        fail_errno("process keyring", "link to the volume key", errno);
    }
    return {key, false};
}

ProcessKey ProcessKey::add(const KeyId& id, const Secret& payload) {
    return {add_key_to(KEY_SPEC_PROCESS_KEYRING, id, payload, private_permissions), true};
}

ProcessKey::~ProcessKey() {
    if (key_ == 0) {
        return;
    }
    if (own_) {
        (void)keyctl_invalidate(key_);
    }
    // It may be gone by now, and then this has nothing to do.
    (void)keyctl_unlink(key_, KEY_SPEC_PROCESS_KEYRING);
}

bool remove_key(const KeyId& id) {
    bool found = false;
    while (const auto key = find_key(id)) {
        found = true;
        // Invalidation comes first: it needs the possession that the keyring
        // gives, and takes the key out of every keyring by itself.
        if (keyctl_invalidate(*key) != 0) {
            fail_errno(key_description(id), "invalidation of the key", errno);
        }
        if (keyctl_unlink(*key, KEY_SPEC_USER_KEYRING) != 0 && errno != ENOENT &&
            !means_not_there(errno)) {
            fail_errno(key_description(id), "removal of the key", errno);
        }
    }
    return found;
}

std::vector<ListedKey> list_keys() {
    std::vector<ListedKey> keys;
    std::istringstream lines(read_text_file("/proc/keys"));
    std::string line;
    while (std::getline(lines, line)) {
        // 22c2dc4d I--Q---     1 perm 3d010000     0     0 logon     dcryptfs:...: 72
        std::istringstream words(line);
        std::string serial;
        std::string flags;
        std::string usage;
        std::string permissions;
        std::string gid;
        std::string type;
        ListedKey key;
        words >> serial >> flags >> usage >> key.expires >> permissions >> key.uid >> gid >> type >>
            key.description;
        // Revoked, dead or invalidated keys are only waiting to be collected.
        if (!words || type != key_type || !key.description.starts_with(key_prefix) ||
            flags.find_first_of("RDi") != std::string::npos) {
            continue;
        }
        constexpr int hexadecimal = 16;
        std::uint32_t number = 0;
        (void)std::from_chars(serial.data(), serial.data() + serial.size(), number, hexadecimal);
        key.serial = static_cast<KeySerial>(number);
        if (key.description.ends_with(':')) {
            key.description.pop_back();
        }
        keys.push_back(key);
    }
    return keys;
}

}  // namespace dcryptfs

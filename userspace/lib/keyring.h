// SPDX-License-Identifier: GPL-2.0-or-later
// Volume keys in the kernel's keyrings.
#ifndef DCRYPTFS_LIB_KEYRING_H
#define DCRYPTFS_LIB_KEYRING_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/config.h"
#include "lib/ondisk.h"
#include "lib/secret.h"

namespace dcryptfs {

using KeySerial = std::int32_t;

// "dcryptfs:" and the identifier as 32 hexadecimal digits.
std::string key_description(const KeyId& id);

// The payload (struct dcrypt_key_payload) for a volume whose MAC was checked.
Secret make_key_payload(const Config& config, const Secret& volume_key);

// Adds the key, or gives the one that is there this payload.  Both throw Error
// when the kernel refuses.
KeySerial add_key_to_user_keyring(const KeyId& id, const Secret& payload);
KeySerial add_key_to_process_keyring(const KeyId& id, const Secret& payload);

// Makes the process keyring if there is none, so that credentials taken from
// this process afterwards have it.
void make_process_keyring();

// The key in the thread, process, session or user keyring, or nothing.
std::optional<KeySerial> find_key(const KeyId& id);

// Makes a key that find_key() found one that the kernel finds for this process.
void link_to_process_keyring(KeySerial key);

// Takes every key with this identifier out of the user keyring and all others
// that find_key() sees, and invalidates it.  Returns whether there was one.
bool remove_key(const KeyId& id);

struct ListedKey {
    KeySerial serial = 0;
    std::uint32_t uid = 0;
    std::string expires;      // as /proc/keys has it: "perm" or a time
    std::string description;  // from "dcryptfs:" on
};

// The volume keys that /proc/keys shows to this process; throws Error when it
// can't be read.
std::vector<ListedKey> list_keys();

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_KEYRING_H

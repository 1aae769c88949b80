// SPDX-License-Identifier: GPL-2.0-or-later
// Volume keys in the kernel's keyrings.
#ifndef DCRYPTFS_LIB_KEYRING_H
#define DCRYPTFS_LIB_KEYRING_H

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
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

// Adds the key to the user keyring, or gives the one that is there this
// payload.  Throws Error when the kernel refuses.
KeySerial add_key_to_user_keyring(const KeyId& id, const Secret& payload);

// Adds a key of the type user, which its owner can read back, to the user keyring
// with the kernel's own permissions, or gives the one that is there this payload.
// Throws Error when the kernel refuses.
KeySerial add_user_key(const std::string& description, const Secret& payload);

// Makes the process keyring if there is none, so that credentials taken from
// this process afterwards have it.
void make_process_keyring();

// The key in the thread, process, session or user keyring, or nothing.
std::optional<KeySerial> find_key(const KeyId& id);

// Lets the kernel find a key for this process, through the process keyring,
// for as long as this lives.  That the process ends would not be enough: who
// still has its credentials then, has the process keyring.
class ProcessKey {
  public:
    // A key that find_key() found.  Throws Error when the kernel refuses.
    static ProcessKey link(KeySerial key);
    // A new key, which is in no other keyring.  Throws Error likewise.
    static ProcessKey add(const KeyId& id, const Secret& payload);
    ~ProcessKey();
    ProcessKey(const ProcessKey&) = delete;
    ProcessKey& operator=(const ProcessKey&) = delete;
    ProcessKey(ProcessKey&& other) noexcept
        : key_(std::exchange(other.key_, 0)), own_(other.own_) {}
    ProcessKey& operator=(ProcessKey&&) = delete;

  private:
    ProcessKey(KeySerial key, bool own) : key_(key), own_(own) {}

    KeySerial key_;  // 0: none
    bool own_;       // nobody else's: it goes with this
};

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

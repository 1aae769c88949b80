// SPDX-License-Identifier: GPL-2.0-or-later
// The content of dcryptfs.json, version 1: strict reading, and writing.
#ifndef DCRYPTFS_LIB_CONFIG_H
#define DCRYPTFS_LIB_CONFIG_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/bytes.h"
#include "lib/cipher.h"
#include "lib/kdf.h"
#include "lib/ondisk.h"

namespace dcryptfs {

// No dcryptfs.json is longer, in bytes, or has more key slots.
inline constexpr std::size_t max_config_size = std::size_t{64} * 1024;
inline constexpr std::size_t max_slots = 8;

// One way to the volume key: scrypt of a passphrase, then AES-256-GCM.
struct Slot {
    ScryptCost cost;
    ByteArray<scrypt_salt_size> salt{};
    ByteArray<gcm_nonce_size> nonce{};
    ByteArray<volume_key_size> key{};  // the volume key, encrypted
    ByteArray<gcm_tag_size> tag{};
    std::string canonical_kdf;  // the "kdf" object in canonical form
};

struct Config {
    std::uint64_t format = 0;
    NamedId suite{};
    NamedId names{};
    KeyId key_id{};
    std::vector<Slot> slots;
    ByteArray<mac_size> mac{};
    std::string canonical_without_mac;  // what the MAC is computed over
};

// Reads a configuration.  Throws Error (Exit::damaged) with a line that starts
// with `subject` and names the field at fault.  The MAC is not checked here:
// that takes the volume key.
Config parse_config(std::string_view text, const std::string& subject);

// The "kdf" object of a slot in canonical form, which is the associated data
// when the volume key is encrypted.
std::string canonical_kdf(const ScryptCost& cost, Bytes salt);

// The file for `config`, whose canonical forms and mac are not read: the MAC is
// computed under `mac_key`.  Ends with a newline.
std::string format_config(const Config& config, const Secret& mac_key);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_CONFIG_H

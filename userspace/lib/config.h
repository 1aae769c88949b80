// SPDX-License-Identifier: GPL-2.0-or-later
// The content of dcryptfs.json, versions 1 and 2: strict reading, and writing.
#ifndef DCRYPTFS_LIB_CONFIG_H
#define DCRYPTFS_LIB_CONFIG_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/bytes.h"
#include "lib/cipher.h"
#include "lib/kdf.h"
#include "lib/ondisk.h"
#include "lib/slot_cost.h"
#include "lib/tpm2.h"

namespace dcryptfs {

// What this program writes when it makes a volume or changes its slots.
inline constexpr std::uint64_t newest_config_version = 2;

// No dcryptfs.json is longer, in bytes, or has more key slots; ids are below this, too.
inline constexpr std::size_t max_config_size = std::size_t{64} * 1024;
inline constexpr std::size_t max_slots = 32;
inline constexpr std::size_t max_slots_of_version_1 = 8;

// What a slot is opened with.
enum class SlotType : std::uint8_t { passphrase, key_file, recovery, tpm2 };

// "passphrase", "keyfile", "recovery" or "tpm2", as in the file.
std::string_view slot_type_name(SlotType type);

// One way to the volume key: a function of a secret, then AES-256-GCM.
struct Slot {
    std::uint64_t id = 0;
    SlotType type = SlotType::passphrase;
    std::optional<Tpm2Object> tpm2;  // of the type tpm2, and of no other
    SlotCost cost;
    ByteArray<slot_salt_size> salt{};
    ByteArray<gcm_nonce_size> nonce{};
    ByteArray<volume_key_size> key{};  // the volume key, encrypted
    ByteArray<gcm_tag_size> tag{};
    std::string associated_data;  // what the tag is computed over besides
};

struct Config {
    std::uint64_t version = 0;
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

// The associated data when the volume key is encrypted for this slot, of which the key,
// the nonce and the tag are not read: its "kdf" object in canonical form, and from version
// 2 on all of it but "wrap".
std::string slot_associated_data(std::uint64_t version, const Slot& slot);

// The file for `config`, whose associated data, canonical form and mac are not read: the MAC is
// computed under `mac_key`.  Ends with a newline.
std::string format_config(const Config& config, const Secret& mac_key);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_CONFIG_H

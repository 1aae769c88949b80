// SPDX-License-Identifier: GPL-2.0-or-later
// The contract of kernel/ondisk.h as typed C++ constants, and the names of the
// things that have an id there.
#ifndef DCRYPTFS_LIB_ONDISK_H
#define DCRYPTFS_LIB_ONDISK_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "kernel/ondisk.h"
#include "lib/bytes.h"

namespace dcryptfs {

inline constexpr std::size_t block_size = DCRYPT_BLOCK_SIZE;
inline constexpr std::size_t header_size = DCRYPT_NATIVE_HEADER_SIZE;
inline constexpr std::size_t volume_key_size = DCRYPT_VOLUME_KEY_SIZE;
inline constexpr std::size_t xts_key_size = DCRYPT_AES_256_XTS_KEY_SIZE;
inline constexpr std::size_t config_mac_key_size = DCRYPT_CONFIG_MAC_KEY_SIZE;
inline constexpr std::size_t name_key_size = DCRYPT_NAME_KEY_SIZE;
inline constexpr std::size_t seal_tag_size = DCRYPT_SEAL_TAG_SIZE;
inline constexpr std::size_t seal_padding = DCRYPT_SEAL_PADDING;
inline constexpr std::size_t name_max = DCRYPT_NAME_MAX;
inline constexpr std::size_t short_name_max = DCRYPT_SHORT_NAME_MAX;

inline constexpr std::string_view config_name = DCRYPT_CONFIG_NAME;
inline constexpr std::string_view hidden_prefix = DCRYPT_HIDDEN_PREFIX;
inline constexpr std::string_view dir_id_name = DCRYPT_DIR_NAME;
inline constexpr std::string_view long_prefix = DCRYPT_LONG_PREFIX;
inline constexpr std::string_view sidecar_prefix = DCRYPT_SIDECAR_PREFIX;
inline constexpr std::string_view key_prefix = DCRYPT_KEY_PREFIX;

using KeyId = ByteArray<DCRYPT_KEY_ID_SIZE>;
using SealNonce = ByteArray<DCRYPT_SEAL_NONCE_SIZE>;  // of a directory, link or value
using NativeFields = ByteArray<sizeof(dcrypt_native_fields)>;

// Something that has a number in headers and key payloads and a name in
// dcryptfs.json and on command lines.
struct NamedId {
    std::uint16_t id;
    std::string_view name;
};

inline constexpr std::array<NamedId, 1> known_suites = {
    {{DCRYPT_SUITE_AES_256_XTS, DCRYPT_SUITE_AES_256_XTS_NAME}}};
inline constexpr std::array<NamedId, 2> known_names = {
    {{DCRYPT_NAMES_PLAIN, DCRYPT_NAMES_PLAIN_NAME},
     {DCRYPT_NAMES_ENCRYPTED, DCRYPT_NAMES_ENCRYPTED_NAME}}};

// The entry with this name or id, or nothing.
std::optional<NamedId> find_name(std::span<const NamedId> table, std::string_view name);
std::optional<NamedId> find_id(std::span<const NamedId> table, std::uint16_t id);

// The names of a table, separated by ", ".
std::string list_names(std::span<const NamedId> table);

// An unsigned little-endian integer of bytes.size() (1 to 8) bytes.
std::uint64_t load_le(Bytes bytes);
// The reverse: writes value to bytes.size() bytes, lowest byte first.
void store_le(MutableBytes bytes, std::uint64_t value);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_ONDISK_H

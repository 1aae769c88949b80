// SPDX-License-Identifier: GPL-2.0-or-later
// Keys made from other keys and from passphrases.
#ifndef DCRYPTFS_LIB_KDF_H
#define DCRYPTFS_LIB_KDF_H

#include <cstddef>
#include <cstdint>

#include "lib/bytes.h"
#include "lib/ondisk.h"
#include "lib/secret.h"

namespace dcryptfs {

inline constexpr std::size_t mac_size = 32;       // HMAC-SHA256, bytes
inline constexpr std::size_t wrap_key_size = 32;  // AES-256-GCM, bytes
inline constexpr std::size_t scrypt_salt_size = 32;

// The cost of scrypt (RFC 7914).  Its memory is about 128 * n * r bytes.
struct ScryptCost {
    std::uint64_t n = 0;
    std::uint64_t r = 0;
    std::uint64_t p = 0;
};

// What this program is ready to compute: n is a power of two in
// [min_log2n, max_log2n], r and p lie in 1..max_r and 1..max_p, and the whole
// fits in max_memory bytes and max_work evaluations of n * r * p.
inline constexpr unsigned scrypt_min_log2n = 10;
inline constexpr unsigned scrypt_max_log2n = 22;
inline constexpr std::uint64_t scrypt_max_r = 32;
inline constexpr std::uint64_t scrypt_max_p = 16;
inline constexpr std::uint64_t scrypt_max_memory = std::uint64_t{1} << 30U;
inline constexpr std::uint64_t scrypt_max_work = std::uint64_t{1} << 26U;

// What `init` uses: 128 MiB, and 0.4 to 0.6 s on a machine of 2021.
// The highest n for this r that keeps to the limits above.
inline constexpr unsigned scrypt_max_log2n_at_r8 = 20;
inline constexpr unsigned scrypt_default_log2n = 17;
inline constexpr std::uint64_t scrypt_default_r = 8;
inline constexpr std::uint64_t scrypt_default_p = 1;

// Why the cost is outside the limits above, or nullptr when it is inside.
const char* scrypt_cost_problem(const ScryptCost& cost);

// `size` bytes of scrypt.  Throws std::bad_alloc when there is not the memory.
Secret scrypt(Bytes passphrase, Bytes salt, const ScryptCost& cost, std::size_t size);

// `size` bytes of HKDF-SHA512 (RFC 5869) with an empty salt.
Secret hkdf_sha512(Bytes key, Bytes info, std::size_t size);

// HMAC-SHA256.
ByteArray<mac_size> hmac_sha256(Bytes key, Bytes data);

// The keys derived from a volume key; see Documentation/on-disk-format.md.
KeyId derive_key_id(const Secret& volume_key);
Secret derive_config_mac_key(const Secret& volume_key);
Secret derive_file_key(const Secret& volume_key, const NativeFields& fields);
Secret derive_name_mac_key(const Secret& volume_key);
Secret derive_name_key(const Secret& volume_key);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_KDF_H

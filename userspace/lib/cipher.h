// SPDX-License-Identifier: GPL-2.0-or-later
// The ciphers of a volume: AES-256-GCM around the volume key, AES-256-XTS for
// file data, AES-256-CTR for names.
#ifndef DCRYPTFS_LIB_CIPHER_H
#define DCRYPTFS_LIB_CIPHER_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "lib/bytes.h"
#include "lib/ondisk.h"
#include "lib/openssl.h"
#include "lib/secret.h"

namespace dcryptfs {

inline constexpr std::size_t gcm_nonce_size = 12;
inline constexpr std::size_t gcm_tag_size = 16;
inline constexpr std::size_t ctr_block_size = 16;

struct GcmSealed {
    std::vector<std::uint8_t> text;  // as long as the plaintext
    ByteArray<gcm_tag_size> tag{};
};

// AES-256-GCM; the key has 32 bytes, the nonce gcm_nonce_size.
GcmSealed gcm_seal(const Secret& key, Bytes nonce, Bytes associated, Bytes plaintext);

// The plaintext, or nothing when the tag does not fit the rest.
std::optional<Secret> gcm_open(const Secret& key, Bytes nonce, Bytes associated, Bytes text,
                               const ByteArray<gcm_tag_size>& tag);

// Decrypts the data blocks of one file, in any order.
class XtsDecryptor {
  public:
    // The key has xts_key_size bytes.
    explicit XtsDecryptor(const Secret& key);

    // Decrypts one block of block_size bytes, which is the n-th of its file,
    // from 0.  `in` and `out` must not overlap.
    void decrypt_block(std::uint64_t n, Bytes in, MutableBytes out);

  private:
    CipherPtr cipher_;
    CipherCtxPtr ctx_;
};

// AES-256-CTR, which decrypts as it encrypts: the key has 32 bytes, and `counter`,
// the first counter block, ctr_block_size.  It counts as a 128-bit big-endian
// number.  `out` is as long as `in`, and they must not overlap.
void ctr_crypt(const Secret& key, Bytes counter, Bytes in, MutableBytes out);

// Fills the buffer from OpenSSL's random generator for private values.
void random_bytes(MutableBytes out);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_CIPHER_H

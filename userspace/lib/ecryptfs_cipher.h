// SPDX-License-Identifier: GPL-2.0-or-later
// The ciphers of eCryptfs, as far as OpenSSL has them.
#ifndef DCRYPTFS_LIB_ECRYPTFS_CIPHER_H
#define DCRYPTFS_LIB_ECRYPTFS_CIPHER_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "lib/bytes.h"
#include "lib/openssl.h"

namespace dcryptfs {

// What a packet's cipher number stands for.
struct EcryptfsCipher {
    std::uint8_t code;
    const char* name;                        // in the kernel
    const char* openssl_name;                // as "AES-128" in "AES-128-CBC"; nullptr: it has none
    std::span<const std::size_t> key_sizes;  // bytes, those that can be, the common one first
    std::size_t block_size;                  // bytes
};

// The entry for a number in a packet, or nullptr when nothing has it.
const EcryptfsCipher* find_ecryptfs_cipher(std::uint8_t code);

enum class EcryptfsMode { ecb, cbc };

// Decrypts whole cipher blocks.
class EcryptfsDecryptor {
  public:
    // The key has one of the cipher's sizes.  Throws Error (Exit::failure) with a
    // line about `subject` when OpenSSL doesn't have the cipher.
    EcryptfsDecryptor(const EcryptfsCipher& cipher, EcryptfsMode mode, Bytes key,
                      const std::string& subject);

    // `iv` is looked at in mode CBC only, and may be longer than the cipher needs.
    // `out` is as long as `in`, and they must not overlap.
    void decrypt(Bytes iv, Bytes in, MutableBytes out);

  private:
    CipherPtr cipher_;
    CipherCtxPtr ctx_;
};

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_ECRYPTFS_CIPHER_H

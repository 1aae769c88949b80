// SPDX-License-Identifier: GPL-2.0-or-later
// Sealed strings: what encrypted names, targets of symbolic links and values of
// extended attributes are made of.  Written from Documentation/on-disk-format.md,
// independently of the kernel.
#ifndef DCRYPTFS_LIB_SEAL_H
#define DCRYPTFS_LIB_SEAL_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "lib/bytes.h"
#include "lib/kdf.h"
#include "lib/ondisk.h"
#include "lib/secret.h"

namespace dcryptfs {

enum class SealKind : std::uint8_t {
    dir = DCRYPT_SEAL_DIR,
    name = DCRYPT_SEAL_NAME,
    link = DCRYPT_SEAL_LINK,
    xattr = DCRYPT_SEAL_XATTR,
};

// The two name keys of a volume, and what is done with them.  What is sealed is
// not wiped after use, other than the keys: it is there to be shown.
class Sealer {
  public:
    explicit Sealer(const Secret& volume_key);

    // HMAC-SHA256 of the kind, the context and the string, whose beginning is the
    // tag; the lower names of long names are made of all of it.
    [[nodiscard]] ByteArray<mac_size> full_tag(SealKind kind, Bytes context, Bytes plaintext) const;

    // The tag and the encrypted string, padded as the kind is.
    [[nodiscard]] std::vector<std::uint8_t> seal(SealKind kind, Bytes context,
                                                 Bytes plaintext) const;

    // The string, or nothing when seal() never made these bytes with this kind
    // and context.
    [[nodiscard]] std::optional<std::vector<std::uint8_t>> open(SealKind kind, Bytes context,
                                                                Bytes sealed) const;

  private:
    Secret mac_key_;
    Secret key_;
};

// The bytes that seal() makes of a string of `size` bytes.
std::size_t sealed_size(SealKind kind, std::size_t size);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_SEAL_H

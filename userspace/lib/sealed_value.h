// SPDX-License-Identifier: GPL-2.0-or-later
// Sealed strings that bring their own nonce along: targets of symbolic links, and
// values of extended attributes.
#ifndef DCRYPTFS_LIB_SEALED_VALUE_H
#define DCRYPTFS_LIB_SEALED_VALUE_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/ondisk.h"
#include "lib/seal.h"

namespace dcryptfs {

// The target of the lower link for an upper target, which is not empty.
std::string seal_target(const Sealer& sealer, const SealNonce& nonce, std::string_view target);

// The upper target, or nothing when seal_target() never gave this one.
std::optional<std::string> open_target(const Sealer& sealer, std::string_view lower);

// The lower value of the extended attribute with this whole name.
std::vector<std::uint8_t> seal_xattr(const Sealer& sealer, const SealNonce& nonce,
                                     std::string_view name, Bytes value);

// The upper value, or nothing when seal_xattr() never gave this one for the name.
std::optional<std::vector<std::uint8_t>> open_xattr(const Sealer& sealer, std::string_view name,
                                                    Bytes lower);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_SEALED_VALUE_H

// SPDX-License-Identifier: GPL-2.0-or-later
// Encrypted names: from an upper name to what lies below for it, and back.
#ifndef DCRYPTFS_LIB_NAMES_H
#define DCRYPTFS_LIB_NAMES_H

#include <optional>
#include <string>
#include <string_view>

#include "lib/ondisk.h"
#include "lib/seal.h"

namespace dcryptfs {

// The symbolic link that stands beside a long name.
struct Sidecar {
    std::string name;
    std::string target;
};

struct LowerName {
    std::string name;
    std::optional<Sidecar> sidecar;  // of names longer than short_name_max
};

// Whether a directory can have an entry of this name: 1 to name_max bytes without
// '/' and NUL, and neither "." nor "..".
bool is_name(std::string_view name);

// What lies below for an upper name in the directory with this nonce.  Throws
// Error (Exit::failure) for what is_name() refuses.
LowerName encode_name(const Sealer& sealer, const SealNonce& dir, std::string_view upper);

// What the look of a lower name says of it.
enum class LowerKind {
    own,         // dcryptfs's: not shown above
    short_name,  // may be the whole of a sealed name
    long_name,   // may be the name of which a sidecar holds the rest
    foreign,     // nothing of a volume's is called so
};
LowerKind kind_of_lower_name(std::string_view lower);

// The name of the sidecar of a LowerKind::long_name.
std::string sidecar_of(std::string_view lower);

// The longest target of a sidecar, in characters.
std::size_t sidecar_target_max();

// The upper name of a LowerKind::short_name, or nothing when it is not one of the
// directory with this nonce.
std::optional<std::string> decode_short_name(const Sealer& sealer, const SealNonce& dir,
                                             std::string_view lower);

// As above, of a LowerKind::long_name whose sidecar has this target.
std::optional<std::string> decode_long_name(const Sealer& sealer, const SealNonce& dir,
                                            std::string_view lower,
                                            std::string_view sidecar_target);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_NAMES_H

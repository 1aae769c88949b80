// SPDX-License-Identifier: GPL-2.0-or-later
// What can be said of sealed things without the key: whether they have the shape of one.
#ifndef DCRYPTFS_LIB_SHAPE_H
#define DCRYPTFS_LIB_SHAPE_H

#include <cstddef>
#include <string_view>

namespace dcryptfs {

// Whether the target of .dcryptfs.dir may be the nonce of a directory.
bool looks_like_dir_id(std::string_view target);

// Whether the target of a sidecar may be that of the LowerKind::long_name: both begin
// with the same tag.
bool looks_like_sidecar_of(std::string_view lower, std::string_view target);

// Whether the target of a lower symbolic link may be a sealed one.
bool looks_like_target(std::string_view target);

// The shortest value of an attribute that may be a sealed one, in bytes.
std::size_t sealed_value_min();

// Whether a name is one that is used for a moment in the root of a volume, while its
// configuration is written or its filesystem is tried out.
bool is_temporary_name(std::string_view lower);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_SHAPE_H

// SPDX-License-Identifier: GPL-2.0-or-later
// Paths as texts.
#ifndef DCRYPTFS_LIB_PATH_H
#define DCRYPTFS_LIB_PATH_H

#include <string>
#include <string_view>

namespace dcryptfs {

// The path of a name in the directory at `path`; an empty path is where one is.
std::string join_path(std::string_view path, std::string_view name);

// Whether the first is the second or lies below it.  Both are absolute, without
// symbolic links and dots.
bool lies_within(std::string_view path, std::string_view dir);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_PATH_H

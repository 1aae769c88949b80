// SPDX-License-Identifier: GPL-2.0-or-later
// Symbolic links below: their targets, and whether there can be any.
#ifndef DCRYPTFS_LIB_SYMLINK_H
#define DCRYPTFS_LIB_SYMLINK_H

#include <cstddef>
#include <optional>
#include <string>

#include "lib/fd.h"

namespace dcryptfs {

// The target of the link, or nothing when there is no such name.  Throws Error:
// Exit::damaged when the name is no symbolic link, or its target is longer than
// `longest` bytes; Exit::failure when it can't be read.  `subject` is what the
// message calls it.
std::optional<std::string> read_target(const Fd& dir, const std::string& name, std::size_t longest,
                                       const std::string& subject);

// Throws Error (Exit::failure), which says what to do, when links with the
// longest name and target that encrypted names need can't be made in the open
// directory `dir`, called `subject`.  Leaves nothing behind there.
void require_symlinks(const Fd& dir, const std::string& subject);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_SYMLINK_H

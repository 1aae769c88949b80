// SPDX-License-Identifier: GPL-2.0-or-later
// The names in a directory.
#ifndef DCRYPTFS_LIB_DIR_ENTRIES_H
#define DCRYPTFS_LIB_DIR_ENTRIES_H

#include <functional>
#include <string>
#include <vector>

#include "lib/fd.h"

namespace dcryptfs {

// Hands every name in the open directory, other than "." and "..", to `take`
// until that returns false.  Throws Error when the directory can't be read;
// `subject` is what the message calls it.
void for_each_name(const Fd& dir, const std::string& subject,
                   const std::function<bool(const std::string&)>& take);

// All of them, sorted by byte value.
std::vector<std::string> sorted_names(const Fd& dir, const std::string& subject);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_DIR_ENTRIES_H

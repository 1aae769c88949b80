// SPDX-License-Identifier: GPL-2.0-or-later
// Telling the upper tree from the lower one.
#ifndef DCRYPTFS_LIB_UPPER_TREE_H
#define DCRYPTFS_LIB_UPPER_TREE_H

#include "lib/fd.h"

namespace dcryptfs {

// Whether the open file or directory lies in a mounted dcryptfs, which shows it
// decrypted.
bool is_in_upper_tree(const Fd& fd);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_UPPER_TREE_H

// SPDX-License-Identifier: GPL-2.0-or-later
// The flags of chattr(1) that say what may be done with a file. How a file is stored,
// which others say, is no copy's business.
#ifndef DCRYPTFS_LIB_INODE_FLAGS_H
#define DCRYPTFS_LIB_INODE_FLAGS_H

#include <string>

namespace dcryptfs {

// Those of a regular file or a directory that a copy has to have; 0 where the
// filesystem has none. All of these throw Error (Exit::failure) with a line about
// `subject`.
unsigned int read_inode_flags(const std::string& path, const std::string& subject);

// Gives a copy those, and leaves its others as they are.
void set_inode_flags(const std::string& path, unsigned int flags, const std::string& subject);

// Takes away those that let nothing else be changed.
void unlock_inode(const std::string& path, const std::string& subject);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_INODE_FLAGS_H

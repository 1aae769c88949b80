// SPDX-License-Identifier: GPL-2.0-or-later
// Whole text files, such as those of /proc.
#ifndef DCRYPTFS_LIB_TEXT_FILE_H
#define DCRYPTFS_LIB_TEXT_FILE_H

#include <string>

namespace dcryptfs {

// The content of a file that holds no secret.  Throws Error when it can't be
// read.
std::string read_text_file(const std::string& path);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_TEXT_FILE_H

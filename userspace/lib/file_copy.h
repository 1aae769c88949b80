// SPDX-License-Identifier: GPL-2.0-or-later
// Copying what a file holds and what is known of it, and proving the copy.
#ifndef DCRYPTFS_LIB_FILE_COPY_H
#define DCRYPTFS_LIB_FILE_COPY_H

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <string>

#include "lib/fd.h"

namespace dcryptfs {

// Told of bytes of a file that are done with.
using BytesDone = std::function<void(std::uint64_t)>;

// Copies all data of `from` into the empty file `to`, whose holes stay holes, and
// the size.  All of these throw Error (Exit::failure) with a line about `subject`.
void copy_data(const Fd& from, const Fd& to, std::uint64_t size, const std::string& subject,
               const BytesDone& done);

// Reads both again and compares them, the copy past the page cache: with direct I/O
// where the filesystem has it, and else after the cache was dropped.  `to_path` is
// the path of the copy, which has been synced.
void compare_data(const Fd& from, const std::string& to_path, std::uint64_t size,
                  const std::string& subject);

// Copies owner, mode, extended attributes (with them access control lists) and, last,
// the times of access and change.  Both paths are not followed if they are symbolic
// links, and are of one type.
void copy_metadata(const std::string& from_path, const struct stat& from,
                   const std::string& to_path, const std::string& subject);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_FILE_COPY_H

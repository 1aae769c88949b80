// SPDX-License-Identifier: GPL-2.0-or-later
// Copying what a file holds and what is known of it, and proving the copy.
#ifndef DCRYPTFS_LIB_FILE_COPY_H
#define DCRYPTFS_LIB_FILE_COPY_H

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/bytes.h"
#include "lib/error.h"
#include "lib/fd.h"

namespace dcryptfs {

// A range of a file, in bytes; empty at its end.
struct Range {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
};

// The next data at or after an offset below `size`, where the filesystem knows holes,
// or all that is left.  All of these throw Error (Exit::failure) with a line about
// `subject`.
Range next_data(const Fd& file, std::uint64_t offset, std::uint64_t size,
                const std::string& subject);

// Writes all of it from that offset on.
void pwrite_all(const Fd& file, Bytes data, std::uint64_t offset, const std::string& subject);

// Told of bytes of a file that are done with.
using BytesDone = std::function<void(std::uint64_t)>;

// Copies all data of `from` into the empty file `to`, whose holes stay holes, and
// the size.
void copy_data(const Fd& from, const Fd& to, std::uint64_t size, const std::string& subject,
               const BytesDone& done);

// Reads both again and compares them, the copy past the page cache: with direct I/O
// where the filesystem has it, and else after the cache was dropped.  `to_path` is
// the path of the copy, which has been synced.
void compare_data(const Fd& from, const std::string& to_path, std::uint64_t size,
                  const std::string& subject);

// A path to an entry of an open directory on which no link that lies there is followed
// before the last name, which is "." for the directory itself.  Good while `dir` is.
std::string entry_path(const Fd& dir, const std::string& name);

// The names of the extended attributes of what is at the path, which is not followed;
// none where the filesystem has none.
std::vector<std::string> attribute_names(const std::string& path, const std::string& subject);

// The value of one, or nothing when there is none.
std::optional<std::vector<std::uint8_t>> attribute_value(const std::string& path,
                                                         const std::string& name,
                                                         const std::string& subject);

// What is different about a copy that is not one of the same to the same.
struct MetadataRules {
    // The value of an attribute in the copy, of that in the original, or nothing: it
    // is left out.  Throws Error.
    std::function<std::optional<std::vector<std::uint8_t>>(std::string_view name, Bytes value)>
        value_of;
    // Told of each thing that could not be copied, and the rest goes on.
    std::function<void(const Error& problem)> problem;
};

// Copies owner, mode, extended attributes (with them access control lists) and, last,
// the times of access and change.  Both paths are not followed if they are symbolic
// links, and are of one type.  Throws for the first thing that can't be copied, unless
// the rules take it.
void copy_metadata(const std::string& from_path, const struct stat& from,
                   const std::string& to_path, const std::string& subject,
                   const MetadataRules& rules = {});

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_FILE_COPY_H

// SPDX-License-Identifier: GPL-2.0-or-later
// Copying a tree with all that is known of it, so that it can be gone on with after
// an interruption.
#ifndef DCRYPTFS_LIB_MIGRATE_H
#define DCRYPTFS_LIB_MIGRATE_H

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dcryptfs {

// What a copy is written to until it is whole; in the root of the new tree.
inline constexpr const char* migrate_temporary_name = ".migrate.part";

struct MigrateCounts {
    std::uint64_t entries = 0;  // of every type
    std::uint64_t bytes = 0;    // of regular files, once for each link
};

struct MigrateResult {
    MigrateCounts done;                 // copied and found right, directories included
    MigrateCounts already;              // that were there, from a run before
    std::vector<std::string> problems;  // one line for each entry that was not copied
};

// Told of what is done so far, now and then.
using MigrateProgress = std::function<void(const MigrateCounts& done)>;

// What there is to do.  Throws Error when the tree can't be read.
MigrateCounts count_tree(const std::string& old_dir);

// One line on how far it is after so many seconds: a bar, entries, bytes, the rate, the
// time left.
std::string progress_line(const MigrateCounts& done, const MigrateCounts& all, double seconds);

// Bytes for people: "1.5 GiB".
std::string human_size(std::uint64_t bytes);

// Copies all that is in one directory into another, which is there, and may have some
// of it from a run before: what has the type, size, owner, mode and time of change of
// its original is taken for its copy.  Nothing else that is there is changed.  The
// old tree is only read; other filesystems mounted in it are left out, and told of.
// Throws Error (Exit::failure) for what ends it all.
MigrateResult migrate_tree(const std::string& old_dir, const std::string& new_dir,
                           const MigrateProgress& progress);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_MIGRATE_H

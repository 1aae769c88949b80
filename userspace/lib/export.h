// SPDX-License-Identifier: GPL-2.0-or-later
// Decrypting a whole tree into an ordinary directory, without the kernel module.
#ifndef DCRYPTFS_LIB_EXPORT_H
#define DCRYPTFS_LIB_EXPORT_H

#include <functional>
#include <string>

#include "lib/fd.h"
#include "lib/lower_dir.h"
#include "lib/migrate.h"
#include "lib/seal.h"
#include "lib/secret.h"

namespace dcryptfs {

// What a file is called until it is whole, and then a number; beside where it will be.
// Nothing else is called so: the number of the run is random.
inline constexpr const char* export_temporary_prefix = ".dcryptfs.export.";

struct ExportKeys {
    const Secret& volume_key;
    const Sealer* sealer;  // of names; nullptr when they are plain
};

// Both are called by one thread at a time.
struct ExportEvents {
    std::function<void(const MigrateCounts& done)> progress;
    std::function<void(const std::string& problem)> problem;  // one line each
};

// What there is to do, as the names below show it.  Throws Error when a directory
// can't be read.
MigrateCounts count_lower(const LowerDir& dir);

// Writes what the lower directory, whose volume is set, shows above into `out`, an
// empty directory that nobody else may write to meanwhile; messages call it `out_path`.
// What can't be decrypted or made is a problem, and the rest goes on; no part of a file
// that could not be read to its end stays.  All that is there is on stable storage in
// the end.  Returns what was made.  Throws Error for what ends it all.
MigrateCounts export_tree(LowerDir dir, const ExportKeys& keys, Fd out, const std::string& out_path,
                          unsigned int jobs, const ExportEvents& events);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_EXPORT_H

// SPDX-License-Identifier: GPL-2.0-or-later
// Looking at all that lies below, and telling what is damaged.
#ifndef DCRYPTFS_LIB_CHECK_H
#define DCRYPTFS_LIB_CHECK_H

#include <cstdint>
#include <ctime>
#include <functional>
#include <string>

#include "lib/lower_dir.h"
#include "lib/migrate.h"
#include "lib/ondisk.h"
#include "lib/seal.h"

namespace dcryptfs {

// What is wrong with one lower name.  The kinds are in Documentation/cli-abi.md.
struct Finding {
    std::string path;
    const char* kind = "";
    std::string text;
    bool harmless = false;  // without meaning: to repair is to remove it
    bool repaired = false;
};

struct CheckRules {
    KeyId key_id{};
    bool encrypted_names = false;
    bool is_root = false;            // the directory is that of the volume
    const Sealer* sealer = nullptr;  // with the key, where names are encrypted
    bool repair = false;             // remove what has no meaning ...
    std::timespec before{};          // ... and is older than this
};

// All are called by one thread at a time.
struct CheckEvents {
    std::function<void(const MigrateCounts& done)> progress;
    std::function<void(const Finding& finding)> finding;
    std::function<void(const std::string& path, const std::string& reason)> unchecked;
    std::function<bool()> cancelled;  // asked now and then, by the thread that calls
};

// Checks the lower directory and all below it, and changes nothing unless it repairs.
// Returns what was looked at: entries, without dcryptfs's own, and the bytes that they
// hold above.  Throws Error for what ends it all.
MigrateCounts check_tree(LowerDir dir, const CheckRules& rules, unsigned int jobs,
                         const CheckEvents& events);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_CHECK_H

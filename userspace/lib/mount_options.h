// SPDX-License-Identifier: GPL-2.0-or-later
// The text after mount's -o, sorted by who is to act on each option.
#ifndef DCRYPTFS_LIB_MOUNT_OPTIONS_H
#define DCRYPTFS_LIB_MOUNT_OPTIONS_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/slot_secret.h"

namespace dcryptfs {

// An option for the filesystem: a flag without a value, or name=value.
struct FsOption {
    std::string name;
    std::optional<std::string> value;
};

struct MountOptions {
    SecretSource secret;
    std::optional<std::string> key;     // key=
    std::optional<std::string> cipher;  // cipher=
    std::optional<std::string> names;   // names=
    bool remount = false;
    std::vector<std::string> super_flags;  // ro, rw, sync, ...: for the superblock
    std::uint64_t attr_set = 0;            // MOUNT_ATTR_* to set
    std::uint64_t attr_clear = 0;          // MOUNT_ATTR_* to clear first
    std::vector<FsOption> others;          // for the kernel to judge
};

// Splits comma-separated options; a later one overrides an earlier one.  Throws
// Error (Exit::usage) for a value that can't be understood.
MountOptions parse_mount_options(const std::vector<std::string>& lists);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_MOUNT_OPTIONS_H

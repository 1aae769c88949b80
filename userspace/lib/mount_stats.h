// SPDX-License-Identifier: GPL-2.0-or-later
// What the module has counted for a mount, as lines for people.
#ifndef DCRYPTFS_LIB_MOUNT_STATS_H
#define DCRYPTFS_LIB_MOUNT_STATS_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcryptfs {

// The counters of /sys/fs/dcryptfs/<major>:<minor>/ by their names.
using MountStats = std::map<std::string, std::uint64_t, std::less<>>;

// Those in the directory; throws Error when it can't be read.  What is not a number is
// left out.
MountStats read_mount_stats(const std::string& dir);

// The same for a mount on the device "<major>:<minor>".
MountStats mount_stats(std::string_view device);

// Whether its keys were taken out of the kernel, or nothing if the module is one that
// can't do that.
std::optional<bool> is_locked(const MountStats& stats);

// A line for each matter; counters that are missing count as 0.
std::vector<std::string> describe(const MountStats& stats);

// "0 B", "1023 B", "1.0 KiB", "12.3 MiB", ...
std::string human_bytes(std::uint64_t bytes);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_MOUNT_STATS_H

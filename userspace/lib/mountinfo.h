// SPDX-License-Identifier: GPL-2.0-or-later
// The mounts of type dcryptfs, from /proc/self/mountinfo.
#ifndef DCRYPTFS_LIB_MOUNTINFO_H
#define DCRYPTFS_LIB_MOUNTINFO_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcryptfs {

struct Mount {
    std::string source;
    std::string target;
    std::string device;         // major:minor, in decimal
    std::string mount_options;  // of this mount, comma-separated
    std::string super_options;  // of the filesystem, comma-separated
};

// The dcryptfs mounts in a text of the form of /proc/self/mountinfo (see
// proc(5)), with \ooo escapes undone; lines of another form are skipped.
std::vector<Mount> parse_mountinfo(std::string_view text);

// The same for this process; throws Error when the file can't be read.
std::vector<Mount> list_mounts();

// The value of `name=value` in comma-separated options, or nothing.
std::optional<std::string> option_value(std::string_view options, std::string_view name);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_MOUNTINFO_H

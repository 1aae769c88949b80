// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a volume is mounted here, and where.
#ifndef DCRYPTFS_LIB_MOUNTED_H
#define DCRYPTFS_LIB_MOUNTED_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config.h"
#include "lib/mountinfo.h"

namespace dcryptfs {

// One of the mounts that is of the directory, of one in it, of one that it lies in, or
// with this key, or nothing.  `dir` is absolute, without symbolic links.
std::optional<Mount> find_mount(const std::vector<Mount>& mounts, const std::string& dir,
                                const KeyId& key_id);

// The mount on the device "<major>:<minor>" that the path lies in, the innermost if there
// are several; or else any on that device, or nothing.  `path` is absolute, without
// symbolic links.
std::optional<Mount> find_mount_on(const std::vector<Mount>& mounts, std::string_view device,
                                   const std::string& path);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_MOUNTED_H

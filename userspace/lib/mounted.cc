// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/mounted.h"

#include <algorithm>

#include "lib/path.h"

namespace dcryptfs {

std::optional<Mount> find_mount(const std::vector<Mount>& mounts, const std::string& dir,
                                const KeyId& key_id) {
    const std::string id = to_hex(key_id);
    const auto found = std::ranges::find_if(mounts, [&](const Mount& mount) {
        return lies_within(mount.source, dir) || lies_within(dir, mount.source) ||
               option_value(mount.super_options, "key") == id;
    });
    return found == mounts.end() ? std::nullopt : std::optional(*found);
}

std::optional<Mount> find_mount_on(const std::vector<Mount>& mounts, std::string_view device,
                                   const std::string& path) {
    // How well it fits; 0 for one elsewhere.
    const auto rank = [&](const Mount& mount) {
        return lies_within(path, mount.target) ? mount.target.size() : 0;
    };
    std::optional<Mount> best;
    for (const Mount& mount : mounts) {
        if (mount.device == device && (!best || rank(mount) > rank(*best))) {
            best = mount;
        }
    }
    return best;
}

}  // namespace dcryptfs

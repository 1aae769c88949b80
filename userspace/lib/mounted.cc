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

}  // namespace dcryptfs

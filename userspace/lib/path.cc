// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/path.h"

namespace dcryptfs {

std::string join_path(std::string_view path, std::string_view name) {
    std::string joined(path);
    if (!joined.empty() && !joined.ends_with('/')) {
        joined += '/';
    }
    joined += name;
    return joined;
}

bool lies_within(std::string_view path, std::string_view dir) {
    if (dir == "/") {
        return true;
    }
    return path.starts_with(dir) && (path.size() == dir.size() || path[dir.size()] == '/');
}

}  // namespace dcryptfs

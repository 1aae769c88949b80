// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/upper_tree.h"

#include <sys/vfs.h>

#include <cstdint>

#include "lib/ondisk.h"

namespace dcryptfs {

bool is_in_upper_tree(const Fd& fd) {
    struct statfs info {};
    return fstatfs(fd.get(), &info) == 0 &&
           static_cast<std::uint64_t>(info.f_type) == DCRYPT_SUPER_MAGIC;
}

}  // namespace dcryptfs

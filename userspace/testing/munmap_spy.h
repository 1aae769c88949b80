// SPDX-License-Identifier: GPL-2.0-or-later
// Looks at memory at the moment it is given back to the system.  The test
// program is linked with --wrap=munmap for this.
#ifndef DCRYPTFS_TESTING_MUNMAP_SPY_H
#define DCRYPTFS_TESTING_MUNMAP_SPY_H

#include <cstddef>

namespace dcryptfs::testing {

struct Unmapped {
    const void* address = nullptr;
    std::size_t size = 0;
    bool all_zero = false;
};

// What the last munmap(2) of this program's own code gave back.
const Unmapped& last_unmapped();

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_MUNMAP_SPY_H

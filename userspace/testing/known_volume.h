// SPDX-License-Identifier: GPL-2.0-or-later
// Volumes with the key of vectors.h, for the program to open.
#ifndef DCRYPTFS_TESTING_KNOWN_VOLUME_H
#define DCRYPTFS_TESTING_KNOWN_VOLUME_H

#include <string>

#include "testing/files.h"
#include "testing/lower_tree.h"

namespace dcryptfs::testing {

// A volume with the known key and plain names, its passphrase in a file beside it.
struct KnownVolume {
    TempDir dir;
    std::string path = dir / "v";
    std::string pass = dir / "pass";
    std::string wrong = dir / "wrong";

    KnownVolume();
};

// The same with encrypted names.
struct NamesVolume : KnownVolume {
    LowerTree tree{path};

    NamesVolume();

    // A lower path from the root.
    [[nodiscard]] std::string below(const std::string& lower) const {
        return lower.substr(path.size() + 1);
    }
};

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_KNOWN_VOLUME_H

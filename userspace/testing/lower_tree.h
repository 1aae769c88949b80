// SPDX-License-Identifier: GPL-2.0-or-later
// Makes lower directories with encrypted names, for the reader to read.
#ifndef DCRYPTFS_TESTING_LOWER_TREE_H
#define DCRYPTFS_TESTING_LOWER_TREE_H

#include <string>
#include <string_view>

#include "lib/ondisk.h"
#include "lib/seal.h"

namespace dcryptfs::testing {

// The sealer of the volume key of testing/vectors.h.
Sealer known_sealer();

// A lower directory with a nonce of its own.
class LowerTree {
  public:
    // The directory is there and empty, but for a dcryptfs.json.
    explicit LowerTree(std::string path);

    [[nodiscard]] const std::string& path() const { return path_; }

    // A new directory in this one.
    [[nodiscard]] LowerTree add_dir(std::string_view upper) const;

    // The path of an entry that is still to be made, beside its sidecar if it has
    // one, which is made.
    [[nodiscard]] std::string add_name(std::string_view upper) const;

  private:
    std::string path_;
    SealNonce nonce_{};
};

// Make an entry of a directory, and return its path.
std::string add_file(const LowerTree& dir, std::string_view upper);
std::string add_link(const LowerTree& dir, std::string_view upper, std::string_view target);

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_LOWER_TREE_H

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

    // Each makes an entry, with its sidecar if need be, and returns its path.
    std::string add_file(std::string_view upper) const;
    std::string add_link(std::string_view upper, std::string_view target) const;
    [[nodiscard]] LowerTree add_dir(std::string_view upper) const;

  private:
    [[nodiscard]] std::string add_name(std::string_view upper) const;

    std::string path_;
    SealNonce nonce_{};
};

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_LOWER_TREE_H

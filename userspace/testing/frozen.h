// SPDX-License-Identifier: GPL-2.0-or-later
// The frozen eCryptfs volumes, which the kernel's own eCryptfs made: see
// tests/images/ecryptfs.
#ifndef DCRYPTFS_TESTING_FROZEN_H
#define DCRYPTFS_TESTING_FROZEN_H

#include <string>
#include <vector>

#include "testing/files.h"

namespace dcryptfs::testing {

// The passphrase of all of them, and the second one of "two-keys".
inline constexpr std::string_view frozen_passphrase = "correct horse";
inline constexpr std::string_view frozen_second_passphrase = "battery staple";

// What eCryptfs showed there.
struct FrozenEntry {
    std::string volume;
    char type = 0;  // f, d or l
    std::string size;
    std::string upper;
    std::string lower;   // of a hard link, by any of its names
    std::string digest;  // SHA-256 in hexadecimal digits, or the target of a link
};

// All of them, unpacked once.
class Frozen {
  public:
    static const Frozen& get();
    [[nodiscard]] std::string path(const std::string& volume) const { return dir_ / volume; }
    [[nodiscard]] const std::vector<FrozenEntry>& entries() const { return entries_; }
    // Whether extended attributes could be unpacked.
    [[nodiscard]] bool has_attributes() const;

  private:
    Frozen();

    TempDir dir_;
    std::vector<FrozenEntry> entries_;
};

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_FROZEN_H

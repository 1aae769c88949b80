// SPDX-License-Identifier: GPL-2.0-or-later
// Scratch directories and files for tests.
#ifndef DCRYPTFS_TESTING_FILES_H
#define DCRYPTFS_TESTING_FILES_H

#include <string>
#include <string_view>
#include <vector>

#include "lib/bytes.h"

namespace dcryptfs::testing {

// A new directory, removed with all in it at the end.
class TempDir {
  public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    TempDir(TempDir&&) = delete;
    TempDir& operator=(TempDir&&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    // The path of an entry.
    [[nodiscard]] std::string operator/(std::string_view name) const;

  private:
    std::string path_;
};

void write_file(const std::string& path, Bytes content);
void write_file(const std::string& path, std::string_view content);
std::string read_file(const std::string& path);

// The names in a directory, without "." and "..", sorted.
std::vector<std::string> list_dir(const std::string& path);

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_FILES_H

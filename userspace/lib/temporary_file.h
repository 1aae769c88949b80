// SPDX-License-Identifier: GPL-2.0-or-later
// A file that is written whole before it has its name.
#ifndef DCRYPTFS_LIB_TEMPORARY_FILE_H
#define DCRYPTFS_LIB_TEMPORARY_FILE_H

#include <string>
#include <string_view>

#include "lib/bytes.h"
#include "lib/fd.h"

namespace dcryptfs {

// A new file of mode 0600 that is removed again unless it gets its final name.
// `subject` is in every case what messages call the final file.
class TemporaryFile {
  public:
    // `prefix` starts the name that it has meanwhile.
    TemporaryFile(int dir_fd, std::string_view prefix, std::string_view subject);
    ~TemporaryFile();
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    TemporaryFile(TemporaryFile&&) = delete;
    TemporaryFile& operator=(TemporaryFile&&) = delete;

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    // Gives it the owner, group and mode of another file.
    void take_attributes(const struct stat& of);

    // Writes all of it and waits until it is on stable storage.
    void write_and_sync(Bytes content);

    // Give the file its final name, in the same directory, which is synced; the
    // first throws when that name is taken, the second replaces what has it.
    void rename_to_new(const std::string& name);
    void rename_over(const std::string& name);

  private:
    void sync_dir() const;

    int dir_fd_;
    std::string name_;  // empty once renamed
    std::string subject_;
    Fd fd_;
};

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_TEMPORARY_FILE_H

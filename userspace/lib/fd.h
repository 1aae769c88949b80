// SPDX-License-Identifier: GPL-2.0-or-later
// File descriptors that close themselves, and complete reads and writes.
#ifndef DCRYPTFS_LIB_FD_H
#define DCRYPTFS_LIB_FD_H

#include <fcntl.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "lib/bytes.h"

namespace dcryptfs {

// Owns a file descriptor, or nothing (-1).
class Fd {
  public:
    Fd() noexcept = default;
    explicit Fd(int fd) noexcept : fd_(fd) {}
    ~Fd() { reset(); }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }
    void reset() noexcept;
    // Gives the descriptor away: the caller closes it.
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  private:
    int fd_ = -1;
};

// In all of these `subject` is what error messages call the file.  They throw
// Error (Exit::failure) when the system reports an error; signals that
// interrupt a call and short transfers are dealt with.

// openat(2) with O_CLOEXEC.
Fd open_at(int dir_fd, const std::string& path, int flags, mode_t mode, std::string_view subject);

// As open_at(), without a hang on a pipe or device; then fstat(2).  Throws
// unless the file is a regular one.
Fd open_regular(int dir_fd, const std::string& path, int extra_flags, std::string_view subject,
                struct stat* info);

// Opens a directory.
Fd open_dir(const std::string& path);

// Whether the open file is one that a dcryptfs mount shows.
bool is_on_dcryptfs(const Fd& file);

// Reads until `buffer` is full or the file ends; returns the bytes read.
std::size_t read_full(int fd, MutableBytes buffer, std::string_view subject);

// As read_full(), from a byte offset.
std::size_t pread_full(int fd, MutableBytes buffer, std::uint64_t offset, std::string_view subject);

// Writes all of it.
void write_all(int fd, Bytes data, std::string_view subject);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_FD_H

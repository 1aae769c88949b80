// SPDX-License-Identifier: GPL-2.0-or-later
#include "pam/session_count.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "lib/error.h"

namespace dcryptfs {

namespace {

constexpr const char* state_dir = "/run/dcryptfs";
constexpr mode_t dir_mode = 0700;
constexpr mode_t file_mode = 0600;
// More than enough for a number.
constexpr std::size_t max_size = 32;

}  // namespace

SessionCount::SessionCount(uid_t user)
    : path_(std::string(state_dir) + "/" + std::to_string(user) + ".sessions") {
    if (mkdir(state_dir, dir_mode) != 0 && errno != EEXIST) {
        fail_errno(state_dir, "", errno);
    }
    file_ = open_at(AT_FDCWD, path_, O_RDWR | O_CREAT | O_NOFOLLOW, file_mode, path_);
    while (flock(file_.get(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            fail_errno(path_, "lock", errno);
        }
    }
    ByteArray<max_size> text{};
    const std::size_t size = pread_full(file_.get(), text, 0, path_);
    const std::string digits(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
    // What is no number is none that this wrote: nobody is counted.
    (void)std::from_chars(digits.data(), digits.data() + digits.size(), value_);
}

void SessionCount::set(unsigned long value) {
    const std::string text = std::to_string(value) + "\n";
    const Bytes bytes = as_bytes(text);
    // Whole or not at all: it is a few bytes of a file in memory.
    const ssize_t n = pwrite(file_.get(), bytes.data(), bytes.size(), 0);
    if (n != static_cast<ssize_t>(bytes.size())) {
        fail_errno(path_, "the session is not counted", n < 0 ? errno : ENOSPC);
    }
    if (ftruncate(file_.get(), static_cast<off_t>(bytes.size())) != 0) {
        fail_errno(path_, "the session is not counted", errno);
    }
    value_ = value;
}

}  // namespace dcryptfs

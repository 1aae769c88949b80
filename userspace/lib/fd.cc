// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/fd.h"

#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "lib/error.h"
#include "lib/ondisk.h"

namespace dcryptfs {

namespace {

// Calls `read_some` for the rest of the buffer until there is none, or no more
// to read.
template <typename ReadSome>
std::size_t fill(MutableBytes buffer, std::string_view subject, const ReadSome& read_some) {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t n = read_some(buffer.subspan(done));
        if (n == 0) {
            break;
        }
        if (n > 0) {
            done += static_cast<std::size_t>(n);
        } else if (errno != EINTR) {
            fail_errno(subject, "", errno);
        }
    }
    return done;
}

}  // namespace

void Fd::reset() noexcept {
    if (fd_ >= 0) {
        // What matters has been through fsync by now, so an error here tells
        // nothing new.
        (void)close(fd_);
        fd_ = -1;
    }
}

Fd open_at(int dir_fd, const std::string& path, int flags, mode_t mode, std::string_view subject) {
    while (true) {
        const int fd = openat(dir_fd, path.c_str(), flags | O_CLOEXEC, mode);
        if (fd >= 0) {
            return Fd(fd);
        }
        if (errno != EINTR) {
            fail_errno(subject, "", errno);
        }
    }
}

Fd open_regular(int dir_fd, const std::string& path, int extra_flags, std::string_view subject,
                struct stat* info) {
    Fd file = open_at(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | extra_flags, 0, subject);
    if (fstat(file.get(), info) != 0) {
        fail_errno(subject, "", errno);
    }
    if (!S_ISREG(info->st_mode)) {
        fail(Exit::failure, subject, "not a regular file");
    }
    return file;
}

Fd open_dir(const std::string& path) {
    return open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, path);
}

bool is_on_dcryptfs(const Fd& file) {
    struct statfs info {};
    return fstatfs(file.get(), &info) == 0 &&
           static_cast<std::uint64_t>(info.f_type) == DCRYPT_SUPER_MAGIC;
}

std::size_t read_full(int fd, MutableBytes buffer, std::string_view subject) {
    return fill(buffer, subject,
                [&](MutableBytes rest) { return read(fd, rest.data(), rest.size()); });
}

std::size_t pread_full(int fd, MutableBytes buffer, std::uint64_t offset,
                       std::string_view subject) {
    return fill(buffer, subject, [&](MutableBytes rest) {
        const std::size_t done = buffer.size() - rest.size();
        return pread(fd, rest.data(), rest.size(), static_cast<off_t>(offset + done));
    });
}

void write_all(int fd, Bytes data, std::string_view subject) {
    while (!data.empty()) {
        const ssize_t n = write(fd, data.data(), data.size());
        if (n > 0) {
            data = data.subspan(static_cast<std::size_t>(n));
        } else if (n == 0) {
            fail(Exit::failure, subject, "nothing could be written");
        } else if (errno != EINTR) {
            fail_errno(subject, "", errno);
        }
    }
}

}  // namespace dcryptfs

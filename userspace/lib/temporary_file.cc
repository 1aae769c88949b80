// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/temporary_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "lib/cipher.h"
#include "lib/error.h"

namespace dcryptfs {

TemporaryFile::TemporaryFile(int dir_fd, std::string_view prefix, std::string_view subject)
    : dir_fd_(dir_fd), name_(prefix), subject_(subject) {
    constexpr mode_t owner_only = 0600;
    ByteArray<sizeof(std::uint64_t)> random{};
    random_bytes(random);
    name_ += to_hex(random);
    fd_ = open_at(dir_fd, name_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, owner_only, subject_);
}

TemporaryFile::~TemporaryFile() {
    if (!name_.empty()) {
        (void)unlinkat(dir_fd_, name_.c_str(), 0);
    }
}

void TemporaryFile::take_attributes(const struct stat& of) {
    struct stat now {};
    if (fstat(fd_.get(), &now) != 0) {
        fail_errno(subject_, "", errno);
    }
    const bool same_owner = now.st_uid == of.st_uid && now.st_gid == of.st_gid;
    if (!same_owner && fchown(fd_.get(), of.st_uid, of.st_gid) != 0) {
        fail_errno(subject_, "owner of the new file", errno);
    }
    if (fchmod(fd_.get(), of.st_mode & ACCESSPERMS) != 0) {
        fail_errno(subject_, "mode of the new file", errno);
    }
}

void TemporaryFile::write_and_sync(Bytes content) {
    write_all(fd_.get(), content, subject_);
    if (fsync(fd_.get()) != 0) {
        fail_errno(subject_, "fsync", errno);
    }
}

void TemporaryFile::rename_to_new(const std::string& name) {
    if (renameat2(dir_fd_, name_.c_str(), dir_fd_, name.c_str(), RENAME_NOREPLACE) == 0) {
        name_.clear();
    } else {
        // Not every filesystem knows RENAME_NOREPLACE; a link never replaces, and
        // the temporary name is removed on the way out.
        const bool unknown = errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
        if (!unknown || linkat(dir_fd_, name_.c_str(), dir_fd_, name.c_str(), 0) != 0) {
            fail_errno(subject_, "", errno);
        }
    }
    sync_dir();
}

void TemporaryFile::rename_over(const std::string& name) {
    if (renameat(dir_fd_, name_.c_str(), dir_fd_, name.c_str()) != 0) {
        fail_errno(subject_, "", errno);
    }
    name_.clear();
    sync_dir();
}

void TemporaryFile::sync_dir() const {
    if (fsync(dir_fd_) != 0) {
        fail_errno(subject_, "fsync of its directory", errno);
    }
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/inode_flags.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <cerrno>

#include "lib/error.h"
#include "lib/fd.h"

namespace dcryptfs {

namespace {

constexpr unsigned int locking_flags = FS_IMMUTABLE_FL | FS_APPEND_FL;
constexpr unsigned int copied_flags =
    locking_flags | FS_SYNC_FL | FS_DIRSYNC_FL | FS_NODUMP_FL | FS_NOATIME_FL;

Fd open_inode(const std::string& path, const std::string& subject) {
    return open_at(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, subject);
}

unsigned int get_flags(const Fd& file, const std::string& subject) {
    unsigned int flags = 0;
    if (ioctl(file.get(), FS_IOC_GETFLAGS, &flags) == 0) {
        return flags;
    }
    if (errno != ENOTTY && errno != EOPNOTSUPP && errno != EINVAL) {
        fail_errno(subject, "its flags", errno);
    }
    return 0;
}

void change_flags(const std::string& path, unsigned int mask, unsigned int wanted,
                  const std::string& subject) {
    const Fd file = open_inode(path, subject);
    const unsigned int before = get_flags(file, subject);
    const unsigned int after = (before & ~mask) | wanted;
    if (after != before && ioctl(file.get(), FS_IOC_SETFLAGS, &after) != 0) {
        fail_errno(subject, "the flags of the copy", errno);
    }
}

}  // namespace

unsigned int read_inode_flags(const std::string& path, const std::string& subject) {
    return get_flags(open_inode(path, subject), subject) & copied_flags;
}

void set_inode_flags(const std::string& path, unsigned int flags, const std::string& subject) {
    change_flags(path, copied_flags, flags, subject);
}

void unlock_inode(const std::string& path, const std::string& subject) {
    change_flags(path, locking_flags, 0, subject);
}

}  // namespace dcryptfs

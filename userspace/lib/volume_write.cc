// SPDX-License-Identifier: GPL-2.0-or-later
// The part of volume.h that changes a lower directory.
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "lib/dir_entries.h"
#include "lib/error.h"
#include "lib/path.h"
#include "lib/temporary_file.h"
#include "lib/volume.h"

namespace dcryptfs {

void require_empty_dir(const Fd& dir_fd, const std::string& dir) {
    if (is_on_dcryptfs(dir_fd)) {
        fail(Exit::failure, dir,
             "lies in a mounted dcryptfs, which can't be the lower directory of another; "
             "nothing was changed; give a directory elsewhere");
    }
    for_each_name(dir_fd, dir, [&](const std::string& name) -> bool {
        if (name == config_name) {
            fail(Exit::failure, dir, "already a dcryptfs volume; nothing was changed");
        }
        fail(Exit::failure, dir,
             "not an empty directory: it holds " + printable(name) +
                 "; nothing was changed; give a new, empty one");
    });
}

void write_config(const Fd& dir_fd, const std::string& dir, const std::string& text) {
    TemporaryFile file(dir_fd.get(), hidden_prefix, dir + "/" + std::string(config_name));
    file.write_and_sync(as_bytes(text));
    file.rename_to_new(std::string(config_name));
}

namespace {

// The lock goes with the descriptor.
Fd lock_dir(const std::string& dir) {
    Fd fd = open_dir(dir);
    while (flock(fd.get(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            fail_errno(dir, "lock", errno);
        }
    }
    return fd;
}

// What a change that was cut off has left.  Nobody else writes one: the caller has the lock.
void remove_leftovers(const Fd& dir_fd, const std::string& dir) {
    std::vector<std::string> found;
    for_each_name(dir_fd, dir, [&](const std::string& name) {
        if (name.starts_with(new_config_prefix)) {
            found.push_back(name);
        }
        return true;
    });
    for (const std::string& name : found) {
        (void)unlinkat(dir_fd.get(), name.c_str(), 0);
    }
}

}  // namespace

LockedVolume::LockedVolume(const std::string& dir) : dir_fd_(lock_dir(dir)) {
    volume_.dir = absolute_path(dir);
    volume_.config_path = join_path(volume_.dir, config_name);
    text_ = read_config_text(dir_fd_, volume_.dir, volume_.config_path);
    volume_.config = parse_config(text_, volume_.config_path);
    if (fstatat(dir_fd_.get(), std::string(config_name).c_str(), &info_, AT_SYMLINK_NOFOLLOW) !=
        0) {
        fail_errno(volume_.config_path, "", errno);
    }
}

void LockedVolume::write(const std::string& text, std::string_view name) const {
    TemporaryFile file(dir_fd_.get(), new_config_prefix, join_path(volume_.dir, name));
    file.take_attributes(info_);
    file.write_and_sync(as_bytes(text));
    file.rename_over(std::string(name));
}

void LockedVolume::replace(const std::string& text, Backup backup) {
    if (text.size() > max_config_size) {
        fail(Exit::failure, volume_.config_path, "it would be too long; nothing was changed");
    }
    remove_leftovers(dir_fd_, volume_.dir);
    if (backup == Backup::keep) {
        write(text_, config_backup_name);
    }
    write(text, config_name);
    if (backup == Backup::none) {
        const std::string name(config_backup_name);
        if (unlinkat(dir_fd_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
            fail_errno(join_path(volume_.dir, name), "the slots were changed, but", errno);
        }
        if (fsync(dir_fd_.get()) != 0) {
            fail_errno(volume_.dir, "fsync", errno);
        }
    }
}

}  // namespace dcryptfs

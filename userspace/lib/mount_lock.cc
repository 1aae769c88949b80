// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/mount_lock.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <exception>

#include "kernel/ondisk_ecryptfs.h"
#include "kernel/uapi.h"
#include "lib/error.h"
#include "lib/keyring.h"
#include "lib/mount_stats.h"
#include "lib/mounted.h"
#include "lib/ondisk.h"
#include "lib/text_file.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

constexpr const char* not_lockable =
    "only volumes of dcryptfs can be locked while they are mounted: unmount it";

Fd open_given_dir(const std::string& dir) {
    struct stat info {};
    if (stat(dir.c_str(), &info) != 0 && errno == ENOKEY) {
        fail(Exit::no_key, dir,
             "it lies in a mount that is locked; give the directory where that is mounted, which "
             "dcryptfs status shows");
    }
    return open_dir(dir);
}

DirKind find_kind(const Fd& fd, const std::string& dir) {
    struct statfs info {};
    if (fstatfs(fd.get(), &info) != 0) {
        fail_errno(dir, "", errno);
    }
    const bool has_config =
        faccessat(fd.get(), std::string(config_name).c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    return kind_of_dir(static_cast<std::uint64_t>(info.f_type), has_config);
}

std::string device_name(dev_t device) {
    return std::to_string(major(device)) + ":" + std::to_string(minor(device));
}

KeyId key_of(const Mount& mount) {
    KeyId id{};
    if (!from_hex(option_value(mount.super_options, "key").value_or(""), id)) {
        fail(Exit::failure, mount.target, "/proc/self/mountinfo does not say which key it has");
    }
    return id;
}

// What the loaded module says of itself, in brackets, or nothing.
std::string module_version() {
    for (const char* const name : {"version", "srcversion"}) {
        try {
            const std::string text = read_text_file(std::string("/sys/module/dcryptfs/") + name);
            return " (" + std::string(name) + " " + printable(text.substr(0, text.find('\n'))) +
                   ")";
        } catch (const Error&) {
            continue;
        }
    }
    return "";
}

// What is the same of both requests.
[[noreturn]] void fail_request(const std::string& mountpoint, int err) {
    switch (err) {
        case EPERM:
            fail(Exit::failure, mountpoint,
                 "only root and the owner of its root directory may lock and unlock it; nothing "
                 "was changed; run this as one of them");
        case ENOTTY:
            fail(Exit::failure, mountpoint,
                 "the module that is loaded" + module_version() +
                     " is older than this program, " DCRYPTFS_VERSION
                     ", and can't lock what is mounted; unmount it, or load the module that "
                     "belongs to this program when all is unmounted");
        case EOPNOTSUPP:
            fail(Exit::failure, mountpoint, not_lockable);
        case EINTR:
            fail(Exit::failure, mountpoint, "interrupted; nothing was changed; run it again");
        default:
            fail(Exit::failure, mountpoint, errno_text(err) + "; nothing was changed; try again");
    }
}

[[noreturn]] void fail_writeback(const std::string& mountpoint, int err, const char* next) {
    fail(Exit::failure, mountpoint,
         "what was cached could not be written below: " + errno_text(err) +
             "; nothing was locked, and what is cached is kept; " + next);
}

}  // namespace

DirKind kind_of_dir(std::uint64_t fs_type, bool has_config) {
    if (fs_type == DCRYPT_SUPER_MAGIC) {
        return DirKind::mounted;
    }
    return fs_type == DCRYPT_ECRYPTFS_SUPER_MAGIC && !has_config ? DirKind::ecryptfs
                                                                 : DirKind::below;
}

std::optional<MountedDir> open_mounted(const std::string& dir) {
    MountedDir opened;
    opened.fd = open_given_dir(dir);
    const DirKind kind = find_kind(opened.fd, dir);
    if (kind == DirKind::below) {
        return std::nullopt;
    }
    if (kind == DirKind::ecryptfs) {
        fail(Exit::failure, dir, not_lockable);
    }
    struct stat info {};
    if (fstat(opened.fd.get(), &info) != 0) {
        fail_errno(dir, "", errno);
    }
    opened.device = info.st_dev;
    const auto mount = find_mount_on(list_mounts(), device_name(info.st_dev), absolute_path(dir));
    if (!mount) {
        fail(Exit::failure, dir, "its mount is not in /proc/self/mountinfo");
    }
    opened.mount = *mount;
    opened.key_id = key_of(*mount);
    return opened;
}

std::optional<bool> lock_state(const Mount& mount) noexcept {
    try {
        return is_locked(mount_stats(mount.device));
    } catch (const std::exception&) {
        return std::nullopt;  // it was unmounted just now, say
    }
}

int ask_mount(const Fd& dir, LockRequest request) {
    const unsigned long code = request == LockRequest::lock ? DCRYPT_IOC_LOCK : DCRYPT_IOC_UNLOCK;
    return ioctl(dir.get(), code) == 0 ? 0 : errno;
}

int ask_unlock(const MountedDir& dir) {
    // A session may have no link to the user keyring, in which the kernel does not look then.
    std::optional<ProcessKey> held;
    if (const auto key = find_key(dir.key_id)) {
        held.emplace(ProcessKey::link(*key));
    }
    return ask_mount(dir.fd, LockRequest::unlock);
}

void fail_lock(const std::string& mountpoint, int err) {
    switch (err) {
        case EBUSY:
            fail(Exit::failure, mountpoint,
                 "cached data is in use by a device; nothing was locked; try again when the "
                 "program that does direct I/O from a mapped file has ended");
        case EIO:
            fail_writeback(mountpoint, err,
                           "the kernel's log says more; when what is below works again, try again");
        case ENOSPC:
            fail_writeback(mountpoint, err, "make room below, and try again");
        case EDQUOT:
            fail_writeback(mountpoint, err, "make room in the quota below, and try again");
        default:
            fail_request(mountpoint, err);
    }
}

void fail_unlock(const std::string& mountpoint, const KeyId& key_id, int err) {
    if (err == EKEYREJECTED) {
        fail(Exit::no_key, mountpoint,
             "the key " + to_hex(key_id) +
                 " in the keyrings is not the one it was mounted with; take it out with: dcryptfs "
                 "lock --key-id " +
                 to_hex(key_id));
    }
    if (is_lack_of_key(err)) {
        fail(Exit::no_key, mountpoint,
             "its key " + to_hex(key_id) +
                 " is not in a keyring of this user; put it there with: dcryptfs unlock LOWER");
    }
    fail_request(mountpoint, err);
}

bool is_lack_of_key(int err) {
    return err == ENOKEY || err == EKEYREVOKED || err == EKEYEXPIRED || err == EKEYREJECTED;
}

}  // namespace dcryptfs

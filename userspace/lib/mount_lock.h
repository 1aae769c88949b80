// SPDX-License-Identifier: GPL-2.0-or-later
// Taking the keys of a mounted volume out of the kernel, and putting them back.
#ifndef DCRYPTFS_LIB_MOUNT_LOCK_H
#define DCRYPTFS_LIB_MOUNT_LOCK_H

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "lib/config.h"
#include "lib/fd.h"
#include "lib/mountinfo.h"

namespace dcryptfs {

// What a directory that is to be locked can be.
enum class DirKind { below, mounted, ecryptfs };

// By statfs(2)'s f_type, and whether there is a dcryptfs.json: a volume may lie in a mount
// of eCryptfs.
DirKind kind_of_dir(std::uint64_t fs_type, bool has_config);

// A directory in a mount of a volume.
struct MountedDir {
    Fd fd;
    dev_t device = 0;
    Mount mount;
    KeyId key_id{};
};

// Opens the directory if it lies in a mount of a volume.  Throws Error when it can't be
// opened, or lies in a mount of eCryptfs, which can't be locked.
std::optional<MountedDir> open_mounted(const std::string& dir);

// Whether a mount is locked, or nothing when that can't be told.
std::optional<bool> lock_state(const Mount& mount) noexcept;

enum class LockRequest { lock, unlock };

// Asks the kernel for it: 0, or an errno value.
int ask_mount(const Fd& dir, LockRequest request);

// As ask_mount(), for what takes the key; the kernel finds it where find_key() does.
int ask_unlock(const MountedDir& dir);

// Throw Error for what the kernel said: what happened, and what to do next.
[[noreturn]] void fail_lock(const std::string& mountpoint, int err);
[[noreturn]] void fail_unlock(const std::string& mountpoint, const KeyId& key_id, int err);

// Whether more keys in the keyrings may help against this error.
bool is_lack_of_key(int err);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_MOUNT_LOCK_H

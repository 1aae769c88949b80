// SPDX-License-Identifier: GPL-2.0-or-later
// What locking at once and locking later have in common.
#ifndef DCRYPTFS_CMD_LOCK_H
#define DCRYPTFS_CMD_LOCK_H

#include <chrono>

#include "cmd/command.h"
#include "lib/mount_lock.h"

namespace dcryptfs {

// What follows when the kernel has locked the mount: takes the key out of the keyrings, and
// reports.
void finish_lock(const Mount& mount, const KeyId& key_id, bool json);

// Waits until the mount was not used for that long, and locks it; in the background unless
// it is to stay.  Throws Error for all that can be told before.
Exit run_idle_lock(MountedDir dir, std::chrono::seconds limit, bool foreground, bool json);

}  // namespace dcryptfs

#endif  // DCRYPTFS_CMD_LOCK_H

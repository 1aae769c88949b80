// SPDX-License-Identifier: GPL-2.0-or-later
// What is done with a user's volume as sessions begin and end, and when the password changes.
#ifndef DCRYPTFS_PAM_LOGIN_H
#define DCRYPTFS_PAM_LOGIN_H

#include <sys/types.h>

#include "lib/secret.h"
#include "lib/slot_secret.h"
#include "pam/volumes.h"

namespace dcryptfs {

// All of these throw Error and MountError.

// Mounts the volume, if it isn't, and counts the session.  `passphrase` is nullptr where none
// is known, and is not looked at when the volume is mounted.  When it fails, nothing has
// changed.
void begin_session(const UserVolume& volume, uid_t user, const SlotSecret* passphrase);

// Uncounts a session that was counted; with the last one the volume is unmounted.  The key
// is with the mount alone, and goes with it.  Returns whether it was unmounted.
bool end_session(const UserVolume& volume, uid_t user);

// The slot that opens with the old passphrase opens with the new one, at the same cost, and
// nothing with the old one: no copy of the configuration is kept.
void change_passphrase(const UserVolume& volume, const SlotSecret& old_one,
                       const SlotSecret& new_one);

}  // namespace dcryptfs

#endif  // DCRYPTFS_PAM_LOGIN_H

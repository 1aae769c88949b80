// SPDX-License-Identifier: GPL-2.0-or-later
// Mounting a volume whose configuration was read.
#ifndef DCRYPTFS_LIB_VOLUME_MOUNT_H
#define DCRYPTFS_LIB_VOLUME_MOUNT_H

#include <functional>

#include "lib/fs_context.h"
#include "lib/keyring.h"
#include "lib/mount_options.h"
#include "lib/volume.h"

namespace dcryptfs {

// What is done with options that the kernel does not know.
enum class Unknown { refuse, skip };

// Throws Error unless what was given as an option is what the volume is.
void check_against_config(const MountOptions& options, const Volume& volume);

// Gives the context the options that are for the kernel to judge.  Throws MountError.
void pass_other_options(FsContext& context, const MountOptions& options, Unknown unknown);

// A mount of the volume that is attached nowhere.  `provide_key` is called once it is known
// that the kernel has dcryptfs; what it returns is there for as long as the kernel needs it.
// Throws Error and MountError.
Fd make_volume_mount(const Volume& volume, const MountOptions& options, Unknown unknown,
                     const std::function<ProcessKey()>& provide_key);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_VOLUME_MOUNT_H

// SPDX-License-Identifier: GPL-2.0-or-later
// What is unsafe or slow about a volume or a mount, in words for its owner.
#ifndef DCRYPTFS_LIB_SAFETY_H
#define DCRYPTFS_LIB_SAFETY_H

#include <optional>
#include <string>
#include <string_view>

#include "lib/config.h"
#include "lib/mount_stats.h"

namespace dcryptfs {

// Whether /proc/cpuinfo has the CPU's instructions for AES in it.
bool has_aes_instructions(std::string_view cpuinfo);

// What is wrong with a cipher's driver, by the name that the kernel gives it, or nothing.
std::optional<std::string> driver_problem(std::string_view driver, bool cpu_has_aes);

// A passphrase in which a guess costs less than in a new slot.  What is random is not
// guessed, so key files and recovery codes are never weak.
bool is_weak(const Slot& slot);

// What to say of a weak one.
std::string weak_slot_problem(const Slot& slot, const std::string& volume_dir);

// Whether the filesystem of this file takes direct I/O, or nothing when the file can't be
// opened.
std::optional<bool> takes_direct_io(const std::string& file);

// The same by what a mount has done: nothing when it has moved no data yet.
std::optional<bool> moved_directly(const MountStats& stats);

// What to say when it does not.
extern const char* const no_direct_io_problem;

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_SAFETY_H

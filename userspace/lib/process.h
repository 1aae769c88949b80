// SPDX-License-Identifier: GPL-2.0-or-later
// The state a process should be in before it touches a secret.
#ifndef DCRYPTFS_LIB_PROCESS_H
#define DCRYPTFS_LIB_PROCESS_H

namespace dcryptfs {

// Turns core dumps and tracing by others off, makes descriptors 0 to 2 taken so
// that no file opened later is mistaken for them, and lets writes to a closed
// pipe fail instead of killing.  Throws Error when the system refuses.
void harden_process();

// Lets the process have as many files open as the system will give it.
void allow_many_files() noexcept;

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_PROCESS_H

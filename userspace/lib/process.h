// SPDX-License-Identifier: GPL-2.0-or-later
// The state a process should be in before it touches a secret.
#ifndef DCRYPTFS_LIB_PROCESS_H
#define DCRYPTFS_LIB_PROCESS_H

#include <sys/types.h>

namespace dcryptfs {

// Turns core dumps and tracing by others off, makes descriptors 0 to 2 taken so
// that no file opened later is mistaken for them, and lets writes to a closed
// pipe fail instead of killing.  Throws Error when the system refuses.
void harden_process();

// Lets the process have as many files open as the system will give it.
void allow_many_files() noexcept;

// Has a child go on that keeps nothing busy: in a session of its own, in the root directory,
// with no descriptors but 0 to 2, which are /dev/null.  Returns the child's number, and 0
// in the child, where no Fd may own a descriptor.  Throws Error when there is no child.
pid_t go_to_background();

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_PROCESS_H

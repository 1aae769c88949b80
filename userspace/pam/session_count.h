// SPDX-License-Identifier: GPL-2.0-or-later
// How many sessions a user has: the first mounts the user's volume, the last unmounts it.
#ifndef DCRYPTFS_PAM_SESSION_COUNT_H
#define DCRYPTFS_PAM_SESSION_COUNT_H

#include <sys/types.h>

#include <string>

#include "lib/fd.h"

namespace dcryptfs {

// A number in a file below /run, which is empty after each start of the system.  While this
// lives, no other session of the user begins or ends.
class SessionCount {
  public:
    // Waits for others.  Throws Error when the file can't be used.
    explicit SessionCount(uid_t user);

    [[nodiscard]] unsigned long value() const noexcept { return value_; }
    // Throws Error when it can't be written; then it is as it was.
    void set(unsigned long value);

  private:
    std::string path_;
    Fd file_;
    unsigned long value_ = 0;
};

}  // namespace dcryptfs

#endif  // DCRYPTFS_PAM_SESSION_COUNT_H

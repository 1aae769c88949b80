// SPDX-License-Identifier: GPL-2.0-or-later
// Where the library's warnings go in a program that is not ours: to the system's log.
#ifndef DCRYPTFS_PAM_LOG_H
#define DCRYPTFS_PAM_LOG_H

#include <security/pam_modules.h>

namespace dcryptfs {

// While this lives, what this thread says is said for the PAM transaction.
class LogScope {
  public:
    explicit LogScope(pam_handle_t* pamh) noexcept;
    ~LogScope();
    LogScope(const LogScope&) = delete;
    LogScope& operator=(const LogScope&) = delete;
    LogScope(LogScope&&) = delete;
    LogScope& operator=(LogScope&&) = delete;
};

}  // namespace dcryptfs

#endif  // DCRYPTFS_PAM_LOG_H

// SPDX-License-Identifier: GPL-2.0-or-later
// Waiting until nobody has used a mount for some time.
#ifndef DCRYPTFS_LIB_IDLE_H
#define DCRYPTFS_LIB_IDLE_H

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

#include "lib/mount_stats.h"

namespace dcryptfs {

// Of "90", "90s", "15m" or "2h"; nothing for another form, for less than a second and for
// more than 30 days.
std::optional<std::chrono::seconds> parse_idle_time(std::string_view text);

// How long to wait between looks at the counters.
std::chrono::seconds idle_interval(std::chrono::seconds limit);

enum class LockAttempt { locked, busy, gone };

// A mount, and the time.
struct IdleMount {
    // What it has done, or nothing when it is there no longer.
    std::function<std::optional<MountStats>()> stats;
    std::function<LockAttempt()> lock;
    std::function<std::chrono::nanoseconds()> now;
    std::function<void(std::chrono::nanoseconds)> wait;
};

enum class IdleEnd { locked, locked_by_others, gone };

// Locks the mount when it was not used for that long.  What is busy then is tried again
// after the next interval.  Throws what the functions throw.
IdleEnd lock_when_idle(const IdleMount& mount, std::chrono::seconds limit);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_IDLE_H

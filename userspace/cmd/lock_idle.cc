// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs lock --idle: lock a mount when nobody has used it for some time.
#include <syslog.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <exception>
#include <optional>
#include <thread>

#include "cmd/json.h"
#include "cmd/lock.h"
#include "lib/idle.h"
#include "lib/mount_stats.h"
#include "lib/process.h"

namespace dcryptfs {

namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

// What is watched.  Nothing of it is open, or it could not be unmounted.
struct Watched {
    dev_t device = 0;
    Mount mount;
    KeyId key_id{};
    bool json = false;
};

// Where it is mounted now, or nothing.  Another may have got its device number since.
std::optional<Mount> find_watched(const Watched& watched) {
    const auto mounts = list_mounts();
    const auto is_watched = [&](const Mount& mount) {
        return mount.device == watched.mount.device &&
               option_value(mount.super_options, "key") == to_hex(watched.key_id);
    };
    const auto found = std::ranges::find_if(mounts, is_watched);
    return found == mounts.end() ? std::nullopt : std::optional(*found);
}

std::optional<MountStats> stats_of(const Watched& watched) {
    if (!find_watched(watched)) {
        return std::nullopt;
    }
    try {
        return mount_stats(watched.mount.device);
    } catch (const Error&) {
        return std::nullopt;  // it went meanwhile
    }
}

LockAttempt try_lock(const Watched& watched) {
    const auto mount = find_watched(watched);
    if (!mount) {
        return LockAttempt::gone;
    }
    const auto dir = open_mounted(mount->target);
    if (!dir || dir->device != watched.device) {
        fail(Exit::failure, mount->target, "something else is mounted over it; it was not locked");
    }
    const int err = ask_mount(dir->fd, LockRequest::lock);
    if (err == EBUSY) {
        return LockAttempt::busy;
    }
    if (err != 0) {
        fail_lock(mount->target, err);
    }
    return LockAttempt::locked;
}

// It goes on while the machine sleeps.
nanoseconds clock_now() {
    std::timespec now{};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

void report_note(const Watched& watched, const char* note) {
    report({{"mountpoint", printable(watched.mount.target)}, {"note", note}}, watched.json);
}

void watch(const Watched& watched, seconds limit) {
    const IdleEnd end =
        lock_when_idle({[&] { return stats_of(watched); }, [&] { return try_lock(watched); },
                        clock_now, [](nanoseconds time) { std::this_thread::sleep_for(time); }},
                       limit);
    switch (end) {
        case IdleEnd::locked:
            finish_lock(watched.mount, watched.key_id, watched.json);
            break;
        case IdleEnd::locked_by_others:
            report_note(watched, "it is locked already");
            break;
        case IdleEnd::gone:
            report_note(watched, "it is not mounted any more");
            break;
    }
}

Exit watch_in_background(const Watched& watched, seconds limit) {
    const pid_t child = go_to_background();
    if (child == 0) {
        try {
            watch(watched, limit);
            return Exit::success;
        } catch (const std::exception& error) {
            syslog(LOG_DAEMON | LOG_ERR, "lock --idle: %s", error.what());
            return Exit::failure;
        }
    }
    try {
        report({{"mountpoint", printable(watched.mount.target)},
                {"idle_seconds", limit.count()},
                {"pid", child}},
               watched.json);
    } catch (const Error&) {
        (void)kill(child, SIGTERM);
        throw;
    }
    return Exit::success;
}

// Whether it is locked.  Throws Error if it can't be, or not by this user.
bool check_lockable(const MountedDir& dir) {
    const auto locked = lock_state(dir.mount);
    if (!locked) {
        fail_lock(dir.mount.target, ENOTTY);
    }
    if (*locked) {
        return true;
    }
    // This does nothing to what is not locked, but may be done by the same users.
    if (const int err = ask_mount(dir.fd, LockRequest::unlock)) {
        fail_lock(dir.mount.target, err);
    }
    return false;
}

}  // namespace

Exit run_idle_lock(MountedDir dir, seconds limit, bool foreground, bool json) {
    const Watched watched{dir.device, dir.mount, dir.key_id, json};
    if (check_lockable(dir)) {
        report_note(watched, "it is locked already");
        return Exit::success;
    }
    dir.fd.reset();
    if (!foreground) {
        return watch_in_background(watched, limit);
    }
    watch(watched, limit);
    return Exit::success;
}

}  // namespace dcryptfs

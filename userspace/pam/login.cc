// SPDX-License-Identifier: GPL-2.0-or-later
#include "pam/login.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

#include "lib/error.h"
#include "lib/fd.h"
#include "lib/mountinfo.h"
#include "lib/slots.h"
#include "lib/volume.h"
#include "lib/volume_mount.h"
#include "pam/session_count.h"

namespace dcryptfs {

namespace {

// A process that was just ended may take a moment to let go of its files.
constexpr int unmount_tries = 10;
constexpr std::chrono::milliseconds unmount_pause(100);

// A directory, by a path without any symbolic link: it may lie in a directory of the user's,
// who could lead root anywhere by one.
Fd open_without_links(const std::string& path) {
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const long fd = syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof(how));
    if (fd < 0) {
        if (errno == ELOOP) {
            fail(Exit::failure, path, "there is a symbolic link in this path; give one without");
        }
        fail_errno(path, "", errno);
    }
    return Fd(static_cast<int>(fd));
}

std::string path_of(const Fd& fd) {
    return "/proc/self/fd/" + std::to_string(fd.get());
}

// The path from the root, as the kernel has it.
std::string real_path(const Fd& fd, const std::string& path) {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::read_symlink(path_of(fd), error);
    if (error) {
        fail(Exit::failure, path, error.message());
    }
    return real;
}

// Whether the volume is what one sees at the directory.  Throws when another one is.
bool is_mounted(const UserVolume& volume, const Fd& upper) {
    if (!is_on_dcryptfs(upper)) {
        return false;
    }
    const std::string path = real_path(upper, volume.upper);
    const std::string lower = absolute_path(volume.lower);
    std::optional<Mount> found;
    for (const Mount& mount : list_mounts()) {
        if (mount.target == path) {
            found = mount;  // the last is the one on top
        }
    }
    // The directory may lie in another volume.
    if (found && found->source != lower) {
        fail(Exit::failure, volume.upper, "another volume is mounted there: " + found->source);
    }
    return found.has_value();
}

// It must not become a way to put something over a directory of somebody else's.
void require_own(const UserVolume& volume, const Fd& upper, uid_t user) {
    struct stat info {};
    if (fstat(upper.get(), &info) != 0) {
        fail_errno(volume.upper, "", errno);
    }
    if (info.st_uid != user && info.st_uid != 0) {
        fail(Exit::failure, volume.upper, "it belongs neither to the user nor to root");
    }
}

void mount_at_login(const UserVolume& user_volume, const Fd& upper, const SlotSecret* passphrase) {
    if (passphrase == nullptr) {
        fail(Exit::failure, user_volume.lower,
             "it was not mounted, as the login passphrase is not known: none was asked for, or "
             "not in this process, or pam_dcryptfs stands before what asks for it in the auth "
             "stack");
    }
    const Volume volume = load_volume(user_volume.lower);
    check_against_config(user_volume.options, volume);
    const Fd mount = make_volume_mount(volume, user_volume.options, Unknown::refuse, [&] {
        const Secret volume_key = open_volume(volume, *passphrase);
        return ProcessKey::add(volume.config.key_id, make_key_payload(volume.config, volume_key));
    });
    attach_mount(mount, path_of(upper));
}

// By its name in its directory, which is held open: no link is followed on the way.
void unmount(const UserVolume& volume, const std::string& path) {
    const std::filesystem::path target(path);
    const Fd parent = open_without_links(target.parent_path());
    const std::string name = path_of(parent) + "/" + target.filename().string();
    int err = EBUSY;
    for (int tries = 0; err == EBUSY && tries < unmount_tries; ++tries) {
        if (tries > 0) {
            std::this_thread::sleep_for(unmount_pause);
        }
        err = umount2(name.c_str(), UMOUNT_NOFOLLOW) == 0 ? 0 : errno;
    }
    if (err == EBUSY) {
        fail(Exit::failure, volume.upper,
             "it stays mounted after the last logout, as it is in use; unmount it with: umount");
    }
    if (err != 0) {
        fail_errno(volume.upper, "unmounting", err);
    }
}

}  // namespace

void begin_session(const UserVolume& volume, uid_t user, const SlotSecret* passphrase) {
    SessionCount count(user);
    const Fd upper = open_without_links(volume.upper);
    const unsigned long before = count.value();
    count.set(before + 1);
    try {
        if (!is_mounted(volume, upper)) {
            require_own(volume, upper, user);
            mount_at_login(volume, upper, passphrase);
        }
    } catch (...) {
        count.set(before);
        throw;
    }
}

bool end_session(const UserVolume& volume, uid_t user) {
    SessionCount count(user);
    if (count.value() > 0) {
        count.set(count.value() - 1);
    }
    if (count.value() > 0) {
        return false;
    }
    std::string path;
    {
        // Open, it would keep the mount busy.
        const Fd upper = open_without_links(volume.upper);
        if (!is_mounted(volume, upper)) {
            return false;
        }
        path = real_path(upper, volume.upper);
    }
    unmount(volume, path);
    return true;
}

void change_passphrase(const UserVolume& volume, const SlotSecret& old_one,
                       const SlotSecret& new_one) {
    LockedVolume locked(volume.lower);
    const OpenedVolume opened = open_slot(locked.volume(), old_one);
    SlotEdit slots(locked.volume(), opened);
    slots.change(slots.opened_id(), locked.volume().config.slots.at(opened.slot).cost, new_one);
    locked.replace(slots.text(), Backup::none);
}

}  // namespace dcryptfs

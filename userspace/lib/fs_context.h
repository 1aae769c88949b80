// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's mount API (fsopen(2) and its kin), with the kernel's own reasons
// in the errors.
#ifndef DCRYPTFS_LIB_FS_CONTEXT_H
#define DCRYPTFS_LIB_FS_CONTEXT_H

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "lib/fd.h"
#include "lib/mount_options.h"

namespace dcryptfs {

// A system call of the mount API that failed: the message has the reasons that
// the kernel logged or, where there are none, those of mount_reason().
class MountError : public std::runtime_error {
  public:
    MountError(int err, const std::string& message) : std::runtime_error(message), errno_(err) {}
    [[nodiscard]] int err() const noexcept { return errno_; }

  private:
    int errno_;
};

// A filesystem under construction or under change.  Every member throws
// MountError when the kernel refuses.
class FsContext {
  public:
    // fsopen("dcryptfs"); `subject` starts the messages.
    static FsContext open(const std::string& subject);
    // fspick(2) of the filesystem mounted at `target`.
    static FsContext pick(const std::string& target);

    void set_flag(const std::string& name);
    void set_string(const std::string& name, const std::string& value);
    // One of the others of MountOptions.
    void set(const FsOption& option);
    void create();
    void reconfigure();

    // fsmount(2) with MOUNT_ATTR_* flags.
    Fd make_mount(std::uint64_t attributes);

  private:
    FsContext(Fd fd, std::string subject) : fd_(std::move(fd)), subject_(std::move(subject)) {}
    void configure(unsigned command, const char* name, const char* value);
    // The kernel's messages since the last call, joined with "; ".
    std::string kernel_log();

    Fd fd_;
    std::string subject_;
};

// move_mount(2): puts a mount from make_mount() at the path.
void attach_mount(const Fd& mount, const std::string& target);

// mount_setattr(2): clears, then sets, MOUNT_ATTR_* flags of the mount at the
// path.
void change_mount(const std::string& target, std::uint64_t clear, std::uint64_t set);

// One message of the kernel's mount log ("e dcryptfs: text") without what says
// where it is from.
std::string strip_kernel_message(std::string_view message);

// The text of an errno value from a mount call for which the kernel gave no
// reason, and what to do about it if that is well known.
std::string mount_reason(int err);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_FS_CONTEXT_H

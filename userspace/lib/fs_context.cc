// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/fs_context.h"

#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "lib/error.h"
#include "lib/output.h"

namespace dcryptfs {

namespace {

constexpr const char* fs_type = "dcryptfs";

[[noreturn]] void mount_failed(const std::string& subject, int err, const std::string& reason) {
    throw MountError(err, printable(subject) + ": " + reason);
}

[[noreturn]] void mount_failed(const std::string& subject, int err) {
    mount_failed(subject, err, mount_reason(err));
}

}  // namespace

std::string mount_reason(int err) {
    std::string text = errno_text(err);
    switch (err) {
        case ENODEV:
            return text + " (the kernel has no dcryptfs: load the module with: modprobe dcryptfs)";
        case EPERM:
            return text + " (mounting is for root)";
        case ENOSYS:
            return text + " (the kernel is too old: it has no fsopen(2))";
        default:
            return text;
    }
}

std::string strip_kernel_message(std::string_view message) {
    // A letter for the severity (e, w or i), then "<filesystem>: ".
    if (message.size() > 2 && message[1] == ' ') {
        message.remove_prefix(2);
    }
    constexpr std::string_view prefix = "dcryptfs: ";
    if (message.starts_with(prefix)) {
        message.remove_prefix(prefix.size());
    }
    while (!message.empty() && message.back() == '\n') {
        message.remove_suffix(1);
    }
    return printable(message);
}

FsContext FsContext::open(const std::string& subject) {
    Fd fd(fsopen(fs_type, FSOPEN_CLOEXEC));
    if (!fd.valid()) {
        mount_failed(subject, errno);
    }
    return {std::move(fd), subject};
}

FsContext FsContext::pick(const std::string& target) {
    Fd fd(fspick(AT_FDCWD, target.c_str(), FSPICK_CLOEXEC | FSPICK_NO_AUTOMOUNT));
    if (!fd.valid()) {
        mount_failed(target, errno);
    }
    return {std::move(fd), target};
}

std::string FsContext::kernel_log() {
    constexpr std::size_t longest_message = 8192;
    std::string log;
    std::array<char, longest_message> message{};
    while (true) {
        const ssize_t n = read(fd_.get(), message.data(), message.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {  // ENODATA: no more
            return log;
        }
        log += log.empty() ? "" : "; ";
        log += strip_kernel_message({message.data(), static_cast<std::size_t>(n)});
    }
}

void FsContext::configure(unsigned command, const char* name, const char* value) {
    if (fsconfig(fd_.get(), command, name, value, 0) == 0) {
        // Warnings of a call that worked are for the user too.
        if (const std::string log = kernel_log(); !log.empty()) {
            warn(printable(subject_) + ": " + log);
        }
        return;
    }
    const int err = errno;
    std::string reason = kernel_log();
    if (reason.empty()) {
        reason = name == nullptr ? "" : "option " + printable(name) + ": ";
        reason += mount_reason(err);
    }
    mount_failed(subject_, err, reason);
}

void FsContext::set_flag(const std::string& name) {
    configure(FSCONFIG_SET_FLAG, name.c_str(), nullptr);
}

void FsContext::set_string(const std::string& name, const std::string& value) {
    configure(FSCONFIG_SET_STRING, name.c_str(), value.c_str());
}

void FsContext::set(const FsOption& option) {
    if (option.value) {
        set_string(option.name, *option.value);
    } else {
        set_flag(option.name);
    }
}

void FsContext::create() {
    configure(FSCONFIG_CMD_CREATE, nullptr, nullptr);
}

void FsContext::reconfigure() {
    configure(FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr);
}

Fd FsContext::make_mount(std::uint64_t attributes) {
    Fd mount(fsmount(fd_.get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes)));
    if (!mount.valid()) {
        mount_failed(subject_, errno);
    }
    return mount;
}

void attach_mount(const Fd& mount, const std::string& target) {
    if (move_mount(mount.get(), "", AT_FDCWD, target.c_str(),
                   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS | MOVE_MOUNT_T_AUTOMOUNTS) !=
        0) {
        mount_failed(target, errno);
    }
}

void change_mount(const std::string& target, std::uint64_t clear, std::uint64_t set) {
    mount_attr attributes{};
    attributes.attr_clr = clear;
    attributes.attr_set = set;
    if (mount_setattr(AT_FDCWD, target.c_str(), 0, &attributes, sizeof(attributes)) != 0) {
        mount_failed(target, errno);
    }
}

}  // namespace dcryptfs

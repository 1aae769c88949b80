// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/mount_options.h"

#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "lib/error.h"

namespace dcryptfs {

namespace {

// What an option does to the attributes of the mount.
struct Attribute {
    std::string_view option;
    std::uint64_t clear;
    std::uint64_t set;
};

constexpr std::uint64_t secure = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

constexpr std::array attributes = {
    Attribute{"ro", 0, MOUNT_ATTR_RDONLY},
    Attribute{"rw", MOUNT_ATTR_RDONLY, 0},
    Attribute{"nosuid", 0, MOUNT_ATTR_NOSUID},
    Attribute{"suid", MOUNT_ATTR_NOSUID, 0},
    Attribute{"nodev", 0, MOUNT_ATTR_NODEV},
    Attribute{"dev", MOUNT_ATTR_NODEV, 0},
    Attribute{"noexec", 0, MOUNT_ATTR_NOEXEC},
    Attribute{"exec", MOUNT_ATTR_NOEXEC, 0},
    Attribute{"nodiratime", 0, MOUNT_ATTR_NODIRATIME},
    Attribute{"diratime", MOUNT_ATTR_NODIRATIME, 0},
    Attribute{"nosymfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
    Attribute{"symfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    // The three below and relatime (0) are values of one field.
    Attribute{"noatime", MOUNT_ATTR__ATIME, MOUNT_ATTR_NOATIME},
    Attribute{"strictatime", MOUNT_ATTR__ATIME, MOUNT_ATTR_STRICTATIME},
    Attribute{"relatime", MOUNT_ATTR__ATIME, MOUNT_ATTR_RELATIME},
    Attribute{"atime", MOUNT_ATTR__ATIME, MOUNT_ATTR_RELATIME},
    Attribute{"norelatime", MOUNT_ATTR__ATIME, MOUNT_ATTR_RELATIME},
    Attribute{"nostrictatime", MOUNT_ATTR__ATIME, MOUNT_ATTR_RELATIME},
    // What mount(8) says these imply, unless later options take it back.
    Attribute{"user", 0, secure | MOUNT_ATTR_NOEXEC},
    Attribute{"users", 0, secure | MOUNT_ATTR_NOEXEC},
    Attribute{"owner", 0, secure},
    Attribute{"group", 0, secure},
    // For mount(8) and the system's start alone.
    Attribute{"defaults", 0, 0},
    Attribute{"auto", 0, 0},
    Attribute{"noauto", 0, 0},
    Attribute{"nouser", 0, 0},
    Attribute{"nousers", 0, 0},
    Attribute{"noowner", 0, 0},
    Attribute{"nogroup", 0, 0},
    Attribute{"nofail", 0, 0},
    Attribute{"_netdev", 0, 0},
    Attribute{"iversion", 0, 0},
    Attribute{"noiversion", 0, 0},
    Attribute{"silent", 0, 0},
    Attribute{"loud", 0, 0},
};

// Handed to the superblock as they are; the kernel knows these names.
constexpr std::array<std::string_view, 7> super_flags = {
    "ro", "rw", "sync", "async", "dirsync", "lazytime", "nolazytime"};

bool is_remark(std::string_view name) {
    return name == "comment" || name.starts_with("x-") || name.starts_with("X-");
}

int parse_fd(std::string_view text) {
    int fd = -1;
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, fd);
    if (result.ec != std::errc() || result.ptr != end || fd < 0) {
        fail(Exit::usage, "passphrase_fd=" + std::string(text), "not a file descriptor number");
    }
    return fd;
}

// Options with a meaning only here; false for all others.
bool take_own_option(MountOptions& out, std::string_view name,
                     const std::optional<std::string>& value) {
    const auto need_value = [&] {
        if (!value || value->empty()) {
            fail(Exit::usage, name, "this option needs a value");
        }
        return *value;
    };
    if (name == "passphrase_file") {
        out.secret.passphrase.file = need_value();
    } else if (name == "passphrase_fd") {
        out.secret.passphrase.fd = parse_fd(need_value());
    } else if (name == "key_file") {
        out.secret.key_file = need_value();
    } else if (name == "recovery_code_file") {
        out.secret.recovery_code.file = need_value();
    } else if (name == "tpm2" && !value) {
        out.secret.tpm2.is_set = true;
    } else if (name == "tpm2_pin_file") {
        out.secret.tpm2.pin_file = need_value();
    } else if (name == "key") {
        out.key = need_value();
    } else if (name == "cipher") {
        out.cipher = need_value();
    } else if (name == "names") {
        out.names = need_value();
    } else if (name == "remount" && !value) {
        out.remount = true;
    } else {
        return is_remark(name);
    }
    return true;
}

bool take_generic_option(MountOptions& out, std::string_view name, bool has_value) {
    bool taken = false;
    if (!has_value &&
        std::find(super_flags.begin(), super_flags.end(), name) != super_flags.end()) {
        out.super_flags.emplace_back(name);
        taken = true;
    }
    // user=NAME is what mount(8) makes of user.
    const auto* const attribute =
        std::find_if(attributes.begin(), attributes.end(),
                     [&](const Attribute& entry) { return entry.option == name; });
    if (attribute != attributes.end() && (!has_value || name == "user")) {
        const std::uint64_t touched = attribute->clear | attribute->set;
        out.attr_set = (out.attr_set & ~touched) | attribute->set;
        out.attr_clear |= attribute->clear;
        taken = true;
    }
    return taken;
}

}  // namespace

MountOptions parse_mount_options(const std::vector<std::string>& lists) {
    MountOptions out;
    for (const std::string& list : lists) {
        std::string_view rest = list;
        while (!rest.empty()) {
            const std::string_view option = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(option.size() + 1, rest.size()));
            if (option.empty()) {
                continue;
            }
            const auto equals = option.find('=');
            const std::string_view name = option.substr(0, equals);
            std::optional<std::string> value;
            if (equals != std::string_view::npos) {
                value = option.substr(equals + 1);
            }
            if (!take_own_option(out, name, value) &&
                !take_generic_option(out, name, value.has_value())) {
                out.others.push_back({std::string(name), value});
            }
        }
    }
    if (count_sources(out.secret) > 1) {
        fail(Exit::usage,
             "passphrase_file, passphrase_fd, key_file, recovery_code_file, tpm2, tpm2_pin_file",
             "give one of them, not more");
    }
    return out;
}

}  // namespace dcryptfs

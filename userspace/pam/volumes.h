// SPDX-License-Identifier: GPL-2.0-or-later
// Whose volume is mounted at login: /etc/security/pam_dcryptfs.conf.
#ifndef DCRYPTFS_PAM_VOLUMES_H
#define DCRYPTFS_PAM_VOLUMES_H

#include <optional>
#include <string>
#include <string_view>

#include "lib/mount_options.h"

namespace dcryptfs {

inline constexpr const char* volumes_path = "/etc/security/pam_dcryptfs.conf";

struct UserVolume {
    std::string lower;
    std::string upper;
    MountOptions options;  // nosuid and nodev unless the line says suid or dev
};

// What the text of the file says of the user, or nothing: the first line whose user it is.
// Throws Error for a line that can't be understood, whoever it is for.
std::optional<UserVolume> parse_volumes(std::string_view text, const std::string& user,
                                        bool is_root);

// The same of the file; nothing when there is none.  Throws Error when it can't be read, or
// others than root can write it.
std::optional<UserVolume> find_user_volume(const std::string& user, bool is_root);

}  // namespace dcryptfs

#endif  // DCRYPTFS_PAM_VOLUMES_H

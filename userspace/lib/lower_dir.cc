// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lower_dir.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include "lib/dir_entries.h"
#include "lib/error.h"
#include "lib/names.h"
#include "lib/path.h"
#include "lib/symlink.h"

namespace dcryptfs {

LowerDir::LowerDir(const std::string& path) : fd_(open_dir(path)), path_(path) {
    if (is_on_dcryptfs(fd_)) {
        fail(Exit::damaged, path_,
             "lies in a mounted dcryptfs, where names are already decrypted; "
             "give the lower directory");
    }
}

void LowerDir::set_volume(const Sealer* sealer, bool is_root) {
    names_of_ = [sealer](const Fd& dir, const std::string& path, bool root) {
        return make_dir_names(sealer, dir, path, root);
    };
    is_root_ = is_root;
}

LowerListing LowerDir::list() const {
    // The names before the nonce: whoever makes the first name has made it.
    const std::vector<std::string> lower_names = sorted_names(fd_, path_);
    const auto names = names_of_(fd_, path_, is_root_);
    LowerListing listing;
    for (const std::string& lower : lower_names) {
        try {
            add_entry(*names, lower, listing);
        } catch (const Error& error) {
            // A name that was removed meanwhile has taken its sidecar along.
            if (type_of(lower)) {
                listing.problems.emplace_back(error.what());
            }
        }
    }
    std::sort(listing.entries.begin(), listing.entries.end(),
              [](const LowerEntry& a, const LowerEntry& b) { return a.upper < b.upper; });
    return listing;
}

std::string LowerDir::find(std::string_view upper, const std::string& subject) const {
    if (!is_name(upper)) {
        fail_errno(subject, "", upper.size() > name_max ? ENAMETOOLONG : EINVAL);
    }
    const auto lower = names_of_(fd_, path_, is_root_)->lower_name(upper);
    if (!lower || !type_of(*lower)) {
        fail_errno(subject, "", ENOENT);
    }
    return *lower;
}

LowerDir LowerDir::enter(const std::string& lower, const std::string& subject) const {
    return {open_at(fd_.get(), lower, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, subject),
            join_path(path_, lower), names_of_};
}

bool LowerDir::is_mount_point(const std::string& lower) const {
    struct statx info {};
    return statx(fd_.get(), lower.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &info) == 0 &&
           (info.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0 &&
           (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

// Nothing: there is no such entry.
std::optional<mode_t> LowerDir::type_of(const std::string& lower) const {
    struct stat info {};
    if (fstatat(fd_.get(), lower.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
        return info.st_mode & S_IFMT;
    }
    if (errno != ENOENT) {
        fail_errno(join_path(path_, lower), "", errno);
    }
    return std::nullopt;
}

void LowerDir::add_entry(const DirNames& names, const std::string& lower,
                         LowerListing& listing) const {
    const auto upper = names.upper_name(lower);
    if (!upper) {
        return;
    }
    const auto type = type_of(lower);
    if (!type) {
        return;  // removed meanwhile
    }
    listing.entries.push_back({*upper, lower, *type, std::nullopt});
    if (*type == S_IFLNK) {
        const auto target = read_target(fd_, lower, PATH_MAX - 1, join_path(path_, lower));
        if (target) {
            listing.entries.back().target = names.upper_target(lower, *target);
        }
    }
}

}  // namespace dcryptfs

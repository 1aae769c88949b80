// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/symlink.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "lib/base64url.h"
#include "lib/cipher.h"
#include "lib/error.h"
#include "lib/names.h"

namespace dcryptfs {

namespace {

// What a filesystem says that has no symbolic links, or not such ones.
constexpr std::array no_such_links = {EPERM, EOPNOTSUPP, ENOSYS, EINVAL, ENAMETOOLONG};

[[noreturn]] void fail_link(const std::string& subject, const std::string& reason) {
    fail(Exit::failure, subject,
         "its filesystem does not take the symbolic links that encrypted names need (" + reason +
             "); nothing was changed; use --names plain, or a directory elsewhere");
}

}  // namespace

std::optional<std::string> read_target(const Fd& dir, const std::string& name, std::size_t longest,
                                       const std::string& subject) {
    std::string target(longest + 1, '\0');
    const ssize_t size = readlinkat(dir.get(), name.c_str(), target.data(), target.size());
    if (size < 0) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        if (errno == EINVAL) {
            fail(Exit::damaged, subject, "damaged: not a symbolic link");
        }
        fail_errno(subject, "", errno);
    }
    if (static_cast<std::size_t>(size) > longest) {
        fail(Exit::damaged, subject,
             "damaged: its target is longer than " + std::to_string(longest) + " bytes");
    }
    target.resize(static_cast<std::size_t>(size));
    return target;
}

void require_symlinks(const Fd& dir, const std::string& subject) {
    // As long as the lower name of the longest name without a sidecar.
    std::string name(hidden_prefix);
    ByteArray<sizeof(std::uint64_t)> random{};
    random_bytes(random);
    name += to_hex(random);
    name.resize(base64url_size(sealed_size(SealKind::name, short_name_max)), '-');
    const std::string target(sidecar_target_max(), 'A');

    if (symlinkat(target.c_str(), dir.get(), name.c_str()) != 0) {
        const int err = errno;
        if (std::find(no_such_links.begin(), no_such_links.end(), err) == no_such_links.end()) {
            fail_errno(subject, "symbolic link", err);
        }
        fail_link(subject, errno_text(err));
    }
    std::optional<std::string> found;
    try {
        found = read_target(dir, name, target.size(), subject);
    } catch (const Error&) {
        found = std::nullopt;  // another answer than the right one
    }
    if (unlinkat(dir.get(), name.c_str(), 0) != 0) {
        fail_errno(subject + "/" + name, "removal of a symbolic link", errno);
    }
    if (found != target) {
        fail_link(subject, "what was written is not what is read back");
    }
}

}  // namespace dcryptfs

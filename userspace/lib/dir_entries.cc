// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/dir_entries.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "lib/error.h"

namespace dcryptfs {

namespace {

struct DirDeleter {
    void operator()(DIR* dir) const noexcept { (void)closedir(dir); }
};

}  // namespace

void for_each_name(const Fd& dir, const std::string& subject,
                   const std::function<bool(const std::string&)>& take) {
    // A description of its own, so that reading starts at the beginning.
    Fd copy = open_at(dir.get(), ".", O_RDONLY | O_DIRECTORY, 0, subject);
    const std::unique_ptr<DIR, DirDeleter> stream(fdopendir(copy.get()));
    if (stream == nullptr) {
        fail_errno(subject, "", errno);
    }
    (void)copy.release();
    while (true) {
        errno = 0;
        const dirent* const entry = readdir(stream.get());
        if (entry == nullptr) {
            if (errno != 0) {
                fail_errno(subject, "", errno);
            }
            return;
        }
        const std::string name = entry->d_name;
        if (name != "." && name != ".." && !take(name)) {
            return;
        }
    }
}

std::vector<std::string> sorted_names(const Fd& dir, const std::string& subject) {
    std::vector<std::string> names;
    for_each_name(dir, subject, [&](const std::string& name) {
        names.push_back(name);
        return true;
    });
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace dcryptfs

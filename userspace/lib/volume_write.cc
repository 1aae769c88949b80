// SPDX-License-Identifier: GPL-2.0-or-later
// The part of volume.h that changes a lower directory.
#include <unistd.h>

#include <cstdio>

#include "lib/dir_entries.h"
#include "lib/error.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

// A file that is removed again unless it gets its final name.
class TemporaryFile {
  public:
    TemporaryFile(int dir_fd, std::string name, std::string_view subject)
        : dir_fd_(dir_fd), name_(std::move(name)) {
        constexpr mode_t owner_only = 0600;
        fd_ = open_at(dir_fd, name_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, owner_only, subject);
    }
    ~TemporaryFile() {
        if (!name_.empty()) {
            (void)unlinkat(dir_fd_, name_.c_str(), 0);
        }
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    TemporaryFile(TemporaryFile&&) = delete;
    TemporaryFile& operator=(TemporaryFile&&) = delete;

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    // Gives the file its final name; throws when that name is taken.
    void rename_to(const std::string& name, std::string_view subject) {
        if (renameat2(dir_fd_, name_.c_str(), dir_fd_, name.c_str(), RENAME_NOREPLACE) == 0) {
            name_.clear();
            return;
        }
        // Not every lower filesystem knows RENAME_NOREPLACE; a link never
        // replaces, and the temporary name is removed on the way out.
        if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) {
            if (linkat(dir_fd_, name_.c_str(), dir_fd_, name.c_str(), 0) == 0) {
                return;
            }
        }
        fail_errno(subject, "", errno);
    }

  private:
    int dir_fd_;
    std::string name_;  // empty once renamed
    Fd fd_;
};

}  // namespace

void require_empty_dir(const Fd& dir_fd, const std::string& dir) {
    if (is_on_dcryptfs(dir_fd)) {
        fail(Exit::failure, dir,
             "lies in a mounted dcryptfs, which can't be the lower directory of another; "
             "nothing was changed; give a directory elsewhere");
    }
    for_each_name(dir_fd, dir, [&](const std::string& name) -> bool {
        if (name == config_name) {
            fail(Exit::failure, dir, "already a dcryptfs volume; nothing was changed");
        }
        fail(Exit::failure, dir,
             "not an empty directory: it holds " + printable(name) +
                 "; nothing was changed; give a new, empty one");
    });
}

void write_config(const Fd& dir_fd, const std::string& dir, const std::string& text) {
    ByteArray<sizeof(std::uint64_t)> random{};
    random_bytes(random);
    const std::string path = dir + "/" + std::string(config_name);
    TemporaryFile file(dir_fd.get(), std::string(hidden_prefix) + to_hex(random), path);
    write_all(file.fd(), as_bytes(text), path);
    if (fsync(file.fd()) != 0) {
        fail_errno(path, "fsync", errno);
    }
    file.rename_to(std::string(config_name), path);
    if (fsync(dir_fd.get()) != 0) {
        fail_errno(dir, "fsync", errno);
    }
}

}  // namespace dcryptfs

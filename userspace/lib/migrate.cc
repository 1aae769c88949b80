// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/migrate.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

#include "lib/dir_entries.h"
#include "lib/error.h"
#include "lib/fd.h"
#include "lib/file_copy.h"
#include "lib/inode_flags.h"
#include "lib/path.h"
#include "lib/symlink.h"

namespace dcryptfs {

namespace {

using InodeId = std::pair<dev_t, ino_t>;

std::optional<struct stat> look_at(const std::string& path, const std::string& subject) {
    struct stat info {};
    if (lstat(path.c_str(), &info) == 0) {
        return info;
    }
    if (errno != ENOENT) {
        fail_errno(subject, "", errno);
    }
    return std::nullopt;
}

bool same_time(const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

// A copy gets its name only when it is whole, found right, and has its times.
bool is_copy_of(const struct stat& copy, const struct stat& original) {
    return copy.st_mode == original.st_mode && copy.st_uid == original.st_uid &&
           copy.st_gid == original.st_gid && same_time(copy.st_mtim, original.st_mtim) &&
           (!S_ISREG(original.st_mode) || copy.st_size == original.st_size) &&
           copy.st_rdev == original.st_rdev;
}

// That it is read leaves no trace, where whose it is allows that.
Fd open_original(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NOATIME | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        return Fd(fd);
    }
    return open_at(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, path);
}

std::vector<std::string> names_in(const std::string& dir) {
    return sorted_names(open_dir(dir), dir);
}

// One run.
class Migration {
  public:
    Migration(std::string old_root, std::string new_root, const MigrateProgress& progress)
        : temporary_(join_path(new_root, migrate_temporary_name)),
          old_root_(std::move(old_root)),
          new_root_(std::move(new_root)),
          progress_(progress) {}

    MigrateResult run() {
        const auto root = look_at(old_root_, old_root_);
        if (!root) {
            fail_errno(old_root_, "", ENOENT);
        }
        device_ = root->st_dev;
        if (look_at(join_path(old_root_, migrate_temporary_name), old_root_)) {
            fail(Exit::failure, join_path(old_root_, migrate_temporary_name),
                 "this name is taken for copies that are not whole yet; rename it");
        }
        unlock_inode(new_root_, new_root_);
        remove_temporary();
        copy_children(old_root_, new_root_);
        finish_dir(old_root_, *root, new_root_);
        note_flags(old_root_, *root, new_root_);
        set_flags();
        return std::move(result_);
    }

  private:
    // What stops one entry is told of, and the rest goes on.
    void copy_children(const std::string& old_dir, const std::string& new_dir) {
        for (const std::string& name : names_in(old_dir)) {
            const std::string old_path = join_path(old_dir, name);
            try {
                copy_entry(old_path, join_path(new_dir, name));
            } catch (const Error& error) {
                result_.problems.emplace_back(error.what());
                remove_temporary();
            }
        }
    }

    void copy_entry(const std::string& old_path, const std::string& new_path) {
        const auto original = look_at(old_path, old_path);
        if (!original) {
            return;  // removed meanwhile
        }
        if (original->st_dev != device_) {
            fail(Exit::failure, old_path,
                 "left out: another filesystem is mounted there; migrate it by itself");
        }
        if (S_ISDIR(original->st_mode)) {
            copy_dir(old_path, *original, new_path);
            return;
        }
        const auto there = look_at(new_path, new_path);
        const std::string* const first = first_link(*original);
        if (there) {
            if (!is_copy_of(*there, *original)) {
                refuse(new_path);
            }
            const bool linked = first == nullptr || are_links(*first, *there);
            if (!linked) {
                link_again(*first, new_path);
            }
            count(linked ? result_.already : result_.done, *original);
        } else if (first != nullptr) {
            unlock(*first, *original);
            if (link(first->c_str(), new_path.c_str()) != 0) {
                fail_errno(old_path, "the link in the copy", errno);
            }
            count(result_.done, *original);
        } else {
            copy_one(old_path, *original);
            give_name(new_path);
            count(result_.done, *original);
        }
        note_flags(old_path, *original, new_path);
        if (original->st_nlink > 1) {
            links_.emplace(InodeId(original->st_dev, original->st_ino), new_path);
        }
        progress_(so_far());
    }

    void copy_dir(const std::string& old_path, const struct stat& original,
                  const std::string& new_path) {
        constexpr mode_t owner_only = 0700;
        const auto there = look_at(new_path, new_path);
        if (there && !S_ISDIR(there->st_mode)) {
            refuse(new_path);
        }
        if (!there && mkdir(new_path.c_str(), owner_only) != 0) {
            fail_errno(old_path, "the copy", errno);
        }
        if (there) {
            unlock(new_path, original);
        }
        copy_children(old_path, new_path);
        finish_dir(old_path, original, new_path);
        note_flags(old_path, original, new_path);
        count(there ? result_.already : result_.done, original);
        progress_(so_far());
    }

    // Last, as what is made in it changes its times.
    static void finish_dir(const std::string& old_path, const struct stat& original,
                           const std::string& new_path) {
        copy_metadata(old_path, original, new_path, old_path);
        const Fd dir = open_dir(new_path);
        if (fsync(dir.get()) != 0) {
            fail_errno(new_path, "fsync", errno);
        }
    }

    // As long as there are flags that let nothing be changed, there can be no further
    // links and no further entries: all are set when the rest is done. A run that goes
    // on with another one may have some of them to take away first.
    static bool has_flags(const struct stat& original) {
        return S_ISREG(original.st_mode) || S_ISDIR(original.st_mode);
    }

    static void unlock(const std::string& new_path, const struct stat& original) {
        if (has_flags(original)) {
            unlock_inode(new_path, new_path);
        }
    }

    void note_flags(const std::string& old_path, const struct stat& original,
                    const std::string& new_path) {
        const unsigned int flags = has_flags(original) ? read_inode_flags(old_path, old_path) : 0;
        if (flags != 0) {
            flags_.emplace_back(new_path, flags);
        }
    }

    void set_flags() {
        for (const auto& [path, flags] : flags_) {
            try {
                set_inode_flags(path, flags, path);
            } catch (const Error& error) {
                result_.problems.emplace_back(error.what());
            }
        }
    }

    // Into the temporary name.
    void copy_one(const std::string& old_path, const struct stat& original) {
        if (S_ISREG(original.st_mode)) {
            copy_file(old_path, original);
        } else if (S_ISLNK(original.st_mode)) {
            copy_link(old_path);
        } else if (mknod(temporary_.c_str(), original.st_mode & S_IFMT, original.st_rdev) != 0) {
            fail_errno(old_path, "the copy", errno);
        }
        copy_metadata(old_path, original, temporary_, old_path);
    }

    void copy_file(const std::string& old_path, const struct stat& original) {
        constexpr mode_t owner_only = 0600;
        const Fd from = open_original(old_path);
        {
            const Fd to = open_at(AT_FDCWD, temporary_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                                  owner_only, old_path);
            within_file_ = 0;
            copy_data(from, to, static_cast<std::uint64_t>(original.st_size), old_path,
                      [&](std::uint64_t bytes) {
                          within_file_ += bytes;
                          progress_(so_far());
                      });
        }
        compare_data(from, temporary_, static_cast<std::uint64_t>(original.st_size), old_path);
        within_file_ = 0;
        struct stat now {};
        if (fstat(from.get(), &now) != 0) {
            fail_errno(old_path, "", errno);
        }
        if (now.st_size != original.st_size || !same_time(now.st_mtim, original.st_mtim)) {
            fail(Exit::failure, old_path, "was changed while it was copied; run this again");
        }
    }

    void copy_link(const std::string& old_path) const {
        const std::size_t slash = old_path.rfind('/');
        const Fd dir = open_dir(old_path.substr(0, slash));
        const auto target = read_target(dir, old_path.substr(slash + 1), PATH_MAX, old_path);
        if (!target) {
            fail(Exit::failure, old_path, "was changed while it was copied; run this again");
        }
        if (symlink(target->c_str(), temporary_.c_str()) != 0) {
            fail_errno(old_path, "the copy", errno);
        }
    }

    void give_name(const std::string& new_path) {
        if (renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, new_path.c_str(), RENAME_NOREPLACE) ==
            0) {
            return;
        }
        // Not every filesystem knows that; nothing was there a moment ago.
        if (errno != EINVAL || rename(temporary_.c_str(), new_path.c_str()) != 0) {
            fail_errno(new_path, "", errno);
        }
    }

    static bool are_links(const std::string& path, const struct stat& there) {
        const auto info = look_at(path, path);
        return info && info->st_ino == there.st_ino && info->st_dev == there.st_dev;
    }

    // Puts a link in the place of a copy by itself: of the names of its original, not
    // the first one was there.
    void link_again(const std::string& first, const std::string& new_path) const {
        if (link(first.c_str(), temporary_.c_str()) != 0 ||
            rename(temporary_.c_str(), new_path.c_str()) != 0) {
            fail_errno(new_path, "", errno);
        }
    }

    [[noreturn]] static void refuse(const std::string& new_path) {
        fail(Exit::failure, new_path,
             "is there already, and is not the copy of what is there now in the old tree; it was "
             "left as it is: move it away and run this again");
    }

    // The new path of another link of the same file, if it was seen before.
    [[nodiscard]] const std::string* first_link(const struct stat& original) const {
        const auto found = links_.find({original.st_dev, original.st_ino});
        return found == links_.end() ? nullptr : &found->second;
    }

    void remove_temporary() const {
        if (unlink(temporary_.c_str()) != 0 && errno != ENOENT) {
            fail_errno(temporary_, "", errno);
        }
    }

    static void count(MigrateCounts& counts, const struct stat& original) {
        counts.entries++;
        if (S_ISREG(original.st_mode)) {
            counts.bytes += static_cast<std::uint64_t>(original.st_size);
        }
    }

    [[nodiscard]] MigrateCounts so_far() const {
        return {result_.done.entries + result_.already.entries,
                result_.done.bytes + result_.already.bytes + within_file_};
    }

    std::string temporary_;
    std::string old_root_;
    std::string new_root_;
    const MigrateProgress& progress_;
    dev_t device_ = 0;
    std::map<InodeId, std::string> links_;
    std::vector<std::pair<std::string, unsigned int>> flags_;  // of copies
    std::uint64_t within_file_ = 0;  // bytes of the file that is being copied
    MigrateResult result_;
};

void count_below(const std::string& dir, dev_t device, MigrateCounts& counts) {
    for (const std::string& name : names_in(dir)) {
        const std::string path = join_path(dir, name);
        const auto info = look_at(path, path);
        if (!info || info->st_dev != device) {
            continue;
        }
        counts.entries++;
        if (S_ISREG(info->st_mode)) {
            counts.bytes += static_cast<std::uint64_t>(info->st_size);
        } else if (S_ISDIR(info->st_mode)) {
            count_below(path, device, counts);
        }
    }
}

}  // namespace

MigrateCounts count_tree(const std::string& old_dir) {
    MigrateCounts counts;
    const auto root = look_at(old_dir, old_dir);
    if (!root) {
        fail_errno(old_dir, "", ENOENT);
    }
    count_below(old_dir, root->st_dev, counts);
    return counts;
}

MigrateResult migrate_tree(const std::string& old_dir, const std::string& new_dir,
                           const MigrateProgress& progress) {
    return Migration(old_dir, new_dir, progress).run();
}

}  // namespace dcryptfs

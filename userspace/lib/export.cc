// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/export.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "lib/cipher.h"
#include "lib/dir_entries.h"
#include "lib/error.h"
#include "lib/file_copy.h"
#include "lib/native_file.h"
#include "lib/path.h"
#include "lib/sealed_value.h"
#include "lib/workers.h"

// One thread, the walker, goes through the tree, and makes directories, links and
// special files.  Regular files are jobs of the workers, and of a large one each takes
// a piece after the other.  A directory gets its times when the last thing in it is
// done, by whoever has done that.
namespace dcryptfs {

namespace {

using InodeId = std::pair<dev_t, ino_t>;

// A directory in the making.
struct OutDir {
    OutDir(std::shared_ptr<OutDir> parent_dir, LowerDir lower_dir, Fd out_dir,
           std::string path_from_root)
        : parent(std::move(parent_dir)),
          lower(std::move(lower_dir)),
          out(std::move(out_dir)),
          path(std::move(path_from_root)) {}

    std::shared_ptr<OutDir> parent;
    LowerDir lower;
    Fd out;
    std::string path;
    struct stat info {};                   // of the lower one
    std::atomic<std::size_t> pending = 1;  // things in it, and the walker
};
using OutDirPtr = std::shared_ptr<OutDir>;

// Where a copy is made, and of what.
struct Place {
    OutDirPtr dir;
    std::string lower;
    std::string upper;

    [[nodiscard]] std::string subject() const { return join_path(dir->lower.path(), lower); }
};

// A file of several names.
struct LinkedFile {
    std::mutex mutex;
    enum { in_work, made, failed } state = in_work;
    std::string path;            // of the first, from the root
    std::vector<Place> waiting;  // names that were met before that was made
};
using LinkedFilePtr = std::shared_ptr<LinkedFile>;

// A regular file on which several workers may be.
struct FileWork {
    FileWork(Place where, NativeFile native, LinkedFilePtr link)
        : place(std::move(where)), file(std::move(native)), linked(std::move(link)) {}

    Place place;
    NativeFile file;
    LinkedFilePtr linked;  // or none
    std::string temporary;
    Fd out;
    Secret key;
    std::atomic<std::size_t> workers = 1;
    std::atomic<bool> failed = false;
    std::mutex mutex;        // guards:
    std::uint64_t next = 0;  // from where on nobody has taken a piece
    std::uint64_t told = 0;  // bytes
};
using FileWorkPtr = std::shared_ptr<FileWork>;

// Of each worker.
struct Buffers {
    std::vector<std::uint8_t> encrypted = std::vector<std::uint8_t>(decrypt_buffer_size);
    Secret plain = Secret(decrypt_buffer_size);

    [[nodiscard]] DecryptBuffers both() { return {encrypted, plain.bytes()}; }
};

bool is_shown(std::string_view name) {
    return name.starts_with("user.") || name.starts_with("trusted.") ||
           name.starts_with("security.") || name == "system.posix_acl_access" ||
           name == "system.posix_acl_default";
}

bool is_sealed(std::string_view name) {
    return name.starts_with("user.") || name.starts_with("trusted.");
}

class Export {
  public:
    Export(const ExportKeys& keys, std::string out_path, unsigned int jobs,
           const ExportEvents& events)
        : keys_(keys),
          out_path_(std::move(out_path)),
          events_(events),
          buffers_(jobs),
          workers_(jobs) {
        ByteArray<sizeof(std::uint64_t)> random{};
        random_bytes(random);
        run_name_ = export_temporary_prefix + to_hex(random) + ".";
    }

    MigrateCounts run(LowerDir dir, Fd out) {
        root_ = std::make_shared<OutDir>(nullptr, std::move(dir), std::move(out), "");
        stat_lower(*root_);
        walk(root_);
        workers_.finish();
        if (syncfs(root_->out.get()) != 0) {
            fail_errno(out_path_, "syncfs", errno);
        }
        return done_;
    }

  private:
    // ---- the walker ----

    void walk(const OutDirPtr& dir) {
        try {
            const LowerListing listing = dir->lower.list();
            for (const std::string& text : listing.problems) {
                report(text);
            }
            for (const LowerEntry& entry : listing.entries) {
                add_entry(dir, entry);
            }
        } catch (const Error& error) {
            report(error);
        }
        leave(dir);
    }

    void add_entry(const OutDirPtr& dir, const LowerEntry& entry) {
        const Place place{dir, entry.lower, entry.upper};
        try {
            struct stat info {};
            if (fstatat(dir->lower.fd().get(), entry.lower.c_str(), &info, AT_SYMLINK_NOFOLLOW) !=
                0) {
                fail_errno(place.subject(), "", errno);
            }
            if (dir->lower.is_mount_point(entry.lower)) {
                fail(Exit::failure, place.subject(),
                     "left out: another filesystem is mounted there; export it by itself");
            }
            if (S_ISDIR(info.st_mode)) {
                add_dir(place);
            } else if (info.st_nlink > 1) {
                add_linked(place, info, entry.target);
            } else {
                add_other(place, info, entry.target, nullptr);
            }
        } catch (const Error& error) {
            report(error);
        }
    }

    void add_dir(const Place& place) {
        constexpr mode_t owner_only = 0700;
        const std::string subject = place.subject();
        const OutDirPtr& parent = place.dir;
        LowerDir lower = parent->lower.enter(place.lower, subject);
        if (mkdirat(parent->out.get(), place.upper.c_str(), owner_only) != 0) {
            fail_errno(subject, "the copy", errno);
        }
        const auto dir =
            std::make_shared<OutDir>(parent, std::move(lower),
                                     open_at(parent->out.get(), place.upper,
                                             O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, subject),
                                     join_path(parent->path, place.upper));
        stat_lower(*dir);
        parent->pending++;
        walk(dir);
    }

    // One of several names, of which the first is made, and the others are links to it.
    void add_linked(const Place& place, const struct stat& info,
                    const std::optional<std::string>& target) {
        auto& seen = links_[{info.st_dev, info.st_ino}];
        if (!seen.file) {
            seen.file = std::make_shared<LinkedFile>();
            seen.file->path = join_path(place.dir->path, place.upper);
            seen.names = 1;
            const LinkedFilePtr linked = seen.file;
            try {
                add_other(place, info, target, linked);
            } catch (const Error&) {
                settle(linked, false);
                throw;
            }
            return;
        }
        const LinkedFilePtr linked = seen.file;
        if (++seen.names == info.st_nlink) {
            links_.erase({info.st_dev, info.st_ino});
        }
        std::unique_lock lock(linked->mutex);
        if (linked->state == LinkedFile::in_work) {
            place.dir->pending++;
            linked->waiting.push_back(place);
            return;
        }
        lock.unlock();
        make_link(*linked, place);
    }

    void add_other(const Place& place, const struct stat& info,
                   const std::optional<std::string>& target, const LinkedFilePtr& linked) {
        if (S_ISREG(info.st_mode)) {
            place.dir->pending++;
            workers_.add(
                [this, place, linked](std::size_t worker) { begin_file(place, linked, worker); });
            return;
        }
        if (S_ISLNK(info.st_mode)) {
            if (!target) {
                settle(linked, false);
                return;  // the listing has told why
            }
            if (symlinkat(target->c_str(), place.dir->out.get(), place.upper.c_str()) != 0) {
                fail_errno(place.subject(), "the copy", errno);
            }
        } else if (mknodat(place.dir->out.get(), place.upper.c_str(), info.st_mode & S_IFMT,
                           info.st_rdev) != 0) {
            fail_errno(place.subject(), "the copy", errno);
        }
        copy_about(place, info, place.upper);
        count(0);
        settle(linked, true);
    }

    // ---- regular files ----

    void begin_file(const Place& place, const LinkedFilePtr& linked, std::size_t worker) {
        FileWorkPtr work;
        try {
            work = std::make_shared<FileWork>(
                place, NativeFile(place.dir->lower.fd().get(), place.lower, place.subject()),
                linked);
            if (work->file.header()) {
                work->key = work->file.file_key(keys_.volume_key);
            }
            create(*work);
        } catch (const Error& error) {
            report(error);
            settle(linked, false);
            leave(place.dir);
            return;
        }
        share(work);
        do_pieces(work, worker);
    }

    void create(FileWork& work) {
        constexpr mode_t owner_only = 0600;
        const Place& place = work.place;
        work.temporary = run_name_ + std::to_string(files_++);
        work.out = open_at(place.dir->out.get(), work.temporary,
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, owner_only, place.subject());
        // All that is not written stays a hole.
        if (ftruncate(work.out.get(), static_cast<off_t>(work.file.upper())) != 0) {
            const int err = errno;
            remove_temporary(work);
            fail_errno(place.subject(), "the size of the copy", err);
        }
    }

    // Others join in where there is enough to do.
    void share(const FileWorkPtr& work) {
        const std::uint64_t pieces = work->file.upper() / piece_size;
        const std::uint64_t others = std::min<std::uint64_t>(pieces, workers_.count() - 1);
        work->workers += others;
        for (std::uint64_t i = 0; i < others; i++) {
            workers_.add_part([this, work](std::size_t worker) { do_pieces(work, worker); });
        }
    }

    void do_pieces(const FileWorkPtr& work, std::size_t worker) {
        try {
            if (work->file.header()) {
                XtsDecryptor cipher(work->key);
                while (const auto range = take_piece(*work)) {
                    copy_piece(*work, cipher, *range, buffers_.at(worker));
                }
            }
        } catch (const Error& error) {
            // One line, however many are on it.
            if (!work->failed.exchange(true)) {
                report(error);
            }
        }
        if (--work->workers == 0) {
            finish_file(*work);
        }
    }

    static std::optional<Range> take_piece(FileWork& work) {
        const std::lock_guard lock(work.mutex);
        if (work.failed) {
            return std::nullopt;
        }
        Range range = work.file.next_data(work.next);
        if (range.start >= range.end) {
            return std::nullopt;
        }
        range.end = std::min(range.end, range.start + piece_size);
        work.next = range.end;
        return range;
    }

    void copy_piece(FileWork& work, XtsDecryptor& cipher, const Range& range, Buffers& buffers) {
        work.file.decrypt(cipher, range, buffers.both(), [&](std::uint64_t offset, Bytes piece) {
            pwrite_all(work.out, piece, offset, work.place.subject());
        });
        const std::lock_guard lock(work.mutex);
        work.told += range.end - range.start;
        const std::lock_guard all(mutex_);
        done_.bytes += range.end - range.start;
        events_.progress(done_);
    }

    void finish_file(FileWork& work) {
        bool made = false;
        try {
            if (!work.failed) {
                work.file.require_unchanged();
                copy_about(work.place, work.file.info(), work.temporary);
                give_name(work);
                made = true;
                count(work.file.upper() - work.told);
            }
        } catch (const Error& error) {
            report(error);
        }
        if (!made) {
            remove_temporary(work);
            uncount(work.told);
        }
        settle(work.linked, made);
        leave(work.place.dir);
    }

    // Never in the place of something else.
    static void give_name(const FileWork& work) {
        const int dir = work.place.dir->out.get();
        const char* const from = work.temporary.c_str();
        const char* const to = work.place.upper.c_str();
        if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0) {
            return;
        }
        // Not every filesystem knows that.
        const bool unknown = errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
        if (!unknown || linkat(dir, from, dir, to, 0) != 0 || unlinkat(dir, from, 0) != 0) {
            fail_errno(work.place.subject(), "the name of the copy", errno);
        }
    }

    void remove_temporary(const FileWork& work) {
        if (unlinkat(work.place.dir->out.get(), work.temporary.c_str(), 0) != 0 &&
            errno != ENOENT) {
            const int err = errno;
            report(
                printable(join_path(join_path(out_path_, work.place.dir->path), work.temporary)) +
                ": is not whole, and can't be removed: " + errno_text(err));
        }
    }

    // ---- links ----

    // The first of several names was made, or was not.
    void settle(const LinkedFilePtr& linked, bool made) {
        if (!linked) {
            return;
        }
        std::vector<Place> waiting;
        {
            const std::lock_guard lock(linked->mutex);
            linked->state = made ? LinkedFile::made : LinkedFile::failed;
            waiting.swap(linked->waiting);
        }
        for (const Place& place : waiting) {
            try {
                make_link(*linked, place);
            } catch (const Error& error) {
                report(error);
            }
            leave(place.dir);
        }
    }

    void make_link(const LinkedFile& linked, const Place& place) {
        if (linked.state == LinkedFile::failed) {
            fail(Exit::damaged, place.subject(),
                 "not exported: it is another name of " + printable(linked.path) +
                     ", which could not be");
        }
        if (linkat(root_->out.get(), linked.path.c_str(), place.dir->out.get(), place.upper.c_str(),
                   0) != 0) {
            fail_errno(place.subject(), "the link in the copy", errno);
        }
        count(0);
    }

    // ---- what is known of files ----

    static void stat_lower(OutDir& dir) {
        if (fstat(dir.lower.fd().get(), &dir.info) != 0) {
            fail_errno(dir.lower.path(), "", errno);
        }
    }

    // `name` is what the copy is called now.
    void copy_about(const Place& place, const struct stat& info, const std::string& name) {
        copy_metadata(entry_path(place.dir->lower.fd(), place.lower), info,
                      entry_path(place.dir->out, name), place.subject(),
                      rules_for(place.subject()));
    }

    // A thing less that is known of a file is no reason to go without its data.
    MetadataRules rules_for(const std::string& subject) {
        MetadataRules rules;
        rules.problem = [this](const Error& error) { report(error); };
        rules.value_of = [this, subject](std::string_view name, Bytes value) {
            return upper_value(name, value, subject);
        };
        return rules;
    }

    [[nodiscard]] std::optional<std::vector<std::uint8_t>> upper_value(
        std::string_view name, Bytes value, const std::string& subject) const {
        if (!is_shown(name)) {
            return std::nullopt;
        }
        if (keys_.sealer == nullptr || !is_sealed(name)) {
            return std::vector<std::uint8_t>(value.begin(), value.end());
        }
        auto opened = open_xattr(*keys_.sealer, name, value);
        if (!opened) {
            fail(Exit::damaged, subject,
                 "its attribute " + printable(name) +
                     " is left out: the value does not decrypt; it was changed, or is of another "
                     "volume");
        }
        return opened;
    }

    // Something in the directory is done, or the walker with it.
    void leave(OutDirPtr dir) {
        while (dir && --dir->pending == 0) {
            try {
                const std::string subject = dir->lower.path();
                copy_metadata(entry_path(dir->lower.fd(), "."), dir->info,
                              entry_path(dir->out, "."), subject, rules_for(subject));
            } catch (const Error& error) {
                report(error);
            }
            if (dir->parent) {
                count(0);
            }
            dir = dir->parent;
        }
    }

    // ---- telling ----

    void count(std::uint64_t more_bytes) {
        const std::lock_guard lock(mutex_);
        done_.entries++;
        done_.bytes += more_bytes;
        events_.progress(done_);
    }

    void uncount(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        done_.bytes -= bytes;
    }

    void report(const Error& error) { report(std::string(error.what())); }
    void report(const std::string& text) {
        const std::lock_guard lock(mutex_);
        events_.problem(text);
    }

    // Large enough that a worker has something to do, and small enough that all have.
    static constexpr std::uint64_t piece_size = std::uint64_t{4} * 1024 * 1024;

    struct SeenLinks {
        LinkedFilePtr file;
        nlink_t names = 0;
    };

    const ExportKeys& keys_;
    std::string out_path_;
    std::string run_name_;
    OutDirPtr root_;
    std::map<InodeId, SeenLinks> links_;  // the walker's, as long as more may come
    std::atomic<std::uint64_t> files_ = 0;
    std::mutex mutex_;  // guards the two below; the innermost lock
    const ExportEvents& events_;
    MigrateCounts done_;
    std::vector<Buffers> buffers_;
    Workers workers_;  // last, so that it is stopped first
};

bool is_counted(const std::string& lower, bool in_root) {
    return (!lower.starts_with(hidden_prefix) || lower.starts_with(long_prefix)) &&
           !(in_root && lower == config_name);
}

void count_below(const LowerDir& dir, bool in_root, MigrateCounts& counts) {
    for_each_name(dir.fd(), dir.path(), [&](const std::string& lower) {
        struct stat info {};
        if (!is_counted(lower, in_root) ||
            fstatat(dir.fd().get(), lower.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
            return true;
        }
        counts.entries++;
        if (S_ISREG(info.st_mode)) {
            counts.bytes += upper_size(static_cast<std::uint64_t>(info.st_size)).value_or(0);
        } else if (S_ISDIR(info.st_mode)) {
            count_below(dir.enter(lower, join_path(dir.path(), lower)), false, counts);
        }
        return true;
    });
}

}  // namespace

MigrateCounts count_lower(const LowerDir& dir) {
    MigrateCounts counts;
    count_below(dir, true, counts);
    return counts;
}

MigrateCounts export_tree(LowerDir dir, const ExportKeys& keys, Fd out, const std::string& out_path,
                          unsigned int jobs, const ExportEvents& events) {
    return Export(keys, out_path, jobs, events).run(std::move(dir), std::move(out));
}

}  // namespace dcryptfs

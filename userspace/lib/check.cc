// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/check.h"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base64url.h"
#include "lib/dir_entries.h"
#include "lib/dir_names.h"
#include "lib/error.h"
#include "lib/file_copy.h"
#include "lib/names.h"
#include "lib/native_file.h"
#include "lib/path.h"
#include "lib/sealed_value.h"
#include "lib/shape.h"
#include "lib/symlink.h"
#include "lib/volume.h"
#include "lib/workers.h"

// One thread, the walker, reads the directories and looks at dcryptfs's own names.  The
// entries are jobs of the workers.
namespace dcryptfs {

namespace {

// A directory, as long as there are entries of it to look at.
struct CheckedDir {
    LowerDir dir;
    bool is_root = false;
    std::unique_ptr<DirNames> names;  // only with the key and a sound nonce
};
using CheckedDirPtr = std::shared_ptr<const CheckedDir>;

struct CheckedEntry {
    CheckedDirPtr dir;
    std::string lower;
    struct stat info {};

    [[nodiscard]] std::string path() const { return join_path(dir->dir.path(), lower); }
};

bool is_before(const std::timespec& a, const std::timespec& b) {
    return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

// The message of an error without what it is about, if that is the path.
std::string reason_of(const Error& error, const std::string& path) {
    std::string text = error.what();
    const std::string subject = printable(path) + ": ";
    return text.starts_with(subject) ? text.substr(subject.size()) : text;
}

class Check {
  public:
    Check(const CheckRules& rules, unsigned int jobs, const CheckEvents& events)
        : rules_(rules), events_(events), workers_(jobs) {}

    MigrateCounts run(LowerDir dir) {
        if (rules_.encrypted_names) {
            try {
                examine_attributes(dir, ".", dir.path());
            } catch (const Error& error) {
                unchecked(dir.path(), error);
            }
        }
        walk(std::move(dir), rules_.is_root);
        workers_.finish();
        return done_;
    }

  private:
    // ---- the walker ----

    void walk(LowerDir lower, bool is_root) {
        const auto dir =
            std::make_shared<CheckedDir>(CheckedDir{std::move(lower), is_root, nullptr});
        const std::string& path = dir->dir.path();
        std::vector<std::string> names;
        try {
            // The names before the nonce: whoever makes the first name has made it.
            names = sorted_names(dir->dir.fd(), path);
            if (rules_.encrypted_names) {
                check_nonce(*dir, names);
            }
        } catch (const Error& error) {
            unchecked(path, error);
            return;
        }
        bool removed = false;
        for (const std::string& name : names) {
            if (events_.cancelled()) {
                return;
            }
            try {
                removed = check_name(dir, name, names) || removed;
            } catch (const Error& error) {
                unchecked(join_path(path, name), error);
            }
        }
        if (removed && fsync(dir->dir.fd().get()) != 0) {
            fail_errno(path, "fsync", errno);
        }
    }

    void check_nonce(CheckedDir& dir, const std::vector<std::string>& names) {
        const std::string& path = dir.dir.path();
        const std::string name(dir_id_name);
        try {
            if (rules_.sealer != nullptr) {
                dir.names = make_dir_names(rules_.sealer, dir.dir.fd(), path, dir.is_root);
                return;
            }
            const auto target =
                read_target(dir.dir.fd(), name, PATH_MAX - 1, join_path(path, name));
            if (target ? !looks_like_dir_id(*target) : has_names(names)) {
                fail(Exit::damaged, target ? join_path(path, name) : path,
                     target ? "damaged: its target is not the nonce of a directory"
                            : "damaged: it holds encrypted names, but not the " + name +
                                  " without which they can't be read");
            }
        } catch (const Error& error) {
            if (error.code() != Exit::damaged) {
                throw;
            }
            tell(path, "directory-nonce", reason_of(error, path));
        }
    }

    static bool has_names(const std::vector<std::string>& names) {
        return std::ranges::any_of(names, [](const std::string& name) {
            const LowerKind kind = kind_of_lower_name(name);
            return kind == LowerKind::short_name || kind == LowerKind::long_name;
        });
    }

    // Whether it was removed.
    bool check_name(const CheckedDirPtr& dir, const std::string& lower,
                    const std::vector<std::string>& names) {
        if (dir->is_root && (lower == config_name || lower == config_backup_name)) {
            return false;
        }
        struct stat info {};
        if (fstatat(dir->dir.fd().get(), lower.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) {
                return false;  // removed meanwhile
            }
            fail_errno(join_path(dir->dir.path(), lower), "", errno);
        }
        CheckedEntry entry{dir, lower, info};
        if (lower.starts_with(hidden_prefix) &&
            !(rules_.encrypted_names && lower.starts_with(long_prefix))) {
            return check_own(entry, names);
        }
        check_entry(std::move(entry));
        return false;
    }

    void check_entry(CheckedEntry entry) {
        if (rules_.encrypted_names && kind_of_lower_name(entry.lower) == LowerKind::foreign) {
            // What mkfs makes in the root of some filesystems is nobody's damage.
            if (!(entry.dir->is_root && entry.lower == "lost+found")) {
                tell(entry.path(), "name", "not an encrypted name: it does not show above");
            }
            return;
        }
        if (entry.dir->dir.is_mount_point(entry.lower)) {
            unchecked(entry.path(), "another filesystem is mounted there");
            return;
        }
        const CheckedDirPtr dir = entry.dir;
        const std::string lower = entry.lower;
        const bool is_dir = S_ISDIR(entry.info.st_mode);
        workers_.add([this, taken = std::move(entry)](std::size_t) { examine(taken); });
        if (is_dir) {
            walk(dir->dir.enter(lower, join_path(dir->dir.path(), lower)), false);
        }
    }

    // ---- dcryptfs's own names ----

    bool check_own(const CheckedEntry& entry, const std::vector<std::string>& names) {
        const std::string& lower = entry.lower;
        if (rules_.encrypted_names && lower == dir_id_name) {
            return false;
        }
        if (entry.dir->is_root && is_temporary_name(lower) &&
            (S_ISREG(entry.info.st_mode) || S_ISLNK(entry.info.st_mode))) {
            return leftover(entry, "temporary", "a temporary file that was left over");
        }
        if (rules_.encrypted_names && lower.starts_with(sidecar_prefix)) {
            const std::string name = name_of_sidecar(lower);
            if (kind_of_lower_name(name) == LowerKind::long_name) {
                // Whose name came after the list was read has it.
                return !std::ranges::binary_search(names, name) && !is_there(entry.dir, name) &&
                       orphan(entry, name);
            }
        }
        tell(entry.path(), "unknown", "dcryptfs gives nothing this name: it does not show above");
        return false;
    }

    static std::string name_of_sidecar(const std::string& lower) {
        return std::string(long_prefix) + lower.substr(sidecar_prefix.size());
    }

    static bool is_there(const CheckedDirPtr& dir, const std::string& name) {
        struct stat info {};
        return fstatat(dir->dir.fd().get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 ||
               errno != ENOENT;
    }

    bool orphan(const CheckedEntry& entry, const std::string& name) {
        const std::string text = "the rest of a name that is not there: " + name;
        if (!S_ISLNK(entry.info.st_mode)) {
            tell(entry.path(), "sidecar", text + "; and no symbolic link");
            return false;
        }
        return leftover(entry, "sidecar", text);
    }

    // What may be removed.
    bool leftover(const CheckedEntry& entry, const char* kind, const std::string& text) {
        Finding finding{entry.path(), kind, text, true, false};
        if (rules_.repair) {
            if (!is_before(entry.info.st_ctim, rules_.before)) {
                finding.text += "; left, as it is newer than this check";
            } else if (unlinkat(entry.dir->dir.fd().get(), entry.lower.c_str(), 0) == 0) {
                finding.repaired = true;
            } else if (errno != ENOENT) {
                finding.text += "; it can't be removed: " + errno_text(errno);
            }
        }
        tell(finding);
        return finding.repaired;
    }

    // ---- entries, by the workers ----

    void examine(const CheckedEntry& entry) {
        const auto attempt = [&](const char* kind, const auto& action) {
            try {
                action();
            } catch (const Error& error) {
                if (error.code() == Exit::failure) {
                    // What went away meanwhile is none of ours.
                    if (is_there(entry.dir, entry.lower)) {
                        unchecked(entry.path(), error);
                    }
                } else {
                    tell(entry.path(), kind, reason_of(error, entry.path()));
                }
            }
        };
        std::uint64_t bytes = 0;
        if (rules_.encrypted_names) {
            attempt("name", [&] { examine_name(entry); });
            attempt("attribute",
                    [&] { examine_attributes(entry.dir->dir, entry.lower, entry.path()); });
        }
        if (S_ISREG(entry.info.st_mode)) {
            attempt("file", [&] { bytes = examine_file(entry); });
        } else if (S_ISLNK(entry.info.st_mode) && rules_.encrypted_names) {
            attempt("link", [&] { examine_link(entry); });
        }
        const std::lock_guard lock(mutex_);
        done_.entries++;
        done_.bytes += bytes;
        events_.progress(done_);
    }

    static void examine_name(const CheckedEntry& entry) {
        if (entry.dir->names) {
            (void)entry.dir->names->upper_name(entry.lower);
            return;
        }
        if (kind_of_lower_name(entry.lower) != LowerKind::long_name) {
            return;
        }
        const std::string sidecar = sidecar_of(entry.lower);
        const auto target = read_target(entry.dir->dir.fd(), sidecar, sidecar_target_max(),
                                        join_path(entry.dir->dir.path(), sidecar));
        if (!target) {
            fail(Exit::damaged, entry.path(), "its name can't be read: " + sidecar + " is missing");
        }
        if (!looks_like_sidecar_of(entry.lower, *target)) {
            fail(Exit::damaged, entry.path(),
                 "its name can't be read: " + sidecar + " does not belong to it");
        }
    }

    [[nodiscard]] std::uint64_t examine_file(const CheckedEntry& entry) const {
        const NativeFile file(entry.dir->dir.fd().get(), entry.lower, entry.path());
        if (file.header() && file.header()->key_id != rules_.key_id) {
            fail(Exit::no_key, entry.path(),
                 "encrypted under the key " + to_hex(file.header()->key_id) +
                     ", and the volume's is " + to_hex(rules_.key_id));
        }
        return file.upper();
    }

    void examine_link(const CheckedEntry& entry) const {
        const auto target =
            read_target(entry.dir->dir.fd(), entry.lower, PATH_MAX - 1, entry.path());
        if (!target) {
            return;  // removed meanwhile
        }
        if (rules_.sealer != nullptr ? !open_target(*rules_.sealer, *target)
                                     : !looks_like_target(*target)) {
            fail(Exit::damaged, entry.path(),
                 rules_.sealer != nullptr
                     ? "its target does not decrypt: it was changed, or is of another volume"
                     : "its target is not an encrypted one");
        }
    }

    // Each that is damaged.  `name` is that of the entry, or ".".
    void examine_attributes(const LowerDir& dir, const std::string& name,
                            const std::string& subject) {
        const std::string place = entry_path(dir.fd(), name);
        for (const std::string& attribute : attribute_names(place, subject)) {
            if (!attribute.starts_with("user.") && !attribute.starts_with("trusted.")) {
                continue;
            }
            const auto value = attribute_value(place, attribute, subject);
            const std::string text = "the value of its attribute " + printable(attribute);
            if (!value) {
                continue;  // removed meanwhile
            }
            if (rules_.sealer == nullptr && value->size() < sealed_value_min()) {
                tell(subject, "attribute", text + " is not an encrypted one");
            }
            if (rules_.sealer != nullptr && !open_xattr(*rules_.sealer, attribute, *value)) {
                tell(subject, "attribute",
                     text + " does not decrypt: it was changed, or is of another volume");
            }
        }
    }

    // ---- telling ----

    void tell(const std::string& path, const char* kind, const std::string& text) {
        tell(Finding{path, kind, text, false, false});
    }
    void tell(const Finding& finding) {
        const std::lock_guard lock(mutex_);
        events_.finding(finding);
    }

    void unchecked(const std::string& path, const Error& error) {
        unchecked(path, reason_of(error, path));
    }
    void unchecked(const std::string& path, const std::string& reason) {
        const std::lock_guard lock(mutex_);
        events_.unchecked(path, reason);
    }

    const CheckRules& rules_;
    std::mutex mutex_;  // guards the two below
    const CheckEvents& events_;
    MigrateCounts done_;
    Workers workers_;  // last, so that it is stopped first
};

}  // namespace

MigrateCounts check_tree(LowerDir dir, const CheckRules& rules, unsigned int jobs,
                         const CheckEvents& events) {
    return Check(rules, jobs, events).run(std::move(dir));
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// A directory of a volume's lower tree, seen as the upper directory that it is.
#ifndef DCRYPTFS_LIB_LOWER_DIR_H
#define DCRYPTFS_LIB_LOWER_DIR_H

#include <sys/stat.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dir_names.h"
#include "lib/fd.h"
#include "lib/seal.h"

namespace dcryptfs {

struct LowerEntry {
    std::string upper;
    std::string lower;
    mode_t type = 0;                    // S_IFDIR, S_IFLNK ...
    std::optional<std::string> target;  // the upper one of a symbolic link, if it decodes
};

struct LowerListing {
    std::vector<LowerEntry> entries;    // sorted by upper name
    std::vector<std::string> problems;  // one line for each name or target that does not decode
};

// Makes the names of an open directory; the path starts the messages.
using NamesOf =
    std::function<std::unique_ptr<DirNames>(const Fd& dir, const std::string& path, bool is_root)>;

class LowerDir {
  public:
    // Opens a directory by its path.  Throws Error: Exit::damaged when it lies in
    // a mounted dcryptfs, Exit::failure when it can't be opened.
    explicit LowerDir(const std::string& path);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] const Fd& fd() const noexcept { return fd_; }

    // Says whether this is the root of a volume, and what opens the names: nullptr
    // when they are plain, or else a sealer that outlives this.  Comes before all
    // that follows.
    void set_volume(const Sealer* sealer, bool is_root);

    // The same for directories of other kinds: what makes the names of one, which
    // has to outlive this.
    void set_names(NamesOf names_of) { names_of_ = std::move(names_of); }

    // Throws Error: Exit::damaged when no name in the directory can be decoded,
    // Exit::failure when it can't be read.
    [[nodiscard]] LowerListing list() const;

    // The lower name of an entry; `subject` is what messages call that.  Throws
    // Error: Exit::failure when there is none of this upper name, otherwise as
    // list().
    [[nodiscard]] std::string find(std::string_view upper, const std::string& subject) const;

    // The directory in this one with this lower name.  Symbolic links are not
    // followed.  Throws Error (Exit::failure).
    [[nodiscard]] LowerDir enter(const std::string& lower, const std::string& subject) const;

    // Whether another filesystem is mounted over the entry with this lower name: a
    // mount of the volume does not show that.
    [[nodiscard]] bool is_mount_point(const std::string& lower) const;

  private:
    LowerDir(Fd fd, std::string path, NamesOf names_of)
        : fd_(std::move(fd)), path_(std::move(path)), names_of_(std::move(names_of)) {}

    [[nodiscard]] std::optional<mode_t> type_of(const std::string& lower) const;
    void add_entry(const DirNames& names, const std::string& lower, LowerListing& listing) const;

    Fd fd_;
    std::string path_;
    NamesOf names_of_;
    bool is_root_ = false;
};

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_LOWER_DIR_H

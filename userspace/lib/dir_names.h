// SPDX-License-Identifier: GPL-2.0-or-later
// The names of one lower directory, in either of the ways that volumes have.
#ifndef DCRYPTFS_LIB_DIR_NAMES_H
#define DCRYPTFS_LIB_DIR_NAMES_H

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/fd.h"
#include "lib/seal.h"

namespace dcryptfs {

class DirNames {
  public:
    DirNames() = default;
    virtual ~DirNames() = default;
    DirNames(const DirNames&) = delete;
    DirNames& operator=(const DirNames&) = delete;
    DirNames(DirNames&&) = delete;
    DirNames& operator=(DirNames&&) = delete;

    // The upper name of an entry, or nothing when it is dcryptfs's own.  Throws
    // Error (Exit::damaged) with the reason when there is none.
    [[nodiscard]] virtual std::optional<std::string> upper_name(const std::string& lower) const = 0;

    // The lower name of an entry, which need not be there, or nothing when there
    // can't be one.  is_name() has to hold for `upper`.
    [[nodiscard]] virtual std::optional<std::string> lower_name(std::string_view upper) const = 0;

    // The upper target of the link with this lower name.  Throws Error
    // (Exit::damaged) when there is none.
    [[nodiscard]] virtual std::string upper_target(const std::string& lower,
                                                   const std::string& lower_target) const = 0;
};

// The names of the open directory `dir`; `path` starts the messages.  `sealer` is
// that of a volume with encrypted names, or nullptr.  Both `dir` and the sealer
// have to outlive what is returned.  Throws Error: Exit::damaged when the names
// can't be decoded because the directory's nonce is damaged or missing,
// Exit::failure when the directory can't be read.
std::unique_ptr<DirNames> make_dir_names(const Sealer* sealer, const Fd& dir,
                                         const std::string& path, bool is_root);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_DIR_NAMES_H

// SPDX-License-Identifier: GPL-2.0-or-later
// Where a passphrase comes from.
#ifndef DCRYPTFS_LIB_PASSPHRASE_H
#define DCRYPTFS_LIB_PASSPHRASE_H

#include <cstddef>
#include <optional>
#include <string>

#include "lib/secret.h"

namespace dcryptfs {

// The longest passphrase, in bytes.
inline constexpr std::size_t max_passphrase_size = 4096;

// At most one is set; with neither, the terminal is asked.
struct PassphraseSource {
    std::optional<std::string> file;
    std::optional<int> fd;
};

// The passphrase for the volume in `dir`, of 1 to max_passphrase_size bytes.  A
// file or descriptor is read to its end, and one newline at the end dropped.
// `file_option` and `fd_option` are how the two are spelt on this program's
// command line, for the message when there is no terminal (Exit::usage).
Secret read_passphrase(const PassphraseSource& source, const std::string& dir,
                       std::string_view file_option, std::string_view fd_option);

// As above, for a new volume: a terminal is asked twice.  Throws Error when the
// two differ.
Secret read_new_passphrase(const PassphraseSource& source, const std::string& dir,
                           std::string_view file_option, std::string_view fd_option);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_PASSPHRASE_H

// SPDX-License-Identifier: GPL-2.0-or-later
// Where a passphrase comes from.
#ifndef DCRYPTFS_LIB_PASSPHRASE_H
#define DCRYPTFS_LIB_PASSPHRASE_H

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lib/secret.h"

namespace dcryptfs {

// The longest passphrase, in bytes.
inline constexpr std::size_t max_passphrase_size = 4096;

// At most one is set; with neither, the terminal is asked.
struct PassphraseSource {
    std::optional<std::string> file;
    std::optional<int> fd;
};

// What is asked for, and how the two sources are spelt on this program's command
// line, for the message when there is no terminal (Exit::usage).  The second may be
// empty.
struct PassphraseRequest {
    std::string subject;  // what it opens: the volume's directory, say
    std::string what;     // "passphrase", "wrapping passphrase" ...
    std::string file_option;
    std::string fd_option;
};

// A passphrase of 1 to max_passphrase_size bytes.  A file or descriptor is read to
// its end, and one newline at the end dropped.
Secret read_passphrase(const PassphraseSource& source, const PassphraseRequest& request);

// As above, for a new passphrase: a terminal is asked twice.  Throws Error when the
// two differ.
Secret read_new_passphrase(const PassphraseSource& source, const PassphraseRequest& request);

// The same for the passphrase of the volume in `dir`.
Secret read_passphrase(const PassphraseSource& source, const std::string& dir,
                       std::string_view file_option, std::string_view fd_option);
Secret read_new_passphrase(const PassphraseSource& source, const std::string& dir,
                           std::string_view file_option, std::string_view fd_option);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_PASSPHRASE_H

// SPDX-License-Identifier: GPL-2.0-or-later
// Encrypted names of eCryptfs, and targets of symbolic links, which are the same.
#ifndef DCRYPTFS_LIB_ECRYPTFS_NAMES_H
#define DCRYPTFS_LIB_ECRYPTFS_NAMES_H

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/bytes.h"
#include "lib/dir_names.h"
#include "lib/ecryptfs_key.h"

namespace dcryptfs {

// What a tag 70 packet holds.
struct EcryptfsSealedName {
    EcryptfsSignature signature{};
    std::uint8_t cipher = 0;         // a known one
    std::vector<std::uint8_t> text;  // whole cipher blocks
};

// Whether a lower name, or a lower target, claims to be encrypted.
bool is_ecryptfs_sealed(std::string_view lower);

// Reads a lower name that claims it.  Throws Error (Exit::damaged) with a line about
// `subject` that says what is wrong.
EcryptfsSealedName parse_ecryptfs_name(std::string_view lower, const std::string& subject);

// The upper name, of any length but 0 and with any bytes in it but zeros, with that
// of the keys that it takes.  Throws Error (Exit::damaged) when it does not decrypt
// with any.
std::string open_ecryptfs_name(const EcryptfsSealedName& name, std::span<const EcryptfsKey> keys,
                               const std::string& subject);

// The names of a lower directory under these keys, which have to outlive it; `path`
// starts the messages.  What does not claim to be encrypted is taken as it is, as
// eCryptfs does.
std::unique_ptr<DirNames> make_ecryptfs_names(std::span<const EcryptfsKey> keys,
                                              const std::string& path);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_ECRYPTFS_NAMES_H

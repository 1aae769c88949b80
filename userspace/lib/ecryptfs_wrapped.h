// SPDX-License-Identifier: GPL-2.0-or-later
// Files in which ecryptfs-utils keeps a passphrase encrypted under another one:
// ~/.ecryptfs/wrapped-passphrase and its like.
//
// Version 2: ':' and the byte 2, 8 bytes of salt; then as version 1, whose salt is
// that of all passphrases: 16 hexadecimal digits, the signature of the key that is
// made of the wrapping passphrase and the salt; then the passphrase, filled with
// zeros to a multiple of 16 bytes, in AES-128-ECB under the first 16 bytes of that
// key.  The passphrase has at most 64 bytes.
#ifndef DCRYPTFS_LIB_ECRYPTFS_WRAPPED_H
#define DCRYPTFS_LIB_ECRYPTFS_WRAPPED_H

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lib/bytes.h"
#include "lib/ecryptfs_key.h"
#include "lib/secret.h"

namespace dcryptfs {

// No such file is longer, in bytes.
inline constexpr std::size_t max_wrapped_size = 90;

struct WrappedPassphrase {
    std::optional<EcryptfsSalt> salt;  // none in version 1
    EcryptfsSignature signature{};
    std::vector<std::uint8_t> text;  // the passphrase, encrypted
};

// Reads what such a file holds.  Throws Error (Exit::damaged) with a line about
// `subject` when it is anything else.
WrappedPassphrase parse_wrapped(Bytes content, const std::string& subject);

// The file's content for a passphrase, of version 2.
// Both passphrases have to pass check_ecryptfs_passphrase().
std::vector<std::uint8_t> wrap_passphrase(const Secret& passphrase, const Secret& wrapping,
                                          const EcryptfsSalt& salt);

// The passphrase in it.  `old_salt` is that of version 1.  Throws Error:
// Exit::wrong_passphrase when the wrapping passphrase is another one,
// Exit::damaged when what comes out is no passphrase.
Secret unwrap_passphrase(const WrappedPassphrase& wrapped, const Secret& wrapping,
                         const EcryptfsSalt& old_salt, const std::string& subject);

// Reads such a file.  Throws Error as parse_wrapped(), or Exit::failure.
WrappedPassphrase read_wrapped(const std::string& path);

// Throws Error (Exit::failure) when there is something at the path.
void require_no_wrapped(const std::string& path);

// Writes a file of mode 0600, beside the path and then renamed to it.  The first
// leaves alone what is there, and throws; the second puts it in the place of the
// file there, which has to be one, and whose owner and group it keeps.
void write_new_wrapped(const std::string& path, Bytes content);
void replace_wrapped(const std::string& path, Bytes content);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_ECRYPTFS_WRAPPED_H

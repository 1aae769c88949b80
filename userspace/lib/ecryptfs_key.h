// SPDX-License-Identifier: GPL-2.0-or-later
// The keys of eCryptfs: made from passphrases as ecryptfs-utils makes them, and
// handed to the kernel in the form that both filesystems look for.
#ifndef DCRYPTFS_LIB_ECRYPTFS_KEY_H
#define DCRYPTFS_LIB_ECRYPTFS_KEY_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/ondisk_ecryptfs.h"
#include "lib/bytes.h"
#include "lib/keyring.h"
#include "lib/secret.h"

namespace dcryptfs {

inline constexpr std::size_t ecryptfs_salt_size = DCRYPT_ECRYPTFS_SALT_SIZE;
inline constexpr std::size_t ecryptfs_signature_size = DCRYPT_ECRYPTFS_SIG_SIZE;
inline constexpr std::size_t ecryptfs_key_size = DCRYPT_ECRYPTFS_MAX_KEY;
inline constexpr std::size_t ecryptfs_max_passphrase_size = 64;

using EcryptfsSalt = ByteArray<ecryptfs_salt_size>;
using EcryptfsSignature = ByteArray<ecryptfs_signature_size>;

// What salts a passphrase when nothing else is asked for.
inline constexpr EcryptfsSalt ecryptfs_default_salt = {0x00, 0x11, 0x22, 0x33,
                                                       0x44, 0x55, 0x66, 0x77};
// The same for the key of names.  These are the characters 99887766: ecryptfs-utils
// takes the text of its constant for the bytes, and so has everybody's names.
inline constexpr EcryptfsSalt ecryptfs_name_salt = {'9', '9', '8', '8', '7', '7', '6', '6'};

// A key that other keys are encrypted under (64 bytes, of which a cipher takes as
// many as it needs), and by what it is known.
struct EcryptfsKey {
    Secret key;
    EcryptfsSignature signature{};
};

// 65,536 rounds of SHA-512.
EcryptfsKey derive_ecryptfs_key(const Secret& passphrase, const EcryptfsSalt& salt);

// Throws Error (Exit::failure) unless the passphrase is one that ecryptfs-utils
// can be given: of 1 to 64 bytes, none of them zero.  `subject` starts the message.
void check_ecryptfs_passphrase(const Secret& passphrase, const std::string& subject);

// The salt in 16 hexadecimal digits, or nothing when the text is anything else.
std::optional<EcryptfsSalt> parse_ecryptfs_salt(std::string_view text);

// The salt that a configuration file of ecryptfs-utils names, if it does.  Throws
// Error (Exit::failure) with a line about `subject` when it is none.
std::optional<EcryptfsSalt> find_ecryptfs_salt(std::string_view config, const std::string& subject);

// ~/.ecryptfsrc of the user that runs this; the home directory is that of the
// password database.
std::string ecryptfs_config_path();

// The salt for passphrases: that of the configuration file, if there is one and it
// names one, or else ecryptfs_default_salt.
EcryptfsSalt read_ecryptfs_salt(const std::string& config_path);

// What the kernel is given: struct ecryptfs_auth_tok.
Secret make_ecryptfs_auth_tok(const EcryptfsKey& key, const EcryptfsSalt& salt);

// Adds the token to the user keyring, under the signature as its description, or
// gives the one that is there this payload.  Throws Error when the kernel refuses.
KeySerial add_ecryptfs_key(const EcryptfsKey& key, const EcryptfsSalt& salt);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_ECRYPTFS_KEY_H

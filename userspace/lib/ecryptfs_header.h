// SPDX-License-Identifier: GPL-2.0-or-later
// What an eCryptfs file says of itself: the header in front of its data, or the
// same in the attribute user.ecryptfs.
#ifndef DCRYPTFS_LIB_ECRYPTFS_HEADER_H
#define DCRYPTFS_LIB_ECRYPTFS_HEADER_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/bytes.h"
#include "lib/ecryptfs_key.h"

namespace dcryptfs {

// One packet that holds the file's key: tag 3 with its tag 11, for a passphrase, or
// tag 1, for a public key.
struct EcryptfsKeyPacket {
    std::uint8_t tag = 0;  // DCRYPT_ECRYPTFS_TAG_3 or DCRYPT_ECRYPTFS_TAG_1
    EcryptfsSignature signature{};
    std::uint8_t cipher = 0;   // of the file; tag 3 only, and known
    std::size_t key_size = 0;  // bytes, of the file's key; tag 3 only
    std::uint8_t hash = 0;     // hash, salt and iterations: tag 3 only, and without meaning
    EcryptfsSalt salt{};
    std::uint8_t iterations = 0;
    std::vector<std::uint8_t> encrypted_key;
    std::string name;  // "_CONSOLE", tag 11's; tag 3 only, and without meaning
};

struct EcryptfsHeader {
    std::uint64_t size = 0;  // of the upper file, bytes
    std::uint32_t marker = 0;
    std::uint8_t version = 0;
    std::uint32_t flags = 0;        // DCRYPT_ECRYPTFS_FLAG_*, and those that mean nothing
    std::uint64_t data_offset = 0;  // bytes in front of the data; of no meaning in an attribute
    std::vector<EcryptfsKeyPacket> keys;
};

// Where the header comes from, which says what it may be like.
enum class EcryptfsHeaderPlace { file, attribute };

// Whether this begins with the marker of eCryptfs.
bool has_ecryptfs_marker(Bytes header);

// Reads a header, of which the first extent or the whole attribute is given.
// Throws Error (Exit::damaged) with a line about `subject` that says what is wrong.
EcryptfsHeader parse_ecryptfs_header(Bytes header, EcryptfsHeaderPlace place,
                                     const std::string& subject);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_ECRYPTFS_HEADER_H

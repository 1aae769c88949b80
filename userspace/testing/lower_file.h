// SPDX-License-Identifier: GPL-2.0-or-later
// A second implementation of the native format, as plain as can be, that makes
// lower files for the reader to read.
#ifndef DCRYPTFS_TESTING_LOWER_FILE_H
#define DCRYPTFS_TESTING_LOWER_FILE_H

#include <cstdint>
#include <vector>

#include "lib/bytes.h"

namespace dcryptfs::testing {

// The lower file, whole, for this plaintext under the volume key and header of
// testing/vectors.h.  Plaintext blocks of zeros become holes (zeros below) when
// `sparse` is set.
std::vector<std::uint8_t> make_lower_file(Bytes plaintext, bool sparse = false);

// Block n of AES-256-XTS under the file key of testing/vectors.h.
std::vector<std::uint8_t> encrypt_block(std::uint64_t n, Bytes plaintext);

// `size` bytes with no period that a block could hide.
std::vector<std::uint8_t> make_plaintext(std::size_t size);

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_LOWER_FILE_H

// SPDX-License-Identifier: GPL-2.0-or-later
// What the fuzz targets share: each hands arbitrary bytes to a parser, which has to
// take them or throw Error, and nothing else.
#ifndef DCRYPTFS_FUZZ_FUZZ_H
#define DCRYPTFS_FUZZ_FUZZ_H

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "lib/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace dcryptfs::fuzz {

// Ends the program, which the fuzzer reports, unless this holds.
inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

// Runs it; a damaged input is no fault, and any other error is.
template <typename Action>
void try_parse(const Action& action) {
    try {
        action();
    } catch (const Error& error) {
        require(error.code() == Exit::damaged);
    }
}

}  // namespace dcryptfs::fuzz

#endif  // DCRYPTFS_FUZZ_FUZZ_H

// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz/fuzz.h"
#include "lib/recovery_code.h"

using namespace dcryptfs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const Secret code = parse_recovery_code({data, size}, "input");
        fuzz::require(code.size() == recovery_code_size);
        // A code is read as itself.
        const Secret again = parse_recovery_code(code.bytes(), "code");
        fuzz::require(equal_constant_time(code.bytes(), again.bytes()));
    } catch (const Error& error) {
        fuzz::require(error.code() == Exit::wrong_passphrase);
    }
    return 0;
}

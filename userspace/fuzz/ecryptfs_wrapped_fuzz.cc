// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz/fuzz.h"
#include "lib/ecryptfs_wrapped.h"

using namespace dcryptfs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::try_parse([&] {
        const WrappedPassphrase wrapped = parse_wrapped({data, size}, "input");
        fuzz::require(size <= max_wrapped_size);
        fuzz::require(!wrapped.text.empty() && wrapped.text.size() <= ecryptfs_max_passphrase_size);
    });
    return 0;
}

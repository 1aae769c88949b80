// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <string_view>

#include "fuzz/fuzz.h"
#include "lib/ecryptfs_cipher.h"
#include "lib/ecryptfs_names.h"

using namespace dcryptfs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view lower(reinterpret_cast<const char*>(data), size);
    if (!is_ecryptfs_sealed(lower)) {
        return 0;
    }
    fuzz::try_parse([&] {
        const EcryptfsSealedName name = parse_ecryptfs_name(lower, "input");
        if (find_ecryptfs_cipher(name.cipher)->openssl_name == nullptr) {
            return;
        }
        // The key that it asks for, so that it is decrypted: to nothing, but for luck.
        std::array<EcryptfsKey, 1> keys;
        keys[0] = {Secret(ecryptfs_key_size), name.signature};
        const std::string upper = open_ecryptfs_name(name, keys, "input");
        fuzz::require(!upper.empty() && upper.find('\0') == std::string::npos);
    });
    return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz/fuzz.h"
#include "kernel/ondisk_ecryptfs.h"
#include "lib/ecryptfs_cipher.h"
#include "lib/ecryptfs_header.h"

using namespace dcryptfs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const auto place : {EcryptfsHeaderPlace::file, EcryptfsHeaderPlace::attribute}) {
        fuzz::try_parse([&] {
            const EcryptfsHeader header = parse_ecryptfs_header({data, size}, place, "input");
            fuzz::require(!header.keys.empty());
            for (const EcryptfsKeyPacket& key : header.keys) {
                fuzz::require(key.key_size <= ecryptfs_key_size);
                fuzz::require(key.key_size <= key.encrypted_key.size());
                fuzz::require(key.tag != DCRYPT_ECRYPTFS_TAG_3 ||
                              find_ecryptfs_cipher(key.cipher) != nullptr);
            }
        });
    }
    return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/vectors.h"

#include <openssl/evp.h>

#include <catch2/catch.hpp>

namespace dcryptfs::testing {

std::vector<std::uint8_t> unhex(std::string_view text) {
    std::vector<std::uint8_t> bytes(text.size() / 2);
    REQUIRE(from_hex(text, bytes));
    return bytes;
}

Secret secret_of(Bytes bytes) {
    Secret secret(bytes.size());
    std::copy(bytes.begin(), bytes.end(), secret.bytes().begin());
    return secret;
}

std::string sha256_hex(Bytes bytes) {
    constexpr std::size_t digest_size = 32;
    ByteArray<digest_size> digest{};
    std::size_t size = 0;
    REQUIRE(EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(), digest.data(),
                         &size) == 1);
    REQUIRE(size == digest.size());
    return to_hex(digest);
}

}  // namespace dcryptfs::testing

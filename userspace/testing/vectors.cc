// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/vectors.h"

#include <openssl/evp.h>

#include <catch2/catch.hpp>

namespace dcryptfs::testing {

std::string encrypted_config_json() {
    std::string text(config_json);
    const auto replace = [&](std::string_view from, std::string_view to) {
        text.replace(text.find(from), from.size(), to);
    };
    replace("\"plain\"", "\"encrypted\"");
    replace("de8f100777b0c27cbb4ff48c9acad69a8d07e2275a4392c1295379968e7c5018",
            "7bac53fa4c633c1f5700133c756b0235809df385899ac29eb051f97c6aef963d");
    return text;
}

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

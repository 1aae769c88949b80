// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/lower_file.h"

#include <openssl/evp.h>

#include <catch2/catch.hpp>
#include <memory>

#include "testing/vectors.h"

namespace dcryptfs::testing {

namespace {

constexpr std::size_t block = 4096;

}  // namespace

std::vector<std::uint8_t> encrypt_block(std::uint64_t n, Bytes plaintext) {
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> ctx(EVP_CIPHER_CTX_new(),
                                                                              EVP_CIPHER_CTX_free);
    constexpr std::size_t tweak_size = 16;
    ByteArray<tweak_size> tweak{};
    for (std::size_t i = 0; i < sizeof(n); i++) {
        tweak[i] = static_cast<std::uint8_t>(n >> (8 * i));
    }
    std::vector<std::uint8_t> out(block);
    int done = 0;
    REQUIRE(plaintext.size() == block);
    REQUIRE(EVP_EncryptInit_ex(ctx.get(), EVP_aes_256_xts(), nullptr, unhex(file_key_hex).data(),
                               tweak.data()) == 1);
    REQUIRE(EVP_EncryptUpdate(ctx.get(), out.data(), &done, plaintext.data(), block) == 1);
    REQUIRE(done == block);
    return out;
}

std::vector<std::uint8_t> make_lower_file(Bytes plaintext, bool sparse) {
    if (plaintext.empty()) {
        return {};
    }
    std::vector<std::uint8_t> lower = unhex(fields_hex);
    lower.resize(block);
    for (std::size_t start = 0; start < plaintext.size(); start += block) {
        const Bytes piece = plaintext.subspan(start, std::min(block, plaintext.size() - start));
        std::vector<std::uint8_t> padded(piece.begin(), piece.end());
        padded.resize(block);
        if (!sparse || !all_zero(padded)) {
            padded = encrypt_block(start / block, padded);
        }
        lower.insert(lower.end(), padded.begin(), padded.end());
    }
    lower.resize(lower.size() + plaintext.size() % block);
    return lower;
}

std::vector<std::uint8_t> make_plaintext(std::size_t size) {
    constexpr std::uint32_t factor = 2654435761;
    constexpr unsigned shift = 24;
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; i++) {
        bytes[i] = static_cast<std::uint8_t>((static_cast<std::uint32_t>(i + 1) * factor) >> shift);
    }
    return bytes;
}

}  // namespace dcryptfs::testing

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/cipher.h"

#include <catch2/catch.hpp>

#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

// Test case 16 of the GCM specification (McGrew and Viega).
constexpr std::string_view gcm_key =
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr std::string_view gcm_nonce = "cafebabefacedbaddecaf888";
constexpr std::string_view gcm_associated = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr std::string_view gcm_plaintext =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
constexpr std::string_view gcm_text =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";
constexpr std::string_view gcm_tag = "76fc6ece0f4e1768cddf8853bb2d551b";

// Vector 10 of IEEE Std 1619-2007: a data unit of 512 bytes, number 0xff.
constexpr std::string_view xts_key =
    "2718281828459045235360287471352662497757247093699959574966967627"
    "3141592653589793238462643383279502884197169399375105820974944592";
constexpr std::uint64_t xts_number = 0xff;
constexpr std::string_view xts_text =
    "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b"
    "5d31e276f8fe4a8d66b317f9ac683f44680a86ac35adfc3345befecb4bb188fd"
    "5776926c49a3095eb108fd1098baec70aaa66999a72a82f27d848b21d4a741b0"
    "c5cd4d5fff9dac89aeba122961d03a757123e9870f8acf1000020887891429ca"
    "2a3e7a7d7df7b10355165c8b9a6d0a7de8b062c4500dc4cd120c0f7418dae3d0"
    "b5781c34803fa75421c790dfe1de1834f280d7667b327f6c8cd7557e12ac3a0f"
    "93ec05c52e0493ef31a12d3d9260f79a289d6a379bc70c50841473d1a8cc81ec"
    "583e9645e07b8d9670655ba5bbcfecc6dc3966380ad8fecb17b6ba02469a020a"
    "84e18e8f84252070c13e9f1f289be54fbc481457778f616015e1327a02b140f1"
    "505eb309326d68378f8374595c849d84f4c333ec4423885143cb47bd71c5edae"
    "9be69a2ffeceb1bec9de244fbe15992b11b77c040f12bd8f6a975a44a0f90c29"
    "a9abc3d4d893927284c58754cce294529f8614dcd2aba991925fedc4ae74ffac"
    "6e333b93eb4aff0479da9a410e4450e0dd7ae4c6e2910900575da401fc07059f"
    "645e8b7e9bfdef33943054ff84011493c27b3429eaedb4ed5376441a77ed4385"
    "1ad77f16f541dfd269d50d6a5f14fb0aab1cbb4c1550be97f7ab4066193c4caa"
    "773dad38014bd2092fa755c824bb5e54c4f36ffda9fcea70b9c6e693e148c151";

ByteArray<gcm_tag_size> tag_of(std::string_view hex) {
    ByteArray<gcm_tag_size> tag{};
    REQUIRE(from_hex(hex, tag));
    return tag;
}

}  // namespace

TEST_CASE("AES-256-GCM gives the specification's answer", "[cipher]") {
    const GcmSealed sealed = gcm_seal(secret_of(unhex(gcm_key)), unhex(gcm_nonce),
                                      unhex(gcm_associated), unhex(gcm_plaintext));
    CHECK(to_hex(sealed.text) == gcm_text);
    CHECK(to_hex(sealed.tag) == gcm_tag);
}

TEST_CASE("AES-256-GCM opens what is whole and nothing else", "[cipher]") {
    const Secret key = secret_of(unhex(gcm_key));
    auto nonce = unhex(gcm_nonce);
    auto associated = unhex(gcm_associated);
    auto text = unhex(gcm_text);
    auto tag = tag_of(gcm_tag);
    const auto open = [&] { return gcm_open(key, nonce, associated, text, tag); };

    const auto plaintext = open();
    REQUIRE(plaintext.has_value());
    CHECK(to_hex(plaintext->bytes()) == gcm_plaintext);

    SECTION("a changed nonce") {
        nonce.back() ^= 1U;
    }
    SECTION("changed associated data") {
        associated.front() ^= 1U;
    }
    SECTION("a changed text") {
        text.back() ^= 1U;
    }
    SECTION("a changed tag") {
        tag.back() ^= 1U;
    }
    SECTION("another key") {
        auto other = unhex(gcm_key);
        other.back() ^= 1U;
        CHECK_FALSE(gcm_open(secret_of(other), nonce, associated, text, tag).has_value());
        return;
    }
    // Each section above but the last falls through to here; a run without any
    // section does not exist.
    CHECK_FALSE(open().has_value());
}

TEST_CASE("AES-256-XTS gives the standard's answer", "[cipher]") {
    // A data unit is processed from its start, so the vector's 512 bytes are the
    // start of a block of 4096 with the same number.
    std::vector<std::uint8_t> block = unhex(xts_text);
    const std::size_t vector_size = block.size();
    block.resize(block_size);
    std::vector<std::uint8_t> out(block_size);
    XtsDecryptor cipher(secret_of(unhex(xts_key)));
    cipher.decrypt_block(xts_number, block, out);
    for (std::size_t i = 0; i < vector_size; i++) {
        REQUIRE(out[i] == static_cast<std::uint8_t>(i));
    }
}

TEST_CASE("random bytes differ", "[cipher]") {
    ByteArray<32> a{};
    ByteArray<32> b{};
    random_bytes(a);
    random_bytes(b);
    CHECK(a != b);
    CHECK_FALSE(all_zero(a));
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/seal.h"

#include <catch2/catch.hpp>

#include "lib/base64url.h"
#include "lib/cipher.h"
#include "testing/lower_tree.h"
#include "testing/name_vectors.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

std::string text_of(const std::optional<std::vector<std::uint8_t>>& bytes) {
    return bytes ? std::string(bytes->begin(), bytes->end()) : "nothing";
}

}  // namespace

TEST_CASE("the name keys are those of the document", "[seal]") {
    const Secret key = secret_of(unhex(volume_key_hex));
    CHECK(to_hex(derive_name_mac_key(key).bytes()) == name_mac_key_hex);
    CHECK(to_hex(derive_name_key(key).bytes()) == name_key_hex);
}

TEST_CASE("the counter of AES-256-CTR has 128 bits", "[seal]") {
    // The keystream, from "openssl enc -aes-256-ecb" of the counter blocks.
    const Secret key = secret_of(unhex(name_key_hex));
    const std::vector<std::uint8_t> zeros(32);
    const auto keystream = [&](std::string_view counter) {
        std::vector<std::uint8_t> out(zeros.size());
        ctr_crypt(key, unhex(counter), zeros, out);
        return to_hex(out);
    };
    CHECK(keystream("ffffffffffffffffffffffffffffffff") ==
          "7616354b6cdd37a902ae85cc0aa0a686dcd6f55b901b8b5e92695f333aacd9e9");
    CHECK(keystream("0000000000000000ffffffffffffffff") ==
          "46e01caecd6c0987f6f266f0e051d2fbe9e81b0f16169c120077e9fec7b05c78");
}

TEST_CASE("sealed strings are the known ones, and open", "[seal]") {
    const Sealer sealer = known_sealer();
    for (const NameVector& vector : name_vectors) {
        CAPTURE(vector.size);
        const std::string name = vector_name(vector.size);
        const auto sealed = sealer.seal(SealKind::name, dir_nonce, as_bytes(name));
        CHECK(to_base64url(sealed) == vector.sealed);
        CHECK(sealed.size() == sealed_size(SealKind::name, name.size()));
        CHECK(text_of(sealer.open(SealKind::name, dir_nonce, sealed)) == name);
        if (!vector.tag.empty()) {
            CHECK(to_base64url(sealer.full_tag(SealKind::name, dir_nonce, as_bytes(name))) ==
                  vector.tag);
        }
    }
}

TEST_CASE("a sealed string opens as what it was sealed as, and where", "[seal]") {
    const Sealer sealer = known_sealer();
    const auto sealed = sealer.seal(SealKind::name, dir_nonce, as_bytes("sixteen letters!"));
    CHECK(sealer.open(SealKind::name, dir_nonce, sealed).has_value());
    CHECK_FALSE(sealer.open(SealKind::link, dir_nonce, sealed).has_value());
    CHECK_FALSE(sealer.open(SealKind::xattr, dir_nonce, sealed).has_value());
    CHECK_FALSE(sealer.open(SealKind::name, link_nonce, sealed).has_value());
    CHECK_FALSE(sealer.open(SealKind::name, {}, sealed).has_value());
    const Sealer other(secret_of(unhex(std::string(128, '0'))));
    CHECK_FALSE(other.open(SealKind::name, dir_nonce, sealed).has_value());

    const auto dir = sealer.seal(SealKind::dir, dir_nonce, {});
    CHECK(dir.size() == seal_tag_size);
    CHECK(text_of(sealer.open(SealKind::dir, dir_nonce, dir)).empty());
    CHECK_FALSE(sealer.open(SealKind::dir, link_nonce, dir).has_value());
    CHECK_FALSE(sealer.open(SealKind::name, dir_nonce, dir).has_value());
}

TEST_CASE("every changed bit of a sealed string, and every other size, is noticed", "[seal]") {
    const Sealer sealer = known_sealer();
    for (const SealKind kind : {SealKind::name, SealKind::link, SealKind::xattr}) {
        auto sealed = sealer.seal(kind, dir_nonce, as_bytes("a name of 21 letters."));
        for (std::size_t bit = 0; bit < sealed.size() * 8; bit++) {
            sealed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            CHECK_FALSE(sealer.open(kind, dir_nonce, sealed).has_value());
            sealed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        }
        for (std::size_t size = 0; size < sealed.size(); size++) {
            CHECK_FALSE(sealer.open(kind, dir_nonce, Bytes(sealed).first(size)).has_value());
        }
        CHECK(sealer.open(kind, dir_nonce, sealed).has_value());
        sealed.push_back(0);
        CHECK_FALSE(sealer.open(kind, dir_nonce, sealed).has_value());
    }
    auto dir = sealer.seal(SealKind::dir, dir_nonce, {});
    dir.push_back(0);
    CHECK_FALSE(sealer.open(SealKind::dir, dir_nonce, dir).has_value());
}

TEST_CASE("padding is as short as can be, and an empty name is none", "[seal]") {
    const Sealer sealer = known_sealer();
    // What a program with the keys could make: the right tag, another padding.
    const auto padded_to = [&](std::string_view name, std::size_t size) {
        const auto tag = sealer.full_tag(SealKind::name, dir_nonce, as_bytes(name));
        std::vector<std::uint8_t> sealed(tag.begin(), tag.begin() + seal_tag_size);
        std::vector<std::uint8_t> padded(name.begin(), name.end());
        padded.resize(size);
        sealed.resize(seal_tag_size + size);
        ctr_crypt(secret_of(unhex(name_key_hex)), Bytes(tag).first(seal_tag_size), padded,
                  MutableBytes(sealed).subspan(seal_tag_size));
        return sealed;
    };
    CHECK(text_of(sealer.open(SealKind::name, dir_nonce, padded_to("abc", 16))) == "abc");
    CHECK_FALSE(sealer.open(SealKind::name, dir_nonce, padded_to("abc", 32)).has_value());
    CHECK_FALSE(sealer.open(SealKind::name, dir_nonce, padded_to("abc", 15)).has_value());
    CHECK_FALSE(sealer.open(SealKind::name, dir_nonce, padded_to("", 16)).has_value());
    CHECK_FALSE(sealer.open(SealKind::name, dir_nonce, padded_to("", 0)).has_value());
    CHECK_FALSE(sealer.open(SealKind::dir, dir_nonce, padded_to("", 16)).has_value());
    // Zeros at the end of a value are its own.
    const auto value = sealer.seal(SealKind::xattr, dir_nonce, unhex("00010000"));
    CHECK(to_hex(sealer.open(SealKind::xattr, dir_nonce, value).value()) == "00010000");
}

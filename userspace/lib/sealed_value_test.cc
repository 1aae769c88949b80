// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sealed_value.h"

#include <catch2/catch.hpp>

#include "lib/base64url.h"
#include "testing/lower_tree.h"
#include "testing/name_vectors.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

TEST_CASE("targets of links go to the known ones and back", "[sealed_value]") {
    const Sealer sealer = known_sealer();
    for (const auto& [upper, lower] : target_vectors) {
        CHECK(seal_target(sealer, link_nonce, upper) == lower);
        CHECK(open_target(sealer, lower) == std::string(upper));
    }
    const std::string longest(4095, 'x');
    CHECK(open_target(sealer, seal_target(sealer, link_nonce, longest)) == longest);
}

TEST_CASE("a target that was not sealed as one does not open", "[sealed_value]") {
    const Sealer sealer = known_sealer();
    const std::string_view sound = target_vectors[0].lower;
    CHECK_FALSE(open_target(sealer, ""));
    CHECK_FALSE(open_target(sealer, "../plain"));
    CHECK_FALSE(open_target(sealer, "AAAA"));
    CHECK_FALSE(open_target(sealer, sound.substr(0, sound.size() - 4)));
    const auto bytes = from_base64url(sound).value();
    for (std::size_t bit = 0; bit < bytes.size() * 8; bit++) {
        auto changed = bytes;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CHECK_FALSE(open_target(sealer, to_base64url(changed)));
    }
    // The nonce alone, with the tag of nothing, and with a zero byte within.
    CHECK_FALSE(open_target(sealer, to_base64url(Bytes(bytes).first(16))));
    CHECK_FALSE(open_target(sealer, to_base64url(Bytes(bytes).first(32))));
    CHECK_FALSE(open_target(sealer, seal_target(sealer, link_nonce, std::string_view("a\0b", 3))));
}

TEST_CASE("values of attributes go to the known ones and back", "[sealed_value]") {
    const Sealer sealer = known_sealer();
    for (const auto& [upper, lower] : value_vectors) {
        CHECK(to_hex(seal_xattr(sealer, value_nonce, "user.comment", unhex(upper))) == lower);
        CHECK(lower.size() == upper.size() + std::size_t{2} * 32);
        const auto back = open_xattr(sealer, "user.comment", unhex(lower));
        REQUIRE(back.has_value());
        CHECK(to_hex(*back) == upper);
        CHECK_FALSE(open_xattr(sealer, "user.commen", unhex(lower)).has_value());
        CHECK_FALSE(open_xattr(sealer, "user.comments", unhex(lower)).has_value());
        CHECK_FALSE(open_xattr(sealer, "", unhex(lower)).has_value());
    }
}

TEST_CASE("a value that was not sealed as one does not open", "[sealed_value]") {
    const Sealer sealer = known_sealer();
    const auto sound = unhex(value_vectors[1].lower_hex);
    for (std::size_t size = 0; size < sound.size(); size++) {
        CHECK_FALSE(open_xattr(sealer, "user.comment", Bytes(sound).first(size)).has_value());
    }
    for (std::size_t bit = 0; bit < sound.size() * 8; bit++) {
        auto changed = sound;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CHECK_FALSE(open_xattr(sealer, "user.comment", changed).has_value());
    }
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/names.h"

#include <catch2/catch.hpp>

#include "lib/base64url.h"
#include "testing/errors.h"
#include "testing/lower_tree.h"
#include "testing/name_vectors.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

std::string join(std::string_view a, std::string_view b) {
    return std::string(a) += b;
}

// The text that a name which encode_name() refuses would have.
std::string sealed_text(const Sealer& sealer, std::string_view name) {
    return to_base64url(sealer.seal(SealKind::name, dir_nonce, as_bytes(name)));
}

}  // namespace

TEST_CASE("names go to the known lower names and back", "[names]") {
    const Sealer sealer = known_sealer();
    for (const NameVector& vector : name_vectors) {
        CAPTURE(vector.size);
        const std::string upper = vector_name(vector.size);
        const LowerName lower = encode_name(sealer, dir_nonce, upper);
        CHECK(lower.name.size() <= 255);
        CHECK(lower.sidecar.has_value() == (vector.size > 160));
        if (lower.sidecar) {
            CHECK(lower.name == join(".dcryptfs.long.", vector.tag));
            CHECK(lower.sidecar->name == join(".dcryptfs.name.", vector.tag));
            CHECK(lower.sidecar->target == vector.sealed);
            CHECK(kind_of_lower_name(lower.name) == LowerKind::long_name);
            CHECK(kind_of_lower_name(lower.sidecar->name) == LowerKind::own);
            CHECK(sidecar_of(lower.name) == lower.sidecar->name);
            CHECK(decode_long_name(sealer, dir_nonce, lower.name, lower.sidecar->target) == upper);
        } else {
            CHECK(lower.name == vector.sealed);
            CHECK(kind_of_lower_name(lower.name) == LowerKind::short_name);
            CHECK(decode_short_name(sealer, dir_nonce, lower.name) == upper);
        }
    }
}

TEST_CASE("a name of any length is decoded, and looks different in each directory", "[names]") {
    const Sealer sealer = known_sealer();
    for (std::size_t size = 1; size <= name_max; size++) {
        CAPTURE(size);
        const std::string upper = std::string(size, '\xff');
        const LowerName lower = encode_name(sealer, dir_nonce, upper);
        const auto back =
            lower.sidecar ? decode_long_name(sealer, dir_nonce, lower.name, lower.sidecar->target)
                          : decode_short_name(sealer, dir_nonce, lower.name);
        CHECK(back == upper);
        CHECK(encode_name(sealer, link_nonce, upper).name != lower.name);
        if (lower.sidecar) {
            CHECK(lower.sidecar->target.size() <= sidecar_target_max());
            CHECK_FALSE(decode_long_name(sealer, link_nonce, lower.name, lower.sidecar->target));
        } else {
            CHECK_FALSE(decode_short_name(sealer, link_nonce, lower.name));
        }
    }
}

TEST_CASE("any name is free to be used", "[names]") {
    const Sealer sealer = known_sealer();
    for (const char* const upper :
         {"dcryptfs.json", ".dcryptfs.dir", "...", " ", "a\nb", "\x01", "\xff\xfe"}) {
        const LowerName lower = encode_name(sealer, dir_nonce, upper);
        CHECK(decode_short_name(sealer, dir_nonce, lower.name) == upper);
    }
}

TEST_CASE("what can't be a name is refused", "[names]") {
    const Sealer sealer = known_sealer();
    using Catch::Matchers::Contains;
    for (const std::string& upper : {std::string(), std::string("."), std::string(".."),
                                     std::string("a/b"), std::string("a\0b", 3)}) {
        CHECK_FALSE(is_name(upper));
        const Error error = error_of([&] { (void)encode_name(sealer, dir_nonce, upper); });
        CHECK(error.code() == Exit::failure);
        CHECK_THAT(error.what(), Contains("Invalid argument"));
        // Nor does it come out, should someone have sealed it.
        if (!upper.empty()) {
            CHECK_FALSE(decode_short_name(sealer, dir_nonce, sealed_text(sealer, upper)));
        }
    }
    CHECK_THAT(
        error_of([&] { (void)encode_name(sealer, dir_nonce, std::string(256, 'x')); }).what(),
        Contains("File name too long"));
}

TEST_CASE("a length has one form", "[names]") {
    const Sealer sealer = known_sealer();
    // A long name without a sidecar, a short one with, and one too long for both.
    CHECK_FALSE(decode_short_name(sealer, dir_nonce, sealed_text(sealer, vector_name(161))));
    const std::string tag =
        to_base64url(sealer.full_tag(SealKind::name, dir_nonce, as_bytes(vector_name(160))));
    CHECK_FALSE(decode_long_name(sealer, dir_nonce, join(long_prefix, tag),
                                 sealed_text(sealer, vector_name(160))));
    const std::string huge(256, 'x');
    const std::string huge_tag =
        to_base64url(sealer.full_tag(SealKind::name, dir_nonce, as_bytes(huge)));
    CHECK_FALSE(decode_long_name(sealer, dir_nonce, join(long_prefix, huge_tag),
                                 sealed_text(sealer, huge)));
}

TEST_CASE("a sidecar belongs to one name", "[names]") {
    const Sealer sealer = known_sealer();
    const LowerName one = encode_name(sealer, dir_nonce, vector_name(161));
    const LowerName two = encode_name(sealer, dir_nonce, vector_name(255));
    REQUIRE((one.sidecar && two.sidecar));
    CHECK_FALSE(decode_long_name(sealer, dir_nonce, one.name, two.sidecar->target));
    CHECK_FALSE(decode_long_name(sealer, dir_nonce, two.name, one.sidecar->target));
    CHECK_FALSE(decode_long_name(sealer, dir_nonce, one.name, ""));
    CHECK_FALSE(decode_long_name(sealer, dir_nonce, one.name, one.sidecar->target + "A"));
}

TEST_CASE("lower names are told apart by their look", "[names]") {
    const std::string tag(name_vectors.back().tag);
    const std::string short_name(name_vectors.front().sealed);
    const auto kind = [](const std::string& name) { return kind_of_lower_name(name); };
    CHECK(kind(short_name) == LowerKind::short_name);
    CHECK(kind(".dcryptfs.long." + tag) == LowerKind::long_name);
    for (const auto& own : {std::string(".dcryptfs.dir"), std::string(".dcryptfs."),
                            ".dcryptfs.name." + tag, std::string(".dcryptfs.name."),
                            std::string(".dcryptfs.long"), std::string(".dcryptfs.xyz")}) {
        CAPTURE(own);
        CHECK(kind(own) == LowerKind::own);
    }
    for (const auto& foreign :
         {std::string("lost+found"), std::string("dcryptfs.json"), std::string(".dcryptfs"),
          std::string(".hidden"), short_name + "A", short_name.substr(1), short_name + "=",
          short_name.substr(0, 42) + "l", std::string(22, 'A'), ".dcryptfs.long." + tag + "A",
          ".dcryptfs.long." + tag.substr(1), std::string(".dcryptfs.long."),
          ".dcryptfs.long." + tag.substr(0, 42) + "_", std::string(256, 'A')}) {
        CAPTURE(foreign);
        CHECK(kind(foreign) == LowerKind::foreign);
    }
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base64url.h"

#include <catch2/catch.hpp>

#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

TEST_CASE("base64url gives the answers of RFC 4648, less the padding", "[base64url]") {
    struct Answer {
        std::string_view plain;
        std::string_view text;
    };
    for (const auto& [plain, text] :
         {Answer{"", ""}, Answer{"f", "Zg"}, Answer{"fo", "Zm8"}, Answer{"foo", "Zm9v"},
          Answer{"foob", "Zm9vYg"}, Answer{"fooba", "Zm9vYmE"}, Answer{"foobar", "Zm9vYmFy"}}) {
        CHECK(to_base64url(as_bytes(plain)) == text);
        const auto back = from_base64url(text);
        REQUIRE(back.has_value());
        CHECK(to_hex(*back) == to_hex(as_bytes(plain)));
    }
    CHECK(to_base64url(unhex("fbefbeffffff")) == "----____");
    CHECK(to_hex(from_base64url("----____").value()) == "fbefbeffffff");
}

TEST_CASE("every byte goes through base64url, at each of the three places", "[base64url]") {
    std::vector<std::uint8_t> bytes(std::size_t{3} * 256);
    for (std::size_t i = 0; i < bytes.size(); i++) {
        bytes[i] = static_cast<std::uint8_t>(i / 3 + i % 3 * 85);
    }
    for (std::size_t size = 0; size <= bytes.size(); size++) {
        const Bytes part = Bytes(bytes).first(size);
        const std::string text = to_base64url(part);
        CHECK(text.size() == base64url_size(size));
        CHECK(to_hex(from_base64url(text).value()) == to_hex(part));
    }
}

TEST_CASE("each text of base64url is the only one for its bytes", "[base64url]") {
    for (const char* const text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zm9 v", "Zm9v\n", "Zm+v", "Zm/v",
                                   "Zm9v.", "Zm\xc3\xa9", "Zh", "Zm9"}) {
        CAPTURE(text);
        CHECK_FALSE(from_base64url(text).has_value());
    }
    CHECK_FALSE(from_base64url(std::string_view("Zm8\0", 4)).has_value());
    // Of all last characters, those whose unused bits are zero.
    int sound = 0;
    for (int c = 0; c < 256; c++) {
        sound += from_base64url(std::string("Z") + static_cast<char>(c)) ? 1 : 0;
    }
    CHECK(sound == 4);
    sound = 0;
    for (int c = 0; c < 256; c++) {
        sound += from_base64url(std::string("ZZ") + static_cast<char>(c)) ? 1 : 0;
    }
    CHECK(sound == 16);
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/bytes.h"

#include <catch2/catch.hpp>

#include "lib/error.h"
#include "lib/ondisk.h"

using namespace dcryptfs;

TEST_CASE("hexadecimal text goes both ways", "[bytes]") {
    ByteArray<4> bytes{};
    REQUIRE(from_hex("00fFa510", bytes));
    CHECK(bytes == ByteArray<4>{0x00, 0xff, 0xa5, 0x10});
    CHECK(to_hex(bytes) == "00ffa510");
}

TEST_CASE("text that is not hexadecimal is refused", "[bytes]") {
    ByteArray<2> bytes{};
    for (const char* const text : {"", "000", "00000", "00g0", "0x00", " 000", "00:0", "-000"}) {
        CAPTURE(text);
        CHECK_FALSE(from_hex(text, bytes));
    }
}

TEST_CASE("integers are stored lowest byte first", "[bytes]") {
    ByteArray<8> bytes{};
    store_le(bytes, 0x0102030405060708);
    CHECK(to_hex(bytes) == "0807060504030201");
    CHECK(load_le(bytes) == 0x0102030405060708);
    CHECK(load_le(Bytes(bytes).first(2)) == 0x0708);
}

TEST_CASE("ranges are joined in order", "[bytes]") {
    const ByteArray<1> one = {1};
    CHECK(to_hex(concat({one, as_bytes("ab"), {}, one})) == "01616201");
    CHECK(concat({}).empty());
}

TEST_CASE("names from elsewhere stay on their line", "[bytes]") {
    CHECK(printable("plain \xc3\xa4") == "plain \xc3\xa4");
    CHECK(printable("a\nb\x1b[2J\x7f\\") == "a\\x0ab\\x1b[2J\\x7f\\x5c");
    // U+009B is an escape sequence's start as well; U+00A0 and U+049B are not.
    CHECK(printable("a\xc2\x9b"
                    "2J") == "a\\xc2\\x9b2J");
    CHECK(printable("\xc2\xa0 \xd2\x9b \xc2") == "\xc2\xa0 \xd2\x9b \xc2");
}

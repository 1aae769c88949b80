// SPDX-License-Identifier: GPL-2.0-or-later
// Headers that are not as they should be; those that are come from the kernel's own
// eCryptfs, in ecryptfs_file_test.cc.
#include "lib/ecryptfs_header.h"

#include <catch2/catch.hpp>

#include "kernel/ondisk_ecryptfs.h"
#include "testing/errors.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

// From a file of 16 bytes with its metadata in an attribute, made by the eCryptfs of
// Debian's kernel 6.12.117 ("getfattr -e hex"), less the flag that says so.
constexpr std::string_view start_hex =
    "0000000000000010"  // the size
    "8074bb92bcf50c67"  // the marker
    "03000002"          // version 3, encrypted
    "000010000002";     // two extents of 4096 bytes
constexpr std::string_view tag_3_hex =
    "8c1d04070301001122334455667760ccc518c6f207026555f63aac0302cfd1";
constexpr std::string_view tag_11_hex = "ed1662085f434f4e534f4c4500000000ffd652511eaff04a";

std::vector<std::uint8_t> header_of(std::string_view start, const std::string& packets) {
    auto bytes = unhex(std::string(start) + packets);
    bytes.resize(4096);
    return bytes;
}

EcryptfsHeader parse(Bytes bytes, EcryptfsHeaderPlace place = EcryptfsHeaderPlace::file) {
    return parse_ecryptfs_header(bytes, place, "f");
}

std::string complaint(Bytes bytes, EcryptfsHeaderPlace place = EcryptfsHeaderPlace::file) {
    const Error error = error_of([&] { (void)parse(bytes, place); });
    CHECK(error.code() == Exit::damaged);
    return error.what();
}

std::string replaced(std::string_view hex, std::size_t byte, std::string_view with) {
    std::string text(hex);
    text.replace(2 * byte, with.size(), with);
    return text;
}

const std::string packets = std::string(tag_3_hex) + std::string(tag_11_hex);

}  // namespace

TEST_CASE("a header is taken apart", "[ecryptfs]") {
    const EcryptfsHeader header = parse(header_of(start_hex, packets));
    CHECK(header.size == 16);
    CHECK(header.marker == 0x8074bb92);
    CHECK(header.version == 3);
    CHECK(header.flags == DCRYPT_ECRYPTFS_FLAG_ENCRYPTED);
    CHECK(header.data_offset == 8192);
    REQUIRE(header.keys.size() == 1);
    const EcryptfsKeyPacket& key = header.keys[0];
    CHECK(key.tag == DCRYPT_ECRYPTFS_TAG_3);
    CHECK(to_hex(key.signature) == "ffd652511eaff04a");
    CHECK(key.cipher == DCRYPT_ECRYPTFS_CIPHER_AES_128);
    CHECK(key.key_size == 16);
    CHECK(key.salt == ecryptfs_default_salt);
    CHECK(key.iterations == 0x60);
    CHECK(key.name == "_CONSOLE");
    CHECK(to_hex(key.encrypted_key) == "ccc518c6f207026555f63aac0302cfd1");
}

TEST_CASE("a header's packets end where none begins", "[ecryptfs]") {
    CHECK(parse(header_of(start_hex, packets + packets)).keys.size() == 2);
    CHECK(parse(header_of(start_hex, packets + "46" + packets)).keys.size() == 1);
    const std::string public_key =
        "010e03"
        "ffd652511eaff04a"
        "01"
        "11223344";
    const EcryptfsHeader both = parse(header_of(start_hex, public_key + packets));
    REQUIRE(both.keys.size() == 2);
    CHECK(both.keys[0].tag == DCRYPT_ECRYPTFS_TAG_1);
    CHECK(to_hex(both.keys[0].encrypted_key) == "11223344");
    // A length of two bytes.
    const std::string long_key =
        "01c08e03"
        "ffd652511eaff04a"
        "01" +
        std::string(std::size_t{2} * 324, '5');
    CHECK(parse(header_of(start_hex, long_key)).keys[0].encrypted_key.size() == 324);
}

TEST_CASE("every header that is cut is refused", "[ecryptfs]") {
    const auto whole = unhex(std::string(start_hex) + packets);
    CHECK(parse(whole).keys.size() == 1);
    for (std::size_t size = 0; size < whole.size(); size++) {
        (void)complaint(Bytes(whole).first(size));
        (void)complaint(Bytes(whole).first(size), EcryptfsHeaderPlace::attribute);
    }
}

TEST_CASE("a header that makes no sense is refused with the reason", "[ecryptfs]") {
    const auto start_with = [](std::size_t byte, std::string_view hex) {
        return complaint(header_of(replaced(start_hex, byte, hex), packets));
    };
    CHECK_THAT(start_with(15, "66"), Contains("f: not an eCryptfs file (no marker)"));
    CHECK_THAT(start_with(0, "80"), Contains("a size of 9223372036854775824 bytes"));
    CHECK_THAT(start_with(16, "04"), Contains("the unknown format version 4"));
    CHECK_THAT(start_with(20, "000010000001"), Contains("a header of 4096 bytes"));
    CHECK_THAT(start_with(20, "000000000002"), Contains("a header of 0 bytes"));

    const auto with = [](const std::string& text) { return complaint(header_of(start_hex, text)); };
    const auto tag_3_with = [&](std::size_t byte, std::string_view hex) {
        return with(replaced(tag_3_hex, byte, hex) + std::string(tag_11_hex));
    };
    CHECK_THAT(with(""), Contains("no packet with the file's key"));
    CHECK_THAT(with("46"), Contains("no packet with the file's key"));
    CHECK_THAT(with(std::string(tag_11_hex)), Contains("follows no tag 3"));
    CHECK_THAT(with(std::string(tag_3_hex)), Contains("no tag 11 follows"));
    CHECK_THAT(with(std::string(tag_3_hex) + packets), Contains("no tag 11 follows, but tag 3"));
    CHECK_THAT(tag_3_with(1, "ff"), Contains("the length of a packet is none"));
    CHECK_THAT(tag_3_with(1, "dfff"), Contains("a packet (tag 3) of 8383 bytes, of which "));
    CHECK_THAT(tag_3_with(1, "0c"), Contains("a packet (tag 3) of only 12 bytes"));
    CHECK_THAT(tag_3_with(1, "0d"), Contains("an encrypted key of 0 bytes"));
    CHECK_THAT(tag_3_with(2, "05"), Contains("a packet (tag 3) of an unknown version"));
    CHECK_THAT(tag_3_with(3, "01"), Contains("an unknown cipher, 0x01"));
    CHECK_THAT(tag_3_with(3, "09"), Contains("a key of 16 bytes, which aes can't have"));
    CHECK_THAT(tag_3_with(4, "01"), Contains("another way from a passphrase to a key"));
    CHECK_THAT(tag_3_with(5, "02"), Contains("another way from a passphrase to a key"));
    for (const std::size_t byte : {2U, 3U}) {
        CHECK_THAT(with(std::string(tag_3_hex) + replaced(tag_11_hex, byte, "01")),
                   Contains("a packet (tag 11) that holds no signature"));
    }
    CHECK_THAT(with("0102ffff"), Contains("a packet (tag 1) of only 2 bytes"));
    CHECK_THAT(with("010b04"
                    "ffd652511eaff04a"
                    "0101"),
               Contains("of an unknown version"));
    CHECK_THAT(with("010a03"
                    "ffd652511eaff04a"
                    "01"),
               Contains("an encrypted key of 0 bytes"));
}

TEST_CASE("in an attribute the header's own size has no meaning", "[ecryptfs]") {
    const auto header = header_of(replaced(start_hex, 20, "000000000000"), packets);
    CHECK(parse(header, EcryptfsHeaderPlace::attribute).keys.size() == 1);
}

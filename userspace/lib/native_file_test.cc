// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/native_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <limits>

#include "lib/cipher.h"
#include "lib/error.h"
#include "testing/errors.h"
#include "testing/files.h"
#include "testing/lower_file.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();

struct SizePair {
    std::uint64_t upper;
    std::uint64_t lower;
};

// The table of Documentation/on-disk-format.md, and the limit.
constexpr std::array<SizePair, 9> sizes = {{
    {0, 0},
    {1, 8193},
    {4095, 12287},
    {4096, 8192},
    {4097, 12289},
    {8192, 12288},
    {1000000, 1008192},
    {largest - 8192, largest},
    {largest - 4095 - 4096, largest - 4095},
}};

std::vector<std::uint8_t> make_header() {
    auto header = unhex(fields_hex);
    header.resize(header_size);
    return header;
}

std::vector<std::uint8_t> decrypt(const std::string& path) {
    std::vector<std::uint8_t> out;
    NativeFile(path).decrypt(secret_of(unhex(volume_key_hex)), [&](Bytes piece) {
        out.insert(out.end(), piece.begin(), piece.end());
    });
    return out;
}

}  // namespace

TEST_CASE("sizes are those of the document", "[native]") {
    for (const SizePair& pair : sizes) {
        CAPTURE(pair.upper, pair.lower);
        CHECK(lower_size(pair.upper) == pair.lower);
        CHECK(upper_size(pair.lower) == pair.upper);
    }
}

TEST_CASE("a header alone is an empty file", "[native]") {
    CHECK(upper_size(4096) == 0U);
}

TEST_CASE("sizes that the format can't produce have no upper size", "[native]") {
    for (const std::uint64_t lower : {1U, 100U, 4095U, 4097U, 8191U}) {
        CAPTURE(lower);
        CHECK_FALSE(upper_size(lower).has_value());
    }
    CHECK_FALSE(upper_size(largest + 1).has_value());
    CHECK_FALSE(lower_size(largest - 8190).has_value());
    CHECK_FALSE(lower_size(std::numeric_limits<std::uint64_t>::max()).has_value());
}

TEST_CASE("every lower size has at most one upper size, which leads back", "[native]") {
    for (std::uint64_t lower = 0; lower < 5 * block_size; lower++) {
        if (lower == header_size) {
            continue;
        }
        if (const auto upper = upper_size(lower)) {
            REQUIRE(lower_size(*upper) == lower);
        }
    }
    for (std::uint64_t upper = 0; upper < 3 * block_size; upper++) {
        REQUIRE(upper_size(lower_size(upper).value()) == upper);
    }
}

TEST_CASE("a header is read to its fields", "[native]") {
    const NativeHeader header = parse_header(make_header(), "file");
    CHECK(header.version == 1);
    CHECK(header.suite == 1);
    CHECK(header.features == 0);
    CHECK(to_hex(header.key_id) == key_id_hex);
    CHECK(to_hex(header.nonce) ==
          "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf");
    CHECK(to_hex(header.fields) == fields_hex);
}

TEST_CASE("a header with any field broken is refused by name", "[native]") {
    struct Case {
        std::size_t offset;
        std::uint8_t value;
        std::string reason;
    };
    const std::array cases = {
        Case{0, 0x88, "foreign magic"},         Case{7, 'x', "foreign magic"},
        Case{8, 2, "unknown format version 2"}, Case{9, 1, "unknown format version 257"},
        Case{10, 7, "unknown cipher suite 7"},  Case{11, 1, "unknown cipher suite 257"},
        Case{12, 1, "unknown feature bits 1"},  Case{15, 0x80, "unknown feature bits 2147483648"},
        Case{64, 1, "reserved bytes"},          Case{4095, 1, "reserved bytes"},
        Case{2000, 0x80, "reserved bytes"},
    };
    for (const Case& broken : cases) {
        auto header = make_header();
        header.at(broken.offset) = broken.value;
        const Error error = error_of([&] { parse_header(header, "the-file"); });
        CAPTURE(broken.offset);
        CHECK_THAT(error.what(), Contains(broken.reason) && Contains("the-file: "));
        CHECK(error.code() == Exit::damaged);
    }
}

TEST_CASE("a header cut short is refused", "[native]") {
    const auto header = make_header();
    for (const std::size_t size : {std::size_t{1}, std::size_t{63}, header_size - 1}) {
        CHECK_THAT(error_of([&] { parse_header(Bytes(header).first(size), "f"); }).what(),
                   Contains("truncated within the header"));
    }
    CHECK_THAT(error_of([&] { parse_header(as_bytes("text"), "f"); }).what(),
               Contains("foreign magic"));
}

TEST_CASE("files of every shape decrypt to their plaintext", "[native]") {
    const TempDir dir;
    const std::string path = dir / "lower";
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{4095}, std::size_t{4096},
          std::size_t{4097}, std::size_t{8192}, std::size_t{1000000}, 64 * block_size,
          64 * block_size + 1, 128 * block_size - 1}) {
        CAPTURE(size);
        const auto plaintext = make_plaintext(size);
        const auto lower = make_lower_file(plaintext);
        REQUIRE(lower.size() == lower_size(size));
        write_file(path, lower);
        CHECK(decrypt(path) == plaintext);
    }
}

TEST_CASE("the cipher of a block is that of the known answers", "[native]") {
    std::vector<std::uint8_t> plaintext(block_size);
    for (std::size_t i = 0; i < plaintext.size(); i++) {
        plaintext[i] = static_cast<std::uint8_t>(7 * i + 3);
    }
    XtsDecryptor cipher(secret_of(unhex(file_key_hex)));
    for (const BlockVector& vector : block_vectors) {
        const auto text = encrypt_block(vector.n, plaintext);
        CHECK(to_hex(Bytes(text).first(32)) == vector.start_hex);
        CHECK(sha256_hex(text) == vector.sha256_hex);
        std::vector<std::uint8_t> out(block_size);
        cipher.decrypt_block(vector.n, text, out);
        CHECK(out == plaintext);
    }
}

TEST_CASE("holes read as zeros", "[native]") {
    const TempDir dir;
    const std::string path = dir / "lower";
    auto plaintext = make_plaintext(6 * block_size + 100);
    std::fill_n(plaintext.begin() + block_size, 2 * block_size, std::uint8_t{0});

    SECTION("in the middle") {}
    SECTION("at the start") {
        std::fill_n(plaintext.begin(), block_size, std::uint8_t{0});
    }
    SECTION("at the end") {
        std::fill_n(plaintext.end() - 100, 100, std::uint8_t{0});
    }
    SECTION("everywhere") {
        std::fill(plaintext.begin(), plaintext.end(), std::uint8_t{0});
    }
    write_file(path, make_lower_file(plaintext, true));
    CHECK(decrypt(path) == plaintext);
}

TEST_CASE("a large sparse file is read in bounded memory", "[native]") {
    const TempDir dir;
    const std::string path = dir / "lower";
    constexpr std::uint64_t upper = (std::uint64_t{256} << 20U) + 1;
    write_file(path, make_header());
    REQUIRE(truncate(path.c_str(), static_cast<off_t>(*lower_size(upper))) == 0);
    std::uint64_t seen = 0;
    bool zero = true;
    std::size_t largest_piece = 0;
    NativeFile(path).decrypt(secret_of(unhex(volume_key_hex)), [&](Bytes piece) {
        seen += piece.size();
        zero = zero && all_zero(piece);
        largest_piece = std::max(largest_piece, piece.size());
    });
    CHECK(seen == upper);
    CHECK(zero);
    CHECK(largest_piece <= 64 * block_size);
}

TEST_CASE("a header alone has no meaning", "[native]") {
    const TempDir dir;
    const std::string path = dir / "lower";
    write_file(path, std::string(header_size, 'x'));
    const NativeFile file(path);
    CHECK(file.upper() == 0);
    CHECK_FALSE(file.header().has_value());
    CHECK(decrypt(path).empty());
}

TEST_CASE("damaged files are refused before any output", "[native]") {
    const TempDir dir;
    const std::string path = dir / "lower";
    auto lower = make_lower_file(make_plaintext(64 * block_size + 100));
    std::string reason;
    Exit code = Exit::damaged;

    SECTION("another key") {
        lower[16] ^= 1U;
        reason = "encrypted under the key 8297bfbf";
        code = Exit::no_key;
    }
    SECTION("a size the format can't produce") {
        lower.resize(header_size + 77);
        reason = "lower size of 4173 bytes";
    }
    SECTION("cut within the header") {
        lower.resize(77);
        reason = "truncated within the header";
    }
    SECTION("a foreign file") {
        lower[0] = '#';
        reason = "foreign magic";
    }
    write_file(path, lower);
    bool wrote = false;
    const Error error = error_of([&] {
        NativeFile(path).decrypt(secret_of(unhex(volume_key_hex)), [&](Bytes) { wrote = true; });
    });
    CHECK_THAT(error.what(), Contains(reason) && Contains(path));
    CHECK(error.code() == code);
    CHECK_FALSE(wrote);
}

TEST_CASE("what lies past the end may be anything", "[native]") {
    const TempDir dir;
    const std::string path = dir / "lower";
    const auto plaintext = make_plaintext(2 * block_size + 100);
    auto lower = make_lower_file(plaintext);

    SECTION("after the last block") {
        lower.back() = 1;
    }
    SECTION("at once after the last block") {
        lower[lower.size() - 100] = 1;
    }
    SECTION("in its padding") {
        lower[lower.size() - 101] ^= 1U;
    }
    write_file(path, lower);
    CHECK(decrypt(path) == plaintext);
}

TEST_CASE("a changed byte of data stays in its cipher block", "[native]") {
    const TempDir dir;
    const std::string path = dir / "lower";
    const auto plaintext = make_plaintext(3 * block_size);
    auto lower = make_lower_file(plaintext);
    lower[header_size + block_size + 20] ^= 1U;
    write_file(path, lower);
    const auto out = decrypt(path);
    REQUIRE(out.size() == plaintext.size());
    for (std::size_t i = 0; i < out.size(); i++) {
        const bool hit = i >= block_size + 16 && i < block_size + 32;
        if (!hit) {
            REQUIRE(out[i] == plaintext[i]);
        }
    }
    CHECK(out != plaintext);
}

TEST_CASE("what is not a regular file is refused", "[native]") {
    const TempDir dir;
    CHECK_THAT(error_of([&] { NativeFile file(dir.path()); }).what(),
               Contains("not a regular file"));
    CHECK_THAT(error_of([&] { NativeFile file("/dev/null"); }).what(),
               Contains("not a regular file"));
    CHECK_THAT(error_of([&] { NativeFile file(dir / "none"); }).what(), Contains("No such file"));
    // A pipe without a writer would hang.
    REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
    CHECK_THAT(error_of([&] { NativeFile file(dir / "pipe"); }).what(),
               Contains("not a regular file"));
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/passphrase.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "lib/fd.h"
#include "testing/errors.h"
#include "testing/files.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

std::string passphrase_in(const std::string& content) {
    const TempDir dir;
    write_file(dir / "pass", std::string_view(content));
    PassphraseSource source;
    source.file = dir / "pass";
    const Secret secret = read_passphrase(source, "/v", "--file", "--fd");
    const Bytes bytes = secret.bytes();
    return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("a passphrase file loses one newline at its end", "[passphrase]") {
    CHECK(passphrase_in("secret") == "secret");
    CHECK(passphrase_in("secret\n") == "secret");
    CHECK(passphrase_in("secret\n\n") == "secret\n");
    CHECK(passphrase_in("two\nlines\n") == "two\nlines");
    CHECK(passphrase_in("\n\n") == "\n");
    CHECK(passphrase_in(" blanks \r\n") == " blanks \r");
    CHECK(passphrase_in(std::string("nul\0byte", 8)) == std::string("nul\0byte", 8));
}

TEST_CASE("a passphrase has 1 to 4096 bytes", "[passphrase]") {
    CHECK(passphrase_in(std::string(4096, 'x')).size() == 4096);
    CHECK(passphrase_in(std::string(4096, 'x') + "\n").size() == 4096);
    CHECK_THAT(error_of([] { passphrase_in(""); }).what(), Contains("is empty"));
    CHECK_THAT(error_of([] { passphrase_in("\n"); }).what(), Contains("is empty"));
    CHECK_THAT(error_of([] { passphrase_in(std::string(4097, 'x')); }).what(),
               Contains("longer than 4096 bytes"));
    CHECK_THAT(error_of([] { passphrase_in(std::string(4097, 'x') + "\n"); }).what(),
               Contains("longer than 4096 bytes"));
    CHECK_THAT(error_of([] { passphrase_in(std::string(1000000, 'x')); }).what(),
               Contains("longer than 4096 bytes"));
}

TEST_CASE("a passphrase comes whole from a pipe", "[passphrase]") {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const Fd reader(ends[0]);
    Fd writer(ends[1]);
    write_all(writer.get(), as_bytes("half"), "pipe");
    write_all(writer.get(), as_bytes(" and half\n"), "pipe");
    writer.reset();
    PassphraseSource source;
    source.fd = reader.get();
    const Secret secret = read_new_passphrase(source, "/v", "--file", "--fd");
    CHECK(equal_constant_time(secret.bytes(), as_bytes("half and half")));
}

TEST_CASE("a passphrase that can't be read is an error that names its source", "[passphrase]") {
    PassphraseSource source;
    source.file = "/nonexistent/pass";
    CHECK_THAT(error_of([&] { read_passphrase(source, "/v", "--file", "--fd"); }).what(),
               Contains("/nonexistent/pass: No such file"));
    source.file = "/";
    CHECK_THAT(error_of([&] { read_passphrase(source, "/v", "--file", "--fd"); }).what(),
               Contains("/: Is a directory"));
    source.file.reset();
    source.fd = 987;
    CHECK_THAT(error_of([&] { read_passphrase(source, "/v", "--file", "--fd"); }).what(),
               Contains("file descriptor 987: Bad file descriptor"));
}

// SPDX-License-Identifier: GPL-2.0-or-later
// The file of version 2 was made with Debian's ecryptfs-utils 111:
//   printf 'hello world\nwrapme' | ecryptfs-wrap-passphrase FILE -
// That version writes no files of version 1, but reads them: those here were made with
// Python's hashlib and "openssl enc -aes-128-ecb", and
//   printf wrapme | ecryptfs-unwrap-passphrase FILE -
// printed what is expected here, for the last one with its salt in ~/.ecryptfsrc.
#include "lib/ecryptfs_wrapped.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "testing/errors.h"
#include "testing/files.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

constexpr std::string_view version_2_hex =
    "3a029c76201d8a5f606e336535363862626430353339626463661a4a00dfd44375a27b6ffbfaa4929668";
constexpr std::string_view version_1_hex =
    "35393062626332393037613435616364284c87dd3a5ab6666284499cfaa471cc";
constexpr std::string_view version_1_longest_hex =
    "3539306262633239303761343561636491baf526948330f2ef03776803c1bc4991baf526948330f2ef03776803c1"
    "bc4991baf526948330f2ef03776803c1bc4991baf526948330f2ef03776803c1bc49";
constexpr std::string_view version_1_salted_hex =
    "61353666376662353136393131346563e6cab767744a88ed605db1b102894ad9";
constexpr EcryptfsSalt other_salt = {1, 2, 3, 4, 5, 6, 7, 8};

std::string text_of(const Secret& secret) {
    const Bytes bytes = secret.bytes();
    return {bytes.begin(), bytes.end()};
}

std::string unwrap(Bytes content, std::string_view wrapping,
                   const EcryptfsSalt& salt = ecryptfs_default_salt) {
    return text_of(
        unwrap_passphrase(parse_wrapped(content, "f"), secret_of(as_bytes(wrapping)), salt, "f"));
}

}  // namespace

TEST_CASE("wrapped passphrases of both versions are opened", "[ecryptfs]") {
    CHECK(unwrap(unhex(version_2_hex), "wrapme") == "hello world");
    CHECK(unwrap(unhex(version_2_hex), "wrapme", other_salt) == "hello world");
    CHECK(unwrap(unhex(version_1_hex), "wrapme") == "hello world");
    CHECK(unwrap(unhex(version_1_longest_hex), "wrapme") == std::string(64, 'a'));
    CHECK(unwrap(unhex(version_1_salted_hex), "wrapme", other_salt) == "hello world");

    const Error wrong = error_of([] { unwrap(unhex(version_2_hex), "wrong"); });
    CHECK(wrong.code() == Exit::wrong_passphrase);
    CHECK(std::string(wrong.what()) == "f: wrong wrapping passphrase");
    const Error salt = error_of([] { unwrap(unhex(version_1_salted_hex), "wrapme"); });
    CHECK(salt.code() == Exit::wrong_passphrase);
    CHECK_THAT(salt.what(), Contains("or not the salt that it was made with (see --salt)"));
}

TEST_CASE("a wrapped passphrase is, byte for byte, what ecryptfs-utils makes", "[ecryptfs]") {
    const auto expected = unhex(version_2_hex);
    EcryptfsSalt salt{};
    std::copy_n(expected.begin() + 2, salt.size(), salt.begin());
    CHECK(wrap_passphrase(secret_of(as_bytes("hello world")), secret_of(as_bytes("wrapme")),
                          salt) == expected);
    for (const std::size_t size : {1U, 15U, 16U, 17U, 63U, 64U}) {
        const std::string passphrase(size, 'p');
        const auto content =
            wrap_passphrase(secret_of(as_bytes(passphrase)), secret_of(as_bytes("w")), other_salt);
        CHECK(content.size() == 26 + (size + 15) / 16 * 16);
        CHECK(unwrap(content, "w") == passphrase);
    }
}

TEST_CASE("a damaged wrapped passphrase is called that", "[ecryptfs]") {
    const auto message = [](Bytes content) {
        const Error error = error_of([&] { (void)parse_wrapped(content, "f"); });
        CHECK(error.code() == Exit::damaged);
        return std::string(error.what());
    };
    const auto whole = unhex(version_2_hex);
    for (std::size_t size = 0; size < whole.size(); size++) {
        const std::string text = message(Bytes(whole).first(size));
        CHECK_THAT(text, Contains("f: not a whole wrapped passphrase: "));
    }
    auto longer = whole;
    longer.push_back(0);
    CHECK_THAT(message(longer), Contains("17 bytes follow the signature"));
    longer.resize(26 + 80);
    CHECK_THAT(message(longer), Contains("80 bytes follow the signature"));
    CHECK_THAT(message(as_bytes("just some text that is long enough")),
               Contains("not a wrapped passphrase: no signature in it"));

    // What ecryptfs-utils never fills a passphrase with; there is no more to tell by.
    const auto odd = wrap_passphrase(secret_of(as_bytes(std::string("a\0b", 3))),
                                     secret_of(as_bytes("w")), other_salt);
    const Error error = error_of([&] { unwrap(odd, "w"); });
    CHECK(error.code() == Exit::damaged);
    CHECK_THAT(error.what(), Contains("the wrapping passphrase is right, but"));
}

TEST_CASE("a file with a wrapped passphrase is the owner's alone", "[ecryptfs]") {
    const TempDir dir;
    const std::string path = dir / "wrapped";
    const auto mode = [&] {
        struct stat info {};
        REQUIRE(lstat(path.c_str(), &info) == 0);
        return info.st_mode;
    };
    require_no_wrapped(path);
    write_new_wrapped(path, unhex(version_2_hex));
    CHECK(mode() == (S_IFREG | 0600));
    CHECK(read_wrapped(path).salt.has_value());
    CHECK(list_dir(dir.path()) == std::vector<std::string>{"wrapped"});

    // What is there is not replaced unless that is what is asked for.
    CHECK_THAT(error_of([&] { require_no_wrapped(path); }).what(), Contains("nothing was changed"));
    CHECK_THAT(error_of([&] { write_new_wrapped(path, unhex(version_1_hex)); }).what(),
               Contains(path + ": File exists"));
    CHECK(read_wrapped(path).salt.has_value());
    CHECK(list_dir(dir.path()) == std::vector<std::string>{"wrapped"});

    REQUIRE(chmod(path.c_str(), 0644) == 0);
    replace_wrapped(path, unhex(version_1_hex));
    CHECK(mode() == (S_IFREG | 0600));
    CHECK_FALSE(read_wrapped(path).salt.has_value());

    // A symbolic link stays one, and its file is replaced.
    std::filesystem::create_symlink("wrapped", dir / "link");
    replace_wrapped(dir / "link", unhex(version_2_hex));
    CHECK(std::filesystem::is_symlink(dir / "link"));
    CHECK(read_wrapped(path).salt.has_value());
    CHECK(list_dir(dir.path()) == std::vector<std::string>{"link", "wrapped"});
}

TEST_CASE("a wrapped passphrase of another user stays that user's", "[ecryptfs]") {
    if (geteuid() != 0) {
        WARN("only root may give files away: not checked");
        return;
    }
    const TempDir dir;
    const std::string path = dir / "wrapped";
    write_file(path, unhex(version_2_hex));
    REQUIRE(chown(path.c_str(), 12, 34) == 0);
    replace_wrapped(path, unhex(version_1_hex));
    struct stat info {};
    REQUIRE(stat(path.c_str(), &info) == 0);
    CHECK(info.st_uid == 12);
    CHECK(info.st_gid == 34);
}

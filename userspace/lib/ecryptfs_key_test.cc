// SPDX-License-Identifier: GPL-2.0-or-later
// The numbers were made with Debian's ecryptfs-utils 111: the passphrase was given to
// "ecryptfs-add-passphrase --fnek -", and what it had put into the user keyring was
// read with "keyctl pipe".  Salts of one's own were in ~/.ecryptfsrc.
#include "lib/ecryptfs_key.h"

#include <keyutils.h>

#include <catch2/catch.hpp>

#include "testing/errors.h"
#include "testing/files.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

constexpr EcryptfsSalt other_salt = {1, 2, 3, 4, 5, 6, 7, 8};

std::string signature_of(std::string_view passphrase, const EcryptfsSalt& salt) {
    return to_hex(derive_ecryptfs_key(secret_of(as_bytes(passphrase)), salt).signature);
}

std::string token_of(std::string_view passphrase, const EcryptfsSalt& salt) {
    const Secret token =
        make_ecryptfs_auth_tok(derive_ecryptfs_key(secret_of(as_bytes(passphrase)), salt), salt);
    REQUIRE(token.size() == 740);
    // The first 628 bytes are the version and zeros.
    REQUIRE(token.data()[0] == 4);
    REQUIRE(all_zero(token.bytes().subspan(1, 627)));
    return to_hex(token.bytes().subspan(628));
}

}  // namespace

TEST_CASE("signatures are those of ecryptfs-utils", "[ecryptfs]") {
    CHECK(signature_of("hello world", ecryptfs_default_salt) == "132b6709dfc98a98");
    CHECK(signature_of("hello world", ecryptfs_name_salt) == "579b1daac479b313");
    CHECK(signature_of("hello world", other_salt) == "dbe4824300b971b7");
    CHECK(signature_of(std::string(64, 'a'), ecryptfs_default_salt) == "0e3b6f146f248ef0");
    CHECK(signature_of("a", ecryptfs_default_salt) == "a216278e6e397a04");
    CHECK(signature_of("a", ecryptfs_name_salt) == "8bcce699f729bdd1");
    CHECK(signature_of("correct horse", ecryptfs_default_salt) == "ffd652511eaff04a");
}

TEST_CASE("tokens are those of ecryptfs-utils", "[ecryptfs]") {
    CHECK(token_of("hello world", ecryptfs_default_salt) ==
          "000000000a00000000000000400000000200000021c841a9a76ee826c449328eb07237c8f4afa7d2020494ad"
          "e8e93391adefcd9814483ba6453323c82df1a7ac2d3e286474e9762e97fa782654e3bd2ff8a5f94d31333262"
          "363730396466633938613938000011223344556677000000");
    CHECK(token_of("hello world", ecryptfs_name_salt) ==
          "000000000a0000000000000040000000020000001e4e40dabc36368ed7fdd0d14004d977c6b1756d0152d1a0"
          "6a698f9a579144ed33bda6a5f8a6d0c885d5ce2275f31d38e5b8fc4cba7d93cbdb7e0dec7fe098ba35373962"
          "316461616334373962333133003939383837373636000000");
}

TEST_CASE("a passphrase for eCryptfs has 1 to 64 bytes and no zero", "[ecryptfs]") {
    check_ecryptfs_passphrase(secret_of(as_bytes(std::string(64, 'a'))), "f");
    CHECK_THAT(error_of([] {
                   check_ecryptfs_passphrase(secret_of(as_bytes(std::string(65, 'a'))), "f");
               }).what(),
               Contains("f: the passphrase is longer than the 64 bytes"));
    CHECK_THAT(error_of([] {
                   check_ecryptfs_passphrase(secret_of(as_bytes(std::string("a\0b", 3))), "f");
               }).what(),
               Contains("f: the passphrase has a zero byte"));
}

TEST_CASE("the salt of a configuration is the first one that it names", "[ecryptfs]") {
    const auto find = [](std::string_view text) { return find_ecryptfs_salt(text, "rc"); };
    CHECK(find("salt=0102030405060708\n") == other_salt);
    CHECK(find("salt=0102030405060708") == other_salt);
    CHECK(find("key=passphrase,salt=0102030405060708\n") == other_salt);
    CHECK(find("key=passphrase:salt=0102030405060708:x\n") == other_salt);
    CHECK(find("ecryptfs_sig=abc\nsalt=0102030405060708\nsalt=1111111111111111\n") == other_salt);
    // Not in a word of its own, as ecryptfs-utils looks for words.
    for (const auto* const none : {"", "\n", "salt", "#salt=0102030405060708\n",
                                   " salt=0102030405060708\n", "a=b;salt=0102030405060708\n"}) {
        CHECK_FALSE(find(none).has_value());
    }
    for (const auto* const wrong : {"salt=\n", "salt=010203040506070\n", "salt=01020304050607080\n",
                                    "salt=0102030g05060708\n", "salt=0102030405060708 \n"}) {
        const Error error = error_of([&] { (void)find(wrong); });
        CHECK(error.code() == Exit::failure);
        CHECK_THAT(error.what(), Contains("rc: the salt in it is not 16 hexadecimal digits") &&
                                     Contains("--salt"));
    }
}

TEST_CASE("without a configuration the salt is the usual one", "[ecryptfs]") {
    const TempDir dir;
    CHECK(read_ecryptfs_salt(dir / "none") == ecryptfs_default_salt);
    CHECK(read_ecryptfs_salt("") == ecryptfs_default_salt);
    write_file(dir / "rc", "key=passphrase\n");
    CHECK(read_ecryptfs_salt(dir / "rc") == ecryptfs_default_salt);
    write_file(dir / "rc", "salt=0102030405060708\n");
    CHECK(read_ecryptfs_salt(dir / "rc") == other_salt);
    CHECK(ecryptfs_config_path().ends_with("/.ecryptfsrc"));
}

TEST_CASE("a token in the user keyring is as ecryptfs-utils puts it there", "[ecryptfs]") {
    if (keyctl_get_keyring_ID(KEY_SPEC_USER_KEYRING, 1) < 0) {
        WARN("this process may not use kernel keyrings: not checked");
        return;
    }
    // A passphrase of this test alone.
    const EcryptfsKey key =
        derive_ecryptfs_key(secret_of(as_bytes("of ecryptfs_key_test.cc")), other_salt);
    const KeySerial serial = add_ecryptfs_key(key, other_salt);
    CHECK(keyctl_search(KEY_SPEC_USER_KEYRING, "user", to_hex(key.signature).c_str(), 0) == serial);
    CHECK(add_ecryptfs_key(key, other_salt) == serial);
    ByteArray<1024> payload{};
    const long size = keyctl_read(serial, reinterpret_cast<char*>(payload.data()), payload.size());
    CHECK(size == 740);
    CHECK(equal_constant_time(Bytes(payload).first(740),
                              make_ecryptfs_auth_tok(key, other_salt).bytes()));
    CHECK(keyctl_unlink(serial, KEY_SPEC_USER_KEYRING) == 0);
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/kdf.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

TEST_CASE("scrypt gives the answers of RFC 7914", "[kdf]") {
    const auto answer = [](std::string_view passphrase, std::string_view salt, ScryptCost cost) {
        return to_hex(scrypt(as_bytes(passphrase), as_bytes(salt), cost, 64).bytes());
    };
    CHECK(answer("password", "NaCl", {1024, 8, 16}) ==
          "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
          "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
    CHECK(answer("pleaseletmein", "SodiumChloride", {16384, 8, 1}) ==
          "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
          "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

#ifndef __SANITIZE_ADDRESS__  // which needs more address space than this leaves
TEST_CASE("scrypt without the memory for it is out of memory", "[kdf]") {
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
    const rlimit little{std::uint64_t{512} << 20U, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_AS, &little) == 0);
    bool thrown = false;
    try {
        (void)scrypt(as_bytes("x"), as_bytes("y"), {std::uint64_t{1} << 20U, 8, 1}, wrap_key_size);
    } catch (const std::bad_alloc&) {
        thrown = true;
    } catch (const std::exception& error) {
        UNSCOPED_INFO(error.what());
    }
    REQUIRE(setrlimit(RLIMIT_AS, &before) == 0);
    CHECK(thrown);
}
#endif

TEST_CASE("HKDF-SHA512 gives the known answers", "[kdf]") {
    // RFC 5869 has no SHA-512; this is its third input with the answer that
    // other implementations publish for SHA-512.
    const std::vector<std::uint8_t> key(22, 0x0b);
    CHECK(to_hex(hkdf_sha512(key, {}, 42).bytes()) ==
          "f5fa02b18298a72a8c23898a8703472c6eb179dc204c03425c970e3b164bf90f"
          "ff22d04836d0e2343bac");
    // More than one round of the expansion, from "openssl kdf".
    CHECK(to_hex(hkdf_sha512(unhex(volume_key_hex), as_bytes("two rounds"), 80).bytes()) ==
          "1ad7df8a6ab78325c5a74edec83695b731495e4980720a528030892b3e549a565f1128fb20101421"
          "52580d148e08fc7cfb11bffd1efd144d2cc58350d19e2dc4f5155e6f5e217a448953ce7a9b20e84d");
}

TEST_CASE("HMAC-SHA256 gives the answer of RFC 4231", "[kdf]") {
    CHECK(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("derived keys are those of the document", "[kdf]") {
    const Secret key = secret_of(unhex(volume_key_hex));
    CHECK(to_hex(derive_key_id(key)) == key_id_hex);
    CHECK(to_hex(derive_config_mac_key(key).bytes()) == config_mac_key_hex);
    NativeFields fields{};
    REQUIRE(from_hex(fields_hex, fields));
    CHECK(to_hex(derive_file_key(key, fields).bytes()) == file_key_hex);

    SECTION("every byte of the header fields changes the file key") {
        for (std::uint8_t& byte : fields) {
            byte ^= 1U;
            CHECK(to_hex(derive_file_key(key, fields).bytes()) != file_key_hex);
            byte ^= 1U;
        }
    }
}

TEST_CASE("absurd scrypt costs are refused", "[kdf]") {
    constexpr std::uint64_t one = 1;
    CHECK(scrypt_cost_problem({one << 10U, 8, 1}) == nullptr);
    CHECK(scrypt_cost_problem({one << 17U, 8, 1}) == nullptr);
    CHECK(scrypt_cost_problem({one << 20U, 8, 1}) == nullptr);
    CHECK(scrypt_cost_problem({0, 8, 1}) != nullptr);
    CHECK(scrypt_cost_problem({3000, 8, 1}) != nullptr);
    CHECK(scrypt_cost_problem({one << 9U, 8, 1}) != nullptr);
    CHECK(scrypt_cost_problem({one << 23U, 1, 1}) != nullptr);
    CHECK(scrypt_cost_problem({one << 63U, 8, 1}) != nullptr);
    CHECK(scrypt_cost_problem({one << 10U, 0, 1}) != nullptr);
    CHECK(scrypt_cost_problem({one << 10U, 33, 1}) != nullptr);
    CHECK(scrypt_cost_problem({one << 10U, 8, 0}) != nullptr);
    CHECK(scrypt_cost_problem({one << 10U, 8, 17}) != nullptr);
    CHECK(scrypt_cost_problem({one << 21U, 8, 1}) != nullptr);   // 2 GiB
    CHECK(scrypt_cost_problem({one << 20U, 8, 16}) != nullptr);  // work
}

// SPDX-License-Identifier: GPL-2.0-or-later
// One volume key and all that follows from it, as known answers.  The numbers
// were computed with Python's hashlib and hmac and the "cryptography" package,
// not with this code; the kernel module's self-test uses the same ones.
#ifndef DCRYPTFS_TESTING_VECTORS_H
#define DCRYPTFS_TESTING_VECTORS_H

#include <string>
#include <string_view>
#include <vector>

#include "lib/bytes.h"
#include "lib/secret.h"

namespace dcryptfs::testing {

// 00 01 02 ... 3f
inline constexpr std::string_view volume_key_hex =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
inline constexpr std::string_view key_id_hex = "8397bfbfe3b46468205771041b4eaaad";
inline constexpr std::string_view config_mac_key_hex =
    "e2b3e7d4ac1d440cef6831a51bf5d4435bd3185796120d78254d5842ee4a7ac7";

// Header fields with that key identifier and the nonce a0 a1 ... bf, and the
// key of the file they stand in.
inline constexpr std::string_view fields_hex =
    "896463727970740a01000100000000008397bfbfe3b46468205771041b4eaaad"
    "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf";
inline constexpr std::string_view file_key_hex =
    "8ec23a03f27e2a36b62dae2cd2c5bf77d2c90c8663f53d0547e5ef7eaa1bdd98"
    "5ab3e91c37196f430fa795844dcbdfff21e522a2378d01b64b0e1051f5612daf";

// A data block whose i-th byte is (7 i + 3) mod 256, encrypted under that key as
// the n-th of its file: its first 32 bytes, and the SHA-256 of all 4096.
struct BlockVector {
    std::uint64_t n;
    std::string_view start_hex;
    std::string_view sha256_hex;
};
inline constexpr std::array<BlockVector, 3> block_vectors = {{
    {0, "def6165ddb7a80eabc17d26b2b7712d1f55cb814d9950d473a6773b9f89ec768",
     "5c563df6ccb311c072510d8fd82a739570bb3290e174be57a8cb427dd231a419"},
    {5, "4ba8b1d5e93d3ee7dfba8240b35556284454c2ebae0e21fae5753afa7e542648",
     "9f5de55cd7f21961e6c3cf1ebba77398f6fc0d1c4e52c05d99190be59baeab21"},
    {0x100000001, "ea5caaba9214fbbcb96991e921a6d4d57c572d2d54e58e51096cde5d534cb216",
     "8a7bb84f5ec3aca5fd49f7ae3118b73441684e98673858336652d7972691daf9"},
}};

// That volume key wrapped under this passphrase with n = 1024.
inline constexpr std::string_view passphrase = "correct horse";
inline constexpr std::string_view config_json = R"json({
  "dcryptfs": 1,
  "format": 1,
  "cipher": "aes-256-xts",
  "names": "plain",
  "key_id": "8397bfbfe3b46468205771041b4eaaad",
  "slots": [
    {
      "kdf": {
        "name": "scrypt",
        "salt": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "n": 1024,
        "r": 8,
        "p": 1
      },
      "wrap": {
        "cipher": "aes-256-gcm",
        "nonce": "000102030405060708090a0b",
        "key": "82a6da067d03bc4198ea5c78d120c6a3faa6c64eb15dd91adee868469a9c8f402c2fce6907c9c17543010d22d755c9b8db9803269140928bb400a1a2762b7f17",
        "tag": "45c784b9854e596e36a690ac7de39166"
      }
    }
  ],
  "mac": "de8f100777b0c27cbb4ff48c9acad69a8d07e2275a4392c1295379968e7c5018"
}
)json";

// The same with encrypted names: another MAC.
std::string encrypted_config_json();

// The same key in a configuration of version 2, in three slots: 0 opens with the passphrase,
// 3 with a key file of the bytes 00 01 ... 27, 31 with the recovery code.
inline constexpr std::string_view recovery_code = "3AHRF-Z6DM1-V29GQ-QY5CB-KT18X-FPX4K-BJS05";
inline constexpr std::string_view key_file_secret_hex =
    "fb3fcf7b6e9e7aed580dcec63103ea922dae8425b199bc9d41f9ca4115173a74"
    "b0ae481be9c506b356aea5f1f3149df89787c019af2999872ea2088677ad8430";
inline constexpr std::string_view config_2_json = R"json({
  "dcryptfs": 2,
  "format": 1,
  "cipher": "aes-256-xts",
  "names": "plain",
  "key_id": "8397bfbfe3b46468205771041b4eaaad",
  "slots": [
    {
      "id": 0,
      "type": "passphrase",
      "kdf": {
        "name": "scrypt",
        "salt": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "n": 1024,
        "r": 8,
        "p": 1
      },
      "wrap": {
        "cipher": "aes-256-gcm",
        "nonce": "000102030405060708090a0b",
        "key": "82a6da067d03bc4198ea5c78d120c6a3faa6c64eb15dd91adee868469a9c8f402c2fce6907c9c17543010d22d755c9b8db9803269140928bb400a1a2762b7f17",
        "tag": "7af0f122f732cbbcf431abe38a5ef691"
      }
    },
    {
      "id": 3,
      "type": "keyfile",
      "kdf": {
        "name": "argon2id",
        "salt": "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
        "memory": 8192,
        "passes": 1,
        "lanes": 1
      },
      "wrap": {
        "cipher": "aes-256-gcm",
        "nonce": "0102030405060708090a0b0c",
        "key": "aadcda1a66e15e165dfea35fa1adc168f93d3a66f4a9953b2897af933f7eb548249b4a00b48ddc2289f80f7379ad500c3f4d0da10d2c3f3bdf23a6d0988d0ad7",
        "tag": "871444fd06e2aa9a5f9e86578d55a1bd"
      }
    },
    {
      "id": 31,
      "type": "recovery",
      "kdf": {
        "name": "argon2id",
        "salt": "02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021",
        "memory": 9216,
        "passes": 2,
        "lanes": 4
      },
      "wrap": {
        "cipher": "aes-256-gcm",
        "nonce": "02030405060708090a0b0c0d",
        "key": "d4fe9faeb6f31c3f6543d4cc27cf7cd90d658c51216afeaff1c7eee444efb252d713d402059907f990aa6436c0db41e34e297a8c66a40035e00fa8141fcec656",
        "tag": "18c21af701328dce44c42a5898cf0563"
      }
    }
  ],
  "mac": "8719192558b3553046f29b5c3fc678069dc7292d74b91c342fb964ba61025805"
}
)json";

// The bytes of hexadecimal digits; fails the test for anything else.
std::vector<std::uint8_t> unhex(std::string_view text);

// A secret with these bytes.
Secret secret_of(Bytes bytes);

// SHA-256 as hexadecimal digits.
std::string sha256_hex(Bytes bytes);

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_VECTORS_H

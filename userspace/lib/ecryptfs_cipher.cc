// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/ecryptfs_cipher.h"

#include <openssl/provider.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "kernel/ondisk_ecryptfs.h"
#include "lib/error.h"

namespace dcryptfs {

namespace {

constexpr std::array<std::size_t, 1> sizes_128 = {16};
constexpr std::array<std::size_t, 1> sizes_192 = {24};
constexpr std::array<std::size_t, 1> sizes_256 = {32};
constexpr std::array<std::size_t, 3> sizes_of_aes = {16, 24, 32};
constexpr std::array<std::size_t, 12> sizes_of_cast5 = {16, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr std::array<std::size_t, 3> sizes_of_blowfish = {16, 32, 56};

constexpr std::size_t block_64 = 8;
constexpr std::size_t block_128 = 16;

constexpr std::array<EcryptfsCipher, 8> ciphers = {{
    {DCRYPT_ECRYPTFS_CIPHER_AES_128, "aes", "AES-128", sizes_128, block_128},
    {DCRYPT_ECRYPTFS_CIPHER_AES_192, "aes", "AES-192", sizes_192, block_128},
    {DCRYPT_ECRYPTFS_CIPHER_AES_256, "aes", "AES-256", sizes_256, block_128},
    {DCRYPT_ECRYPTFS_CIPHER_DES3_EDE, "des3_ede", "DES-EDE3", sizes_192, block_64},
    {DCRYPT_ECRYPTFS_CIPHER_CAST5, "cast5", "CAST5", sizes_of_cast5, block_64},
    {DCRYPT_ECRYPTFS_CIPHER_BLOWFISH, "blowfish", "BF", sizes_of_blowfish, block_64},
    {DCRYPT_ECRYPTFS_CIPHER_TWOFISH, "twofish", nullptr, sizes_of_aes, block_128},
    {DCRYPT_ECRYPTFS_CIPHER_CAST6, "cast6", nullptr, sizes_of_aes, block_128},
}};

// CAST5 and Blowfish are in a provider of their own, which is there unless somebody
// removed it, and stays loaded.  That any is loaded keeps OpenSSL from loading the
// default one by itself.
void load_providers() {
    static const bool loaded = [] {
        return OSSL_PROVIDER_load(nullptr, "default") != nullptr &&
               OSSL_PROVIDER_load(nullptr, "legacy") != nullptr;
    }();
    openssl_check(loaded, "the legacy provider");
}

}  // namespace

const EcryptfsCipher* find_ecryptfs_cipher(std::uint8_t code) {
    const auto* const found =
        std::find_if(ciphers.begin(), ciphers.end(),
                     [&](const EcryptfsCipher& cipher) { return cipher.code == code; });
    return found == ciphers.end() ? nullptr : found;
}

EcryptfsDecryptor::EcryptfsDecryptor(const EcryptfsCipher& cipher, EcryptfsMode mode, Bytes key,
                                     const std::string& subject)
    : ctx_(make_cipher_ctx()) {
    if (cipher.openssl_name == nullptr) {
        fail(Exit::failure, subject,
             std::string("encrypted with ") + cipher.name +
                 ", which OpenSSL doesn't have; mount the directory to read it");
    }
    if (cipher.code == DCRYPT_ECRYPTFS_CIPHER_CAST5 ||
        cipher.code == DCRYPT_ECRYPTFS_CIPHER_BLOWFISH) {
        load_providers();
    }
    const std::string name =
        std::string(cipher.openssl_name) + (mode == EcryptfsMode::cbc ? "-CBC" : "-ECB");
    cipher_ = fetch_cipher(name.c_str());
    const bool ok =
        EVP_DecryptInit_ex2(ctx_.get(), cipher_.get(), nullptr, nullptr, nullptr) == 1 &&
        EVP_CIPHER_CTX_set_key_length(ctx_.get(), static_cast<int>(key.size())) == 1 &&
        EVP_DecryptInit_ex2(ctx_.get(), nullptr, key.data(), nullptr, nullptr) == 1 &&
        EVP_CIPHER_CTX_set_padding(ctx_.get(), 0) == 1;
    openssl_check(ok, name);
}

void EcryptfsDecryptor::decrypt(Bytes iv, Bytes in, MutableBytes out) {
    assert(in.size() == out.size());
    int done = 0;
    // A new IV and no new key: the expanded key stays.
    const bool ok = EVP_DecryptInit_ex2(ctx_.get(), nullptr, nullptr,
                                        iv.empty() ? nullptr : iv.data(), nullptr) == 1 &&
                    EVP_DecryptUpdate(ctx_.get(), out.data(), &done, in.data(),
                                      static_cast<int>(in.size())) == 1;
    openssl_check(ok && static_cast<std::size_t>(done) == in.size(), "decryption");
}

}  // namespace dcryptfs

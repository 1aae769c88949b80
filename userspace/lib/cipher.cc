// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/cipher.h"

#include <openssl/rand.h>

#include <cassert>

namespace dcryptfs {

namespace {

constexpr std::size_t gcm_key_size = 32;
constexpr std::size_t ctr_key_size = 32;

// OpenSSL's lengths are int; everything here is far below its limit.
int length(Bytes bytes) {
    return static_cast<int>(bytes.size());
}

}  // namespace

GcmSealed gcm_seal(const Secret& key, Bytes nonce, Bytes associated, Bytes plaintext) {
    assert(key.size() == gcm_key_size && nonce.size() == gcm_nonce_size);
    const CipherPtr cipher = fetch_cipher("AES-256-GCM");
    const CipherCtxPtr ctx = make_cipher_ctx();
    GcmSealed sealed;
    sealed.text.resize(plaintext.size());
    int done = 0;
    int rest = 0;
    bool ok =
        EVP_EncryptInit_ex2(ctx.get(), cipher.get(), key.data(), nonce.data(), nullptr) == 1 &&
        EVP_EncryptUpdate(ctx.get(), nullptr, &done, associated.data(), length(associated)) == 1 &&
        EVP_EncryptUpdate(ctx.get(), sealed.text.data(), &done, plaintext.data(),
                          length(plaintext)) == 1;
    ok = ok && EVP_EncryptFinal_ex(ctx.get(), sealed.text.data() + done, &rest) == 1 &&
         EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_GET_TAG, length(sealed.tag),
                             sealed.tag.data()) == 1;
    openssl_check(ok && done == length(plaintext) && rest == 0, "AES-256-GCM encryption");
    return sealed;
}

std::optional<Secret> gcm_open(const Secret& key, Bytes nonce, Bytes associated, Bytes text,
                               const ByteArray<gcm_tag_size>& tag) {
    assert(key.size() == gcm_key_size && nonce.size() == gcm_nonce_size);
    const CipherPtr cipher = fetch_cipher("AES-256-GCM");
    const CipherCtxPtr ctx = make_cipher_ctx();
    Secret plaintext(text.size());
    auto expected = tag;  // the call takes it as not const
    int done = 0;
    const bool ok =
        EVP_DecryptInit_ex2(ctx.get(), cipher.get(), key.data(), nonce.data(), nullptr) == 1 &&
        EVP_DecryptUpdate(ctx.get(), nullptr, &done, associated.data(), length(associated)) == 1 &&
        EVP_DecryptUpdate(ctx.get(), plaintext.data(), &done, text.data(), length(text)) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_SET_TAG, length(expected), expected.data()) ==
            1;
    openssl_check(ok && done == length(text), "AES-256-GCM decryption");
    int rest = 0;
    if (EVP_DecryptFinal_ex(ctx.get(), plaintext.data() + done, &rest) != 1) {
        return std::nullopt;
    }
    return plaintext;
}

XtsDecryptor::XtsDecryptor(const Secret& key)
    : cipher_(fetch_cipher("AES-256-XTS")), ctx_(make_cipher_ctx()) {
    assert(key.size() == xts_key_size);
    openssl_check(EVP_DecryptInit_ex2(ctx_.get(), cipher_.get(), key.data(), nullptr, nullptr) == 1,
                  "AES-256-XTS key");
}

void XtsDecryptor::decrypt_block(std::uint64_t n, Bytes in, MutableBytes out) {
    assert(in.size() == block_size && out.size() == block_size);
    ByteArray<sizeof(dcrypt_xts_tweak)> tweak{};
    store_le(MutableBytes(tweak).first(sizeof(n)), n);
    int done = 0;
    // A new tweak and no new key: the expanded key stays.
    const bool ok = EVP_DecryptInit_ex2(ctx_.get(), nullptr, nullptr, tweak.data(), nullptr) == 1 &&
                    EVP_DecryptUpdate(ctx_.get(), out.data(), &done, in.data(), length(in)) == 1;
    openssl_check(ok && done == length(in), "AES-256-XTS decryption");
}

void ctr_crypt(const Secret& key, Bytes counter, Bytes in, MutableBytes out) {
    assert(key.size() == ctr_key_size && counter.size() == ctr_block_size &&
           in.size() == out.size());
    if (in.empty()) {
        return;
    }
    const CipherPtr cipher = fetch_cipher("AES-256-CTR");
    const CipherCtxPtr ctx = make_cipher_ctx();
    int done = 0;
    const bool ok =
        EVP_EncryptInit_ex2(ctx.get(), cipher.get(), key.data(), counter.data(), nullptr) == 1 &&
        EVP_EncryptUpdate(ctx.get(), out.data(), &done, in.data(), length(in)) == 1;
    openssl_check(ok && done == length(in), "AES-256-CTR");
}

void random_bytes(MutableBytes out) {
    openssl_check(RAND_priv_bytes(out.data(), length(out)) == 1, "random numbers");
}

}  // namespace dcryptfs

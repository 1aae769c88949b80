// SPDX-License-Identifier: GPL-2.0-or-later
// Owners for OpenSSL's objects, and the check that every call to it goes
// through.
#ifndef DCRYPTFS_LIB_OPENSSL_H
#define DCRYPTFS_LIB_OPENSSL_H

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>
#include <string_view>

namespace dcryptfs {

template <auto Free>
struct OpensslDeleter {
    template <typename T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using CipherPtr = std::unique_ptr<EVP_CIPHER, OpensslDeleter<EVP_CIPHER_free>>;
using CipherCtxPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<EVP_CIPHER_CTX_free>>;
using DigestPtr = std::unique_ptr<EVP_MD, OpensslDeleter<EVP_MD_free>>;
using DigestCtxPtr = std::unique_ptr<EVP_MD_CTX, OpensslDeleter<EVP_MD_CTX_free>>;
using KdfPtr = std::unique_ptr<EVP_KDF, OpensslDeleter<EVP_KDF_free>>;
using KdfCtxPtr = std::unique_ptr<EVP_KDF_CTX, OpensslDeleter<EVP_KDF_CTX_free>>;

// Unless ok, throws Error (Exit::failure) with OpenSSL's own reason, or
// std::bad_alloc if that is a lack of memory.
void openssl_check(bool ok, std::string_view what);

// Fetches a cipher by its OpenSSL name and makes a context; both throw when
// OpenSSL has none.
CipherPtr fetch_cipher(const char* name);
CipherCtxPtr make_cipher_ctx();

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_OPENSSL_H

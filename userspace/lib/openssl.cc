// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/openssl.h"

#include <openssl/err.h>

#include <array>
#include <new>
#include <string>

#include "lib/error.h"

namespace dcryptfs {

void openssl_check(bool ok, std::string_view what) {
    if (ok) {
        return;
    }
    std::string reason(what);
    const unsigned long code = ERR_peek_last_error();
    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) {
        ERR_clear_error();
        throw std::bad_alloc();
    }
    if (code != 0) {
        constexpr std::size_t longest_reason = 256;  // what ERR_error_string asks for
        std::array<char, longest_reason> text{};
        ERR_error_string_n(code, text.data(), text.size());
        reason += ": ";
        reason += text.data();
    }
    ERR_clear_error();
    fail(Exit::failure, "OpenSSL", reason);
}

CipherPtr fetch_cipher(const char* name) {
    CipherPtr cipher(EVP_CIPHER_fetch(nullptr, name, nullptr));
    openssl_check(cipher != nullptr, name);
    return cipher;
}

CipherCtxPtr make_cipher_ctx() {
    CipherCtxPtr ctx(EVP_CIPHER_CTX_new());
    openssl_check(ctx != nullptr, "cipher context");
    return ctx;
}

}  // namespace dcryptfs

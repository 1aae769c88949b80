// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/ecryptfs_key.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "lib/error.h"
#include "lib/openssl.h"
#include "lib/text_file.h"

namespace dcryptfs {

namespace {

constexpr unsigned rounds = 65536;

constexpr std::int32_t hash_sha512 = 10;  // as OpenPGP counts

// A digest context that is used again and again.
class Sha512 {
  public:
    Sha512() : digest_(EVP_MD_fetch(nullptr, "SHA512", nullptr)), ctx_(EVP_MD_CTX_new()) {
        openssl_check(digest_ != nullptr && ctx_ != nullptr, "SHA-512");
    }

    // `out` may be one of the two that are hashed.
    void hash(Bytes first, Bytes second, MutableBytes out) {
        unsigned size = 0;
        const bool ok = EVP_DigestInit_ex2(ctx_.get(), digest_.get(), nullptr) == 1 &&
                        EVP_DigestUpdate(ctx_.get(), first.data(), first.size()) == 1 &&
                        EVP_DigestUpdate(ctx_.get(), second.data(), second.size()) == 1 &&
                        EVP_DigestFinal_ex(ctx_.get(), out.data(), &size) == 1;
        openssl_check(ok && size == out.size(), "SHA-512");
    }

  private:
    DigestPtr digest_;
    DigestCtxPtr ctx_;
};

}  // namespace

EcryptfsKey derive_ecryptfs_key(const Secret& passphrase, const EcryptfsSalt& salt) {
    Sha512 sha512;
    EcryptfsKey key{Secret(ecryptfs_key_size), {}};
    sha512.hash(salt, passphrase.bytes(), key.key.bytes());
    for (unsigned i = 1; i < rounds; i++) {
        sha512.hash(key.key.bytes(), {}, key.key.bytes());
    }
    ByteArray<ecryptfs_key_size> digest{};
    sha512.hash(key.key.bytes(), {}, digest);
    std::copy_n(digest.begin(), key.signature.size(), key.signature.begin());
    return key;
}

void check_ecryptfs_passphrase(const Secret& passphrase, const std::string& subject) {
    if (passphrase.size() > ecryptfs_max_passphrase_size) {
        fail(Exit::failure, subject,
             "the passphrase is longer than the 64 bytes that eCryptfs knows");
    }
    const Bytes bytes = passphrase.bytes();
    if (std::find(bytes.begin(), bytes.end(), std::uint8_t{0}) != bytes.end()) {
        fail(Exit::failure, subject,
             "the passphrase has a zero byte, which eCryptfs takes for its end");
    }
}

std::optional<EcryptfsSalt> parse_ecryptfs_salt(std::string_view text) {
    EcryptfsSalt salt{};
    if (!from_hex(text, salt)) {
        return std::nullopt;
    }
    return salt;
}

std::optional<EcryptfsSalt> find_ecryptfs_salt(std::string_view config,
                                               const std::string& subject) {
    constexpr std::string_view separators = ",:\n";
    constexpr std::string_view name = "salt=";
    while (!config.empty()) {
        const std::size_t end = std::min(config.find_first_of(separators), config.size());
        const std::string_view word = config.substr(0, end);
        config.remove_prefix(std::min(end + 1, config.size()));
        if (!word.starts_with(name)) {
            continue;
        }
        const auto salt = parse_ecryptfs_salt(word.substr(name.size()));
        if (!salt) {
            fail(Exit::failure, subject,
                 "the salt in it is not 16 hexadecimal digits; mend it, or give --salt "
                 "(0011223344556677 is the default)");
        }
        return salt;
    }
    return std::nullopt;
}

std::string ecryptfs_config_path() {
    // This program has one thread.
    const passwd* const entry = getpwuid(getuid());
    return entry == nullptr ? "" : std::string(entry->pw_dir) + "/.ecryptfsrc";
}

EcryptfsSalt read_ecryptfs_salt(const std::string& config_path) {
    if (config_path.empty() || access(config_path.c_str(), F_OK) != 0) {
        return ecryptfs_default_salt;
    }
    return find_ecryptfs_salt(read_text_file(config_path), config_path)
        .value_or(ecryptfs_default_salt);
}

Secret make_ecryptfs_auth_tok(const EcryptfsKey& key, const EcryptfsSalt& salt) {
    Secret payload(sizeof(dcrypt_ecryptfs_token));
    // In the secret's own memory, which is zero and aligned to pages.
    auto* const token = new (payload.data()) dcrypt_ecryptfs_token{};
    token->version = DCRYPT_ECRYPTFS_TOKEN_VERSION;
    token->type = DCRYPT_ECRYPTFS_TOKEN_PASSWORD;
    token->password.hash = hash_sha512;
    token->password.key_size = DCRYPT_ECRYPTFS_MAX_KEY;
    token->password.flags = DCRYPT_ECRYPTFS_KEY_SET;
    const MutableBytes password =
        payload.bytes().subspan(offsetof(dcrypt_ecryptfs_token, password));
    const auto put = [&](std::size_t offset, Bytes value) {
        std::copy(value.begin(), value.end(), password.subspan(offset).begin());
    };
    put(offsetof(dcrypt_ecryptfs_password, key), key.key.bytes());
    put(offsetof(dcrypt_ecryptfs_password, sig), as_bytes(to_hex(key.signature)));
    put(offsetof(dcrypt_ecryptfs_password, salt), salt);
    return payload;
}

KeySerial add_ecryptfs_key(const EcryptfsKey& key, const EcryptfsSalt& salt) {
    return add_user_key(to_hex(key.signature), make_ecryptfs_auth_tok(key, salt));
}

}  // namespace dcryptfs

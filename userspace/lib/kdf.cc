// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/kdf.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <vector>

#include "lib/openssl.h"

namespace dcryptfs {

namespace {

// OpenSSL's parameters are not const, though these are only read.
OSSL_PARAM octets(const char* name, Bytes bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()),
                                             bytes.size());
}

std::uint64_t scrypt_memory(const ScryptCost& cost) {
    constexpr std::uint64_t bytes_per_r = 128;
    return bytes_per_r * cost.r * (cost.n + cost.p + 2);
}

}  // namespace

const char* scrypt_cost_problem(const ScryptCost& cost) {
    if (!std::has_single_bit(cost.n) || cost.n < std::uint64_t{1} << scrypt_min_log2n ||
        cost.n > std::uint64_t{1} << scrypt_max_log2n) {
        return "n must be a power of two from 2^10 to 2^22";
    }
    if (cost.r < 1 || cost.r > scrypt_max_r) {
        return "r must be from 1 to 32";
    }
    if (cost.p < 1 || cost.p > scrypt_max_p) {
        return "p must be from 1 to 16";
    }
    constexpr std::uint64_t bytes_per_n_and_r = 128;
    if (bytes_per_n_and_r * cost.n * cost.r > scrypt_max_memory) {
        return "n and r ask for more than 1 GiB of memory";
    }
    if (cost.n * cost.r * cost.p > scrypt_max_work) {
        return "n, r and p ask for more than 2^26 units of work";
    }
    return nullptr;
}

Secret scrypt(Bytes passphrase, Bytes salt, const ScryptCost& cost, std::size_t size) {
    Secret out(size);
    const int ok = EVP_PBE_scrypt(reinterpret_cast<const char*>(passphrase.data()),
                                  passphrase.size(), salt.data(), salt.size(), cost.n, cost.r,
                                  cost.p, scrypt_memory(cost), out.data(), out.size());
    openssl_check(ok == 1, "scrypt");
    return out;
}

Secret hkdf_sha512(Bytes key, Bytes info, std::size_t size) {
    const KdfPtr kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    openssl_check(kdf != nullptr, "HKDF");
    const KdfCtxPtr ctx(EVP_KDF_CTX_new(kdf.get()));
    openssl_check(ctx != nullptr, "HKDF");
    std::string digest = "SHA512";
    // No salt parameter is the empty salt.
    const std::array params = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        octets(OSSL_KDF_PARAM_KEY, key),
        octets(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    Secret out(size);
    openssl_check(EVP_KDF_derive(ctx.get(), out.data(), out.size(), params.data()) == 1, "HKDF");
    return out;
}

ByteArray<mac_size> hmac_sha256(Bytes key, Bytes data) {
    ByteArray<mac_size> mac{};
    std::size_t length = 0;
    const auto* const done =
        EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(), data.data(),
                  data.size(), mac.data(), mac.size(), &length);
    openssl_check(done != nullptr && length == mac.size(), "HMAC-SHA256");
    return mac;
}

KeyId derive_key_id(const Secret& volume_key) {
    const Secret derived =
        hkdf_sha512(volume_key.bytes(), as_bytes(DCRYPT_KDF_KEY_ID), std::tuple_size_v<KeyId>);
    KeyId id{};
    std::copy_n(derived.data(), id.size(), id.begin());
    return id;
}

Secret derive_config_mac_key(const Secret& volume_key) {
    return hkdf_sha512(volume_key.bytes(), as_bytes(DCRYPT_KDF_CONFIG_MAC), config_mac_key_size);
}

Secret derive_file_key(const Secret& volume_key, const NativeFields& fields) {
    const Bytes label = as_bytes(DCRYPT_KDF_FILE_KEY);
    std::vector<std::uint8_t> info(label.begin(), label.end());
    info.insert(info.end(), fields.begin(), fields.end());
    return hkdf_sha512(volume_key.bytes(), info, xts_key_size);
}

Secret derive_name_mac_key(const Secret& volume_key) {
    return hkdf_sha512(volume_key.bytes(), as_bytes(DCRYPT_KDF_NAME_MAC), name_key_size);
}

Secret derive_name_key(const Secret& volume_key) {
    return hkdf_sha512(volume_key.bytes(), as_bytes(DCRYPT_KDF_NAME_KEY), name_key_size);
}

}  // namespace dcryptfs

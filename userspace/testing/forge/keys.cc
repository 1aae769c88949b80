// SPDX-License-Identifier: GPL-2.0-or-later
// OpenSSL has no other way to ask for a hash's state.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "testing/forge/keys.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstring>
#include <fstream>

#include "lib/cipher.h"
#include "lib/ecryptfs_file.h"
#include "lib/ecryptfs_key.h"
#include "lib/error.h"
#include "lib/kdf.h"

namespace dcryptfs {

namespace {

// What is looked for: as much as an AES-256 key, which is the beginning of its
// schedule.
constexpr std::size_t piece = 32;

std::string line(const std::string& name, Bytes bytes) {
    return name + ' ' + to_hex(bytes.subspan(0, piece)) + '\n';
}

std::string halves(const std::string& name, Bytes key) {
    return line(name + "-1", key) + line(name + "-2", key.subspan(piece));
}

// What HMAC keeps instead of its key: the hash's state after one block of the key, xored
// with a byte.  Whoever has the two has the key, as far as HMAC goes.
template <typename Context, auto init, auto transform, std::size_t block_size>
std::string state(const std::string& name, Bytes key, std::uint8_t pad) {
    std::array<std::uint8_t, block_size> block{};
    std::copy(key.begin(), key.end(), block.begin());
    for (std::uint8_t& byte : block) {
        byte ^= pad;
    }
    Context context{};
    init(&context);
    transform(&context, block.data());
    return line(name, {reinterpret_cast<const std::uint8_t*>(&context.h), piece});
}

constexpr std::uint8_t inner_pad = 0x36;
constexpr std::uint8_t outer_pad = 0x5c;

std::string hmac_sha512(const std::string& name, Bytes key) {
    constexpr auto one =
        state<SHA512_CTX, SHA512_Init, SHA512_Transform, std::size_t{SHA512_CBLOCK}>;
    return one(name + "-inner", key, inner_pad) + one(name + "-outer", key, outer_pad);
}

std::string hmac_sha256_states(const std::string& name, Bytes key) {
    constexpr auto one =
        state<SHA256_CTX, SHA256_Init, SHA256_Transform, std::size_t{SHA256_CBLOCK}>;
    return one(name + "-inner", key, inner_pad) + one(name + "-outer", key, outer_pad);
}

// The first step of HKDF, with the empty salt.
ByteArray<SHA512_DIGEST_LENGTH> extract(const Secret& volume_key) {
    const ByteArray<SHA512_DIGEST_LENGTH> salt{};
    ByteArray<SHA512_DIGEST_LENGTH> out{};
    std::size_t length = 0;
    if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA512", nullptr, salt.data(), salt.size(),
                  volume_key.data(), volume_key.size(), out.data(), out.size(),
                  &length) == nullptr) {
        fail(Exit::failure, "HMAC", "OpenSSL failed");
    }
    return out;
}

NativeFields read_fields(const std::string& path) {
    NativeFields fields{};
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(fields.data()), std::ssize(fields))) {
        fail(Exit::failure, path, "no header can be read");
    }
    return fields;
}

}  // namespace

std::string list_keys_in_memory(const Volume& volume, const Secret& passphrase,
                                std::span<char*> headers) {
    const Secret key = open_volume(volume, passphrase);
    const Slot& slot = volume.config.slots[0];
    const Secret name_mac = derive_name_mac_key(key);
    const auto prk = extract(key);
    std::string out =
        halves("volume-key", key.bytes()) + halves("hkdf-key", prk) + hmac_sha512("hkdf", prk) +
        line("slot-key", derive_wrap_key(passphrase.bytes(), slot.salt, slot.cost).bytes()) +
        line("config-mac-key", derive_config_mac_key(key).bytes()) +
        line("name-mac-key", name_mac.bytes()) + hmac_sha256_states("name-mac", name_mac.bytes()) +
        line("name-key", derive_name_key(key).bytes());
    for (std::size_t i = 0; i < headers.size(); i++) {
        const Secret file_key = derive_file_key(key, read_fields(headers[i]));
        out += halves("file-key-" + std::to_string(i), file_key.bytes());
    }
    return out;
}

std::string list_ecryptfs_keys_in_memory(const Secret& passphrase, std::span<char*> files) {
    std::array<EcryptfsKey, 2> keys{derive_ecryptfs_key(passphrase, ecryptfs_default_salt),
                                    derive_ecryptfs_key(passphrase, ecryptfs_name_salt)};
    std::string out =
        halves("mount-key", keys[0].key.bytes()) + halves("name-key", keys[1].key.bytes());
    for (std::size_t i = 0; i < files.size(); i++) {
        const Secret file_key = EcryptfsFile(files[i]).file_key(keys);
        out += line("file-key-" + std::to_string(i), file_key.bytes());
    }
    return out;
}

}  // namespace dcryptfs

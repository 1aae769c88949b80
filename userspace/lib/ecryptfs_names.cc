// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/ecryptfs_names.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "kernel/ondisk_ecryptfs.h"
#include "lib/ecryptfs_cipher.h"
#include "lib/ecryptfs_packet.h"
#include "lib/error.h"
#include "lib/names.h"
#include "lib/openssl.h"
#include "lib/path.h"

namespace dcryptfs {

namespace {

constexpr std::string_view prefix = DCRYPT_ECRYPTFS_NAME_PREFIX;
constexpr std::string_view characters = DCRYPT_ECRYPTFS_NAME_CHARS;
constexpr std::size_t digest_size = 16;

[[noreturn]] void damaged(const std::string& subject, const std::string& reason) {
    fail(Exit::damaged, subject, reason);
}

// Six bits from each character, the first in the uppermost bits; bits that make no
// byte are left out.  Empty when there is another character.
std::vector<std::uint8_t> from_characters(std::string_view text) {
    constexpr unsigned bits_of_character = 6;
    constexpr unsigned bits_of_byte = 8;
    std::vector<std::uint8_t> bytes;
    unsigned value = 0;
    unsigned bits = 0;
    for (const char character : text) {
        const std::size_t digit = characters.find(character);
        if (digit == std::string_view::npos) {
            return {};
        }
        value = (value << bits_of_character) | static_cast<unsigned>(digit);
        bits += bits_of_character;
        if (bits >= bits_of_byte) {
            bits -= bits_of_byte;
            bytes.push_back(static_cast<std::uint8_t>(value >> bits));
            value &= (1U << bits) - 1;
        }
    }
    return bytes;
}

// What eCryptfs puts in front of names: digests of the key, again and again, with
// another byte for zero.
std::vector<std::uint8_t> make_filling(const EcryptfsKey& key, std::size_t size) {
    std::vector<std::uint8_t> filling;
    ByteArray<digest_size> digest{};
    Bytes input = key.key.bytes();
    while (filling.size() < size) {
        ByteArray<digest_size> next{};
        std::size_t length = 0;
        openssl_check(EVP_Q_digest(nullptr, "MD5", nullptr, input.data(), input.size(), next.data(),
                                   &length) == 1 &&
                          length == next.size(),
                      "MD5");
        digest = next;
        input = digest;
        filling.insert(filling.end(), digest.begin(), digest.end());
    }
    filling.resize(size);
    std::replace(filling.begin(), filling.end(), std::uint8_t{0},
                 std::uint8_t{DCRYPT_ECRYPTFS_NAME_NON_NULL});
    return filling;
}

// The name under the first so many bytes of the key, if what is in front of it is
// as it should be: the packet doesn't say how many they are.
std::optional<std::string> try_open(const EcryptfsSealedName& name, const EcryptfsCipher& cipher,
                                    const EcryptfsKey& key, std::size_t key_size,
                                    const std::string& subject) {
    EcryptfsDecryptor decryptor(cipher, EcryptfsMode::ecb, key.key.bytes().first(key_size),
                                subject);
    std::vector<std::uint8_t> text(name.text.size());
    decryptor.decrypt({}, name.text, text);
    const auto zero = std::find(text.begin(), text.end(), std::uint8_t{0});
    const auto filled = static_cast<std::size_t>(zero - text.begin());
    if (zero == text.end() || filled < DCRYPT_ECRYPTFS_NAME_MIN_RANDOM ||
        !std::equal(text.begin(), zero, make_filling(key, filled).begin())) {
        return std::nullopt;
    }
    std::string upper(zero + 1, text.end());
    if (upper.empty() || upper.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    return upper;
}

class EcryptfsNames : public DirNames {
  public:
    EcryptfsNames(std::span<const EcryptfsKey> keys, std::string path)
        : keys_(keys), path_(std::move(path)) {}

    [[nodiscard]] std::optional<std::string> upper_name(const std::string& lower) const override {
        std::string upper = open(lower, lower);
        if (!is_name(upper)) {
            damaged(join_path(path_, lower), "decrypts to what can't be a name");
        }
        return upper;
    }

    [[nodiscard]] std::optional<std::string> lower_name(std::string_view /*upper*/) const override {
        return std::nullopt;  // nothing asks for it
    }

    [[nodiscard]] std::string upper_target(const std::string& lower,
                                           const std::string& lower_target) const override {
        return open(lower_target, lower);
    }

  private:
    [[nodiscard]] std::string open(const std::string& text, const std::string& lower) const {
        if (!is_ecryptfs_sealed(text)) {
            return text;
        }
        const std::string subject = join_path(path_, lower);
        return open_ecryptfs_name(parse_ecryptfs_name(text, subject), keys_, subject);
    }

    std::span<const EcryptfsKey> keys_;
    std::string path_;
};

}  // namespace

bool is_ecryptfs_sealed(std::string_view lower) {
    return lower.starts_with(prefix);
}

EcryptfsSealedName parse_ecryptfs_name(std::string_view lower, const std::string& subject) {
    const std::vector<std::uint8_t> bytes = from_characters(lower.substr(prefix.size()));
    if (bytes.empty()) {
        damaged(subject, "not an encrypted name: not in its characters, or cut off");
    }
    const EcryptfsPacket packet = take_packet(bytes, subject);
    if (packet.tag != DCRYPT_ECRYPTFS_TAG_70) {
        damaged(subject, "not an encrypted name: it holds " + packet_name(packet.tag));
    }
    if (packet.body.size() < sizeof(dcrypt_ecryptfs_tag_70)) {
        damaged(subject, "not an encrypted name: cut off");
    }
    EcryptfsSealedName name;
    std::copy_n(packet.body.begin(), name.signature.size(), name.signature.begin());
    name.cipher = packet.body[offsetof(dcrypt_ecryptfs_tag_70, cipher)];
    const EcryptfsCipher* const cipher = find_ecryptfs_cipher(name.cipher);
    if (cipher == nullptr) {
        damaged(subject, "encrypted with an unknown cipher, 0x" + to_hex(Bytes(&name.cipher, 1)));
    }
    const Bytes text = packet.body.subspan(sizeof(dcrypt_ecryptfs_tag_70));
    if (text.size() % cipher->block_size != 0) {
        damaged(subject, "not an encrypted name: cut off");
    }
    name.text.assign(text.begin(), text.end());
    return name;
}

std::string open_ecryptfs_name(const EcryptfsSealedName& name, std::span<const EcryptfsKey> keys,
                               const std::string& subject) {
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const EcryptfsKey& each) {
        return each.signature == name.signature;
    });
    if (key == keys.end()) {
        damaged(subject,
                "does not decrypt: it takes the key with the signature " + to_hex(name.signature));
    }
    const EcryptfsCipher& cipher = *find_ecryptfs_cipher(name.cipher);
    for (const std::size_t key_size : cipher.key_sizes) {
        if (auto upper = try_open(name, cipher, *key, key_size, subject)) {
            return *std::move(upper);
        }
    }
    damaged(subject, "does not decrypt: it was changed");
}

std::unique_ptr<DirNames> make_ecryptfs_names(std::span<const EcryptfsKey> keys,
                                              const std::string& path) {
    return std::make_unique<EcryptfsNames>(keys, path);
}

}  // namespace dcryptfs

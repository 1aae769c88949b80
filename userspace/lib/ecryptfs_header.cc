// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/ecryptfs_header.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "kernel/ondisk_ecryptfs.h"
#include "lib/ecryptfs_cipher.h"
#include "lib/ecryptfs_packet.h"
#include "lib/error.h"

namespace dcryptfs {

namespace {

// The first one has no extents' size and number, and the size that is usual.
constexpr std::uint8_t first_version_with_extents = 1;
constexpr std::uint32_t flags_mask = (1U << DCRYPT_ECRYPTFS_VERSION_SHIFT) - 1;
constexpr std::size_t marker_end = offsetof(dcrypt_ecryptfs_header, flags);
constexpr std::uint8_t tag_1_version = 3;
constexpr std::size_t aes_192_key_size = 24;
constexpr std::size_t aes_192_encrypted_size = 32;  // filled up to whole blocks

[[noreturn]] void damaged(const std::string& subject, const std::string& reason) {
    fail(Exit::damaged, subject, "damaged: " + reason);
}

// Field by field, as the bytes need not be aligned, nor all be there.
std::uint64_t number(Bytes header, std::size_t offset, std::size_t size) {
    return load_be(header.subspan(offset, size));
}

EcryptfsSignature signature_at(Bytes body, std::size_t offset) {
    EcryptfsSignature signature{};
    std::copy_n(body.subspan(offset, signature.size()).begin(), signature.size(),
                signature.begin());
    return signature;
}

std::vector<std::uint8_t> encrypted_key_in(Bytes rest, std::uint8_t tag,
                                           const std::string& subject) {
    if (rest.empty() || rest.size() > DCRYPT_ECRYPTFS_MAX_ENC_KEY) {
        damaged(subject, "a packet (" + packet_name(tag) + ") with an encrypted key of " +
                             std::to_string(rest.size()) + " bytes");
    }
    return {rest.begin(), rest.end()};
}

void require_body(const EcryptfsPacket& packet, std::size_t size, const std::string& subject) {
    if (packet.body.size() < size) {
        damaged(subject, "a packet (" + packet_name(packet.tag) + ") of only " +
                             std::to_string(packet.body.size()) + " bytes");
    }
}

std::size_t file_key_size(const EcryptfsCipher& cipher, std::size_t encrypted_size,
                          const std::string& subject) {
    std::size_t size = encrypted_size;
    if (cipher.code == DCRYPT_ECRYPTFS_CIPHER_AES_192 && size == aes_192_encrypted_size) {
        size = aes_192_key_size;
    }
    const auto& sizes = cipher.key_sizes;
    if (std::find(sizes.begin(), sizes.end(), size) == sizes.end() ||
        encrypted_size % cipher.block_size != 0) {
        damaged(subject, std::string("a key of ") + std::to_string(encrypted_size) +
                             " bytes, which " + cipher.name + " can't have");
    }
    return size;
}

EcryptfsKeyPacket parse_tag_3(const EcryptfsPacket& packet, const std::string& subject) {
    require_body(packet, sizeof(dcrypt_ecryptfs_tag_3), subject);
    const auto byte_at = [&](std::size_t offset) { return packet.body[offset]; };
    if (byte_at(offsetof(dcrypt_ecryptfs_tag_3, version)) != DCRYPT_ECRYPTFS_TAG_3_VERSION) {
        damaged(subject, "a packet (tag 3) of an unknown version");
    }
    if (byte_at(offsetof(dcrypt_ecryptfs_tag_3, s2k)) != DCRYPT_ECRYPTFS_TAG_3_S2K ||
        byte_at(offsetof(dcrypt_ecryptfs_tag_3, hash)) != DCRYPT_ECRYPTFS_TAG_3_HASH) {
        damaged(subject, "a packet (tag 3) with another way from a passphrase to a key");
    }
    EcryptfsKeyPacket key;
    key.tag = packet.tag;
    key.cipher = byte_at(offsetof(dcrypt_ecryptfs_tag_3, cipher));
    const EcryptfsCipher* const cipher = find_ecryptfs_cipher(key.cipher);
    if (cipher == nullptr) {
        damaged(subject, "an unknown cipher, 0x" + to_hex(Bytes(&key.cipher, 1)));
    }
    key.hash = byte_at(offsetof(dcrypt_ecryptfs_tag_3, hash));
    std::copy_n(packet.body.subspan(offsetof(dcrypt_ecryptfs_tag_3, salt)).begin(), key.salt.size(),
                key.salt.begin());
    key.iterations = byte_at(offsetof(dcrypt_ecryptfs_tag_3, iterations));
    key.encrypted_key =
        encrypted_key_in(packet.body.subspan(sizeof(dcrypt_ecryptfs_tag_3)), packet.tag, subject);
    key.key_size = file_key_size(*cipher, key.encrypted_key.size(), subject);
    return key;
}

// Adds to a key what the packet behind it says.
void parse_tag_11(const EcryptfsPacket& packet, EcryptfsKeyPacket& key,
                  const std::string& subject) {
    constexpr std::size_t name_size = sizeof(dcrypt_ecryptfs_tag_11::name);
    if (packet.tag != DCRYPT_ECRYPTFS_TAG_11) {
        damaged(subject, "a packet (tag 3) that no tag 11 follows, but " + packet_name(packet.tag));
    }
    require_body(packet, sizeof(dcrypt_ecryptfs_tag_11), subject);
    if (packet.body[offsetof(dcrypt_ecryptfs_tag_11, format)] != DCRYPT_ECRYPTFS_TAG_11_FORMAT ||
        packet.body[offsetof(dcrypt_ecryptfs_tag_11, name_len)] != name_size ||
        packet.body.size() != sizeof(dcrypt_ecryptfs_tag_11)) {
        damaged(subject, "a packet (tag 11) that holds no signature");
    }
    const Bytes name = packet.body.subspan(offsetof(dcrypt_ecryptfs_tag_11, name), name_size);
    key.name.assign(name.begin(), name.end());
    key.signature = signature_at(packet.body, offsetof(dcrypt_ecryptfs_tag_11, sig));
}

EcryptfsKeyPacket parse_tag_1(const EcryptfsPacket& packet, const std::string& subject) {
    constexpr std::size_t signature_offset = 1;
    constexpr std::size_t key_offset = signature_offset + ecryptfs_signature_size + 1;
    require_body(packet, key_offset, subject);
    if (packet.body[0] != tag_1_version) {
        damaged(subject, "a packet (tag 1) of an unknown version");
    }
    EcryptfsKeyPacket key;
    key.tag = packet.tag;
    key.signature = signature_at(packet.body, signature_offset);
    key.encrypted_key = encrypted_key_in(packet.body.subspan(key_offset), packet.tag, subject);
    return key;
}

// Up to the first byte that begins no such packet, as eCryptfs reads them.
std::vector<EcryptfsKeyPacket> parse_packets(Bytes rest, const std::string& subject) {
    std::vector<EcryptfsKeyPacket> keys;
    while (!rest.empty()) {
        const std::uint8_t tag = rest[0];
        if (tag == DCRYPT_ECRYPTFS_TAG_3) {
            const EcryptfsPacket packet = take_packet(rest, subject);
            keys.push_back(parse_tag_3(packet, subject));
            if (packet.rest.empty()) {
                damaged(subject, "a packet (tag 3) that no tag 11 follows");
            }
            const EcryptfsPacket next = take_packet(packet.rest, subject);
            parse_tag_11(next, keys.back(), subject);
            rest = next.rest;
        } else if (tag == DCRYPT_ECRYPTFS_TAG_1) {
            const EcryptfsPacket packet = take_packet(rest, subject);
            keys.push_back(parse_tag_1(packet, subject));
            rest = packet.rest;
        } else if (tag == DCRYPT_ECRYPTFS_TAG_11) {
            damaged(subject, "a packet (tag 11) that follows no tag 3");
        } else {
            break;
        }
    }
    if (keys.empty()) {
        damaged(subject, "no packet with the file's key");
    }
    return keys;
}

}  // namespace

bool has_ecryptfs_marker(Bytes header) {
    constexpr std::size_t first = offsetof(dcrypt_ecryptfs_header, marker);
    constexpr std::size_t size = sizeof(std::uint32_t);
    return header.size() >= marker_end &&
           (number(header, first, size) ^ number(header, first + size, size)) ==
               DCRYPT_ECRYPTFS_MARKER;
}

EcryptfsHeader parse_ecryptfs_header(Bytes header, EcryptfsHeaderPlace place,
                                     const std::string& subject) {
    if (!has_ecryptfs_marker(header)) {
        fail(Exit::damaged, subject, "not an eCryptfs file (no marker)");
    }
    EcryptfsHeader parsed;
    parsed.size = number(header, 0, sizeof(parsed.size));
    if (parsed.size > std::numeric_limits<std::int64_t>::max()) {
        damaged(subject, "a size of " + std::to_string(parsed.size) + " bytes");
    }
    parsed.marker = static_cast<std::uint32_t>(
        number(header, offsetof(dcrypt_ecryptfs_header, marker), sizeof(parsed.marker)));
    std::size_t packets = offsetof(dcrypt_ecryptfs_header, extent_size);
    if (header.size() < packets) {
        damaged(subject, "truncated within the header");
    }
    const auto word = static_cast<std::uint32_t>(number(header, marker_end, sizeof(std::uint32_t)));
    parsed.version = static_cast<std::uint8_t>(word >> DCRYPT_ECRYPTFS_VERSION_SHIFT);
    parsed.flags = word & flags_mask;
    if (parsed.version > DCRYPT_ECRYPTFS_FILE_VERSION) {
        damaged(subject, "the unknown format version " + std::to_string(parsed.version));
    }
    parsed.data_offset = DCRYPT_ECRYPTFS_MIN_HEADER;
    if (parsed.version >= first_version_with_extents) {
        packets = sizeof(dcrypt_ecryptfs_header);
        if (header.size() < packets) {
            damaged(subject, "truncated within the header");
        }
        parsed.data_offset =
            number(header, offsetof(dcrypt_ecryptfs_header, extent_size), sizeof(std::uint32_t)) *
            number(header, offsetof(dcrypt_ecryptfs_header, extents), sizeof(std::uint16_t));
        if (place == EcryptfsHeaderPlace::file && parsed.data_offset < DCRYPT_ECRYPTFS_MIN_HEADER) {
            damaged(subject, "a header of " + std::to_string(parsed.data_offset) + " bytes");
        }
    }
    parsed.keys = parse_packets(header.subspan(packets), subject);
    return parsed;
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/seal.h"

#include <algorithm>
#include <cassert>

#include "lib/cipher.h"

namespace dcryptfs {

namespace {

static_assert(seal_tag_size == ctr_block_size, "the tag is the first counter block");

bool is_padded(SealKind kind) {
    return kind == SealKind::name || kind == SealKind::link;
}

// Whether there can be a string of this kind and size.
bool can_seal(SealKind kind, std::size_t size) {
    if (kind == SealKind::dir) {
        return size == 0;
    }
    return kind == SealKind::xattr || size > 0;
}

}  // namespace

std::size_t sealed_size(SealKind kind, std::size_t size) {
    if (is_padded(kind)) {
        size = (size + seal_padding - 1) / seal_padding * seal_padding;
    }
    return seal_tag_size + size;
}

Sealer::Sealer(const Secret& volume_key)
    : mac_key_(derive_name_mac_key(volume_key)), key_(derive_name_key(volume_key)) {}

ByteArray<mac_size> Sealer::full_tag(SealKind kind, Bytes context, Bytes plaintext) const {
    const ByteArray<1> kind_byte = {static_cast<std::uint8_t>(kind)};
    return hmac_sha256(mac_key_.bytes(), concat({kind_byte, context, plaintext}));
}

std::vector<std::uint8_t> Sealer::seal(SealKind kind, Bytes context, Bytes plaintext) const {
    assert(can_seal(kind, plaintext.size()));
    const auto full = full_tag(kind, context, plaintext);
    const Bytes tag = Bytes(full).first(seal_tag_size);
    std::vector<std::uint8_t> sealed(sealed_size(kind, plaintext.size()));
    std::copy(tag.begin(), tag.end(), sealed.begin());
    std::vector<std::uint8_t> padded(plaintext.begin(), plaintext.end());
    padded.resize(sealed.size() - tag.size());
    ctr_crypt(key_, tag, padded, MutableBytes(sealed).subspan(tag.size()));
    return sealed;
}

std::optional<std::vector<std::uint8_t>> Sealer::open(SealKind kind, Bytes context,
                                                      Bytes sealed) const {
    if (sealed.size() < seal_tag_size) {
        return std::nullopt;
    }
    const Bytes tag = sealed.first(seal_tag_size);
    const Bytes text = sealed.subspan(seal_tag_size);
    std::vector<std::uint8_t> plaintext(text.size());
    ctr_crypt(key_, tag, text, plaintext);
    if (is_padded(kind)) {
        while (!plaintext.empty() && plaintext.back() == 0) {
            plaintext.pop_back();
        }
    }
    // The size too has to be the one that this string gets.
    if (!can_seal(kind, plaintext.size()) || sealed_size(kind, plaintext.size()) != sealed.size()) {
        return std::nullopt;
    }
    const auto full = full_tag(kind, context, plaintext);
    if (!equal_constant_time(Bytes(full).first(seal_tag_size), tag)) {
        return std::nullopt;
    }
    return plaintext;
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base64url.h"

#include <climits>

namespace dcryptfs {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned character_bits = 6;
constexpr unsigned character_mask = (1U << character_bits) - 1;

}  // namespace

std::string to_base64url(Bytes bytes) {
    std::string text;
    text.reserve(base64url_size(bytes.size()));
    unsigned pending = 0;  // its low `bits` bits are still to be written
    unsigned bits = 0;
    for (const unsigned byte : bytes) {
        pending = pending << static_cast<unsigned>(CHAR_BIT) | byte;
        bits += CHAR_BIT;
        while (bits >= character_bits) {
            bits -= character_bits;
            text += alphabet[pending >> bits & character_mask];
        }
        pending &= (1U << bits) - 1;
    }
    if (bits > 0) {
        text += alphabet[pending << (character_bits - bits) & character_mask];
    }
    return text;
}

std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(text.size());
    unsigned pending = 0;  // its low `bits` bits belong to the next byte
    unsigned bits = 0;
    for (const char c : text) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) {
            return std::nullopt;
        }
        pending = pending << character_bits | static_cast<unsigned>(value);
        bits += character_bits;
        if (bits >= CHAR_BIT) {
            bits -= CHAR_BIT;
            bytes.push_back(static_cast<std::uint8_t>(pending >> bits));
        }
        pending &= (1U << bits) - 1;
    }
    // A last character of which no bit is used, or unused bits that say something.
    if (bits >= character_bits || pending != 0) {
        return std::nullopt;
    }
    return bytes;
}

}  // namespace dcryptfs

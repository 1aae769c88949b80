// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/bytes.h"

namespace dcryptfs {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr unsigned nibble_bits = 4;
constexpr unsigned nibble_mask = 0xf;
constexpr unsigned not_a_digit = 0x100;

unsigned digit_value(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    constexpr unsigned ten = 10;
    if (c >= 'a' && c <= 'f') {
        return static_cast<unsigned>(c - 'a') + ten;
    }
    if (c >= 'A' && c <= 'F') {
        return static_cast<unsigned>(c - 'A') + ten;
    }
    return not_a_digit;
}

}  // namespace

std::string to_hex(Bytes bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const unsigned byte : bytes) {
        text += hex_digits[byte >> nibble_bits];
        text += hex_digits[byte & nibble_mask];
    }
    return text;
}

bool from_hex(std::string_view text, MutableBytes out) {
    if (text.size() != 2 * out.size()) {
        return false;
    }
    for (std::size_t i = 0; i < out.size(); i++) {
        const unsigned high = digit_value(text[2 * i]);
        const unsigned low = digit_value(text[2 * i + 1]);
        if (high == not_a_digit || low == not_a_digit) {
            return false;
        }
        out[i] = static_cast<std::uint8_t>(high << nibble_bits | low);
    }
    return true;
}

std::vector<std::uint8_t> concat(std::initializer_list<Bytes> parts) {
    std::size_t size = 0;
    for (const Bytes part : parts) {
        size += part.size();
    }
    std::vector<std::uint8_t> all;
    all.reserve(size);
    for (const Bytes part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

}  // namespace dcryptfs

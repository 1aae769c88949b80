// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/json.h"

#include <algorithm>
#include <array>

#include "lib/output.h"

namespace dcryptfs {

namespace {

// The well-formed sequences of more than one byte: where the first and the second byte
// lie, and how many there are.  All after the second are from 0x80 to 0xbf.
struct Utf8Form {
    unsigned char first_low, first_high, second_low, second_high;
    std::size_t length;
};

constexpr std::array utf8_forms = {
    Utf8Form{0xc2, 0xdf, 0x80, 0xbf, 2}, Utf8Form{0xe0, 0xe0, 0xa0, 0xbf, 3},
    Utf8Form{0xe1, 0xec, 0x80, 0xbf, 3}, Utf8Form{0xed, 0xed, 0x80, 0x9f, 3},
    Utf8Form{0xee, 0xef, 0x80, 0xbf, 3}, Utf8Form{0xf0, 0xf0, 0x90, 0xbf, 4},
    Utf8Form{0xf1, 0xf3, 0x80, 0xbf, 4}, Utf8Form{0xf4, 0xf4, 0x80, 0x8f, 4},
};

bool is_within(char c, unsigned char low, unsigned char high) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= low && byte <= high;
}

// The bytes of the character at the start of the text, or 0 if it is no UTF-8.
std::size_t utf8_length(std::string_view text) {
    constexpr unsigned char ascii_last = 0x7f;
    constexpr unsigned char later_low = 0x80;
    constexpr unsigned char later_high = 0xbf;
    if (is_within(text[0], 0, ascii_last)) {
        return 1;
    }
    for (const Utf8Form& form : utf8_forms) {
        if (is_within(text[0], form.first_low, form.first_high) && text.size() >= form.length &&
            is_within(text[1], form.second_low, form.second_high) &&
            std::ranges::all_of(text.substr(2, form.length - 2),
                                [](char c) { return is_within(c, later_low, later_high); })) {
            return form.length;
        }
    }
    return 0;
}

std::string make_utf8(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr unsigned nibble_bits = 4;
    constexpr unsigned nibble_mask = 0xf;
    std::string out;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            const auto byte = static_cast<unsigned char>(text[0]);
            out += "\\x";
            out += digits[byte >> nibble_bits];
            out += digits[byte & nibble_mask];
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

void make_utf8(Json& all) {
    if (all.is_string()) {
        all = make_utf8(all.get_ref<const std::string&>());
    } else if (all.is_structured()) {
        for (Json& member : all) {
            make_utf8(member);
        }
    }
}

}  // namespace

std::string json_text(Json all, int indent) {
    make_utf8(all);
    return all.dump(indent);
}

void say_json(const Json& all) {
    constexpr int indent = 2;
    say(json_text(all, indent));
}

void report(const Json& all, bool json) {
    if (json) {
        say_json(all);
        return;
    }
    for (const auto& [name, value] : all.items()) {
        std::string words = name;
        std::replace(words.begin(), words.end(), '_', ' ');
        say(words + ": " + (value.is_string() ? value.get<std::string>() : value.dump()));
    }
}

}  // namespace dcryptfs

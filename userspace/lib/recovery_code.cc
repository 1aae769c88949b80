// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/recovery_code.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <vector>

#include "lib/cipher.h"
#include "lib/error.h"

namespace dcryptfs {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t random_in_group = recovery_group_size - 1;
constexpr std::size_t all_characters = recovery_groups * recovery_group_size;

// Times x in the field of 32 elements, modulo x^5 + x^2 + 1.
std::uint8_t times_x(std::uint8_t value) {
    constexpr unsigned carry = 0x20;
    constexpr unsigned modulus = 0x25;
    const unsigned shifted = static_cast<unsigned>(value) << 1U;
    return static_cast<std::uint8_t>((shifted & carry) != 0 ? shifted ^ modulus : shifted);
}

// The last digit of a group, which is a polynomial of the others: whatever happens to one
// of the five digits shows, as does an exchange of any two, or of two groups.
std::uint8_t check_digit(Bytes digits, std::size_t group) {
    std::uint8_t sum = 0;
    for (std::size_t i = random_in_group; i > 0; i--) {
        sum = times_x(sum ^ digits[i - 1]);
    }
    return sum ^ static_cast<std::uint8_t>(group + 1);
}

// The digit that a character stands for, or nothing.
std::optional<std::uint8_t> digit_of(std::uint8_t typed) {
    auto character = static_cast<char>(std::toupper(typed));
    if (character == 'O') {
        character = '0';
    } else if (character == 'I' || character == 'L') {
        character = '1';
    }
    const auto at = alphabet.find(character);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    return static_cast<std::uint8_t>(at);
}

bool is_separator(std::uint8_t typed) {
    return typed == '-' || std::isspace(typed) != 0;
}

[[noreturn]] void reject(std::string_view subject, const std::string& reason) {
    fail(Exit::wrong_passphrase, subject, reason);
}

std::string group_name(std::size_t group) {
    return "group " + std::to_string(group + 1);
}

// A group that lacks a character or has one too many can be named if there are separators
// between all of them.
void check_lengths(Bytes typed, std::string_view subject) {
    std::vector<std::size_t> lengths;
    std::size_t total = 0;
    bool in_group = false;
    for (const std::uint8_t character : typed) {
        if (is_separator(character)) {
            in_group = false;
            continue;
        }
        if (!in_group) {
            lengths.push_back(0);
        }
        in_group = true;
        lengths.back()++;
        total++;
    }
    if (lengths.size() == recovery_groups) {
        const auto odd = std::find_if(lengths.begin(), lengths.end(), [](std::size_t length) {
            return length != recovery_group_size;
        });
        if (odd != lengths.end()) {
            reject(subject, group_name(static_cast<std::size_t>(odd - lengths.begin())) +
                                " of the recovery code has " + std::to_string(*odd) +
                                " characters, and should have " +
                                std::to_string(recovery_group_size));
        }
    }
    if (total != all_characters) {
        reject(subject, "a recovery code has " + std::to_string(all_characters) +
                            " characters, and this one " + std::to_string(total));
    }
}

// Digits to the text that is printed.
Secret to_text(Bytes digits) {
    Secret text(recovery_code_size);
    std::size_t at = 0;
    for (std::size_t i = 0; i < digits.size(); i++) {
        if (i > 0 && i % recovery_group_size == 0) {
            text.data()[at++] = '-';
        }
        text.data()[at++] = static_cast<std::uint8_t>(alphabet[digits[i]]);
    }
    return text;
}

}  // namespace

Secret make_recovery_code() {
    Secret digits(all_characters);
    random_bytes(digits.bytes());
    for (std::uint8_t& digit : digits.bytes()) {
        // 256 is a multiple of this.
        digit = static_cast<std::uint8_t>(digit % alphabet.size());
    }
    for (std::size_t group = 0; group < recovery_groups; group++) {
        const auto part = digits.bytes().subspan(group * recovery_group_size, recovery_group_size);
        part[random_in_group] = check_digit(part, group);
    }
    return to_text(digits.bytes());
}

Secret parse_recovery_code(Bytes typed, std::string_view subject) {
    check_lengths(typed, subject);
    Secret digits(all_characters);
    std::size_t used = 0;
    for (const std::uint8_t character : typed) {
        if (is_separator(character)) {
            continue;
        }
        const auto digit = digit_of(character);
        if (!digit) {
            reject(subject, group_name(used / recovery_group_size) +
                                " of the recovery code has a character that is in no code");
        }
        digits.data()[used++] = *digit;
    }
    for (std::size_t group = 0; group < recovery_groups; group++) {
        const auto part = digits.bytes().subspan(group * recovery_group_size, recovery_group_size);
        if (part[random_in_group] != check_digit(part, group)) {
            reject(subject, group_name(group) + " of the recovery code is mistyped");
        }
    }
    return to_text(digits.bytes());
}

}  // namespace dcryptfs

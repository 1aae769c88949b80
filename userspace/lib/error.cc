// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/error.h"

#include <system_error>

namespace dcryptfs {

void fail(Exit code, std::string_view subject, std::string_view reason) {
    std::string message = printable(subject);
    message += ": ";
    message += reason;
    throw Error(code, message);
}

void fail_errno(std::string_view subject, std::string_view what, int err) {
    std::string reason(what);
    if (!reason.empty()) {
        reason += ": ";
    }
    reason += errno_text(err);
    fail(Exit::failure, subject, reason);
}

std::string errno_text(int err) {
    return std::generic_category().message(err);
}

std::string printable(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr unsigned char delete_char = 0x7f;
    constexpr unsigned nibble_bits = 4;
    constexpr unsigned nibble_mask = 0xf;
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < ' ' || byte == delete_char || c == '\\') {
            out += "\\x";
            out += digits[byte >> nibble_bits];
            out += digits[byte & nibble_mask];
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace dcryptfs

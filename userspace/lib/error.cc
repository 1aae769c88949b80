// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/error.h"

#include <system_error>

namespace dcryptfs {

void fail(Exit code, std::string_view subject, std::string_view reason) {
    std::string message = subject.empty() ? "''" : printable(subject);
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
    // The control characters above ASCII, U+0080 to U+009F, are in UTF-8 the
    // first of these bytes and one up to the second.
    constexpr unsigned char high_control_lead = 0xc2;
    constexpr unsigned char high_control_last = 0x9f;
    constexpr unsigned char ascii_last = 0x7f;
    const auto byte_at = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto starts_high_control = [&](std::size_t i) {
        return byte_at(i) == high_control_lead && byte_at(i + 1) > ascii_last &&
               byte_at(i + 1) <= high_control_last;
    };
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); i++) {
        const unsigned byte = byte_at(i);
        if (byte < ' ' || byte == delete_char || byte == '\\' || starts_high_control(i) ||
            (i > 0 && starts_high_control(i - 1))) {
            out += "\\x";
            out += digits[byte >> nibble_bits];
            out += digits[byte & nibble_mask];
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace dcryptfs

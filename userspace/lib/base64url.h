// SPDX-License-Identifier: GPL-2.0-or-later
// base64url (RFC 4648, section 5) without padding characters: how lower names
// and targets spell bytes.
#ifndef DCRYPTFS_LIB_BASE64URL_H
#define DCRYPTFS_LIB_BASE64URL_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/bytes.h"

namespace dcryptfs {

// The characters that `size` bytes take.
constexpr std::size_t base64url_size(std::size_t size) {
    constexpr std::size_t bytes_in_group = 3;
    constexpr std::size_t characters_in_group = 4;
    return (size * characters_in_group + bytes_in_group - 1) / bytes_in_group;
}

// The text for these bytes.  Not for secrets: the text is not wiped.
std::string to_base64url(Bytes bytes);

// The bytes of a text, or nothing when to_base64url() never gives that text:
// another character, a length that no bytes have, unused bits that are not zero.
std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_BASE64URL_H

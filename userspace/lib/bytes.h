// SPDX-License-Identifier: GPL-2.0-or-later
// Byte ranges, and their hexadecimal text.
#ifndef DCRYPTFS_LIB_BYTES_H
#define DCRYPTFS_LIB_BYTES_H

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcryptfs {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

// Two lower-case digits for each byte.  Not for secrets: the text is not wiped.
std::string to_hex(Bytes bytes);

// Fills `out` from exactly 2 * out.size() hexadecimal digits of either case.
// Returns false, with `out` unspecified, when the text is anything else.
[[nodiscard]] bool from_hex(std::string_view text, MutableBytes out);

// The characters of a text as bytes, without a terminator.
inline Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// All of the ranges, one after the other.
std::vector<std::uint8_t> concat(std::initializer_list<Bytes> parts);

// Whether every byte is zero; true for an empty range.
inline bool all_zero(Bytes bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_BYTES_H

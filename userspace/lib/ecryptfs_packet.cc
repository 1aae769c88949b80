// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/ecryptfs_packet.h"

#include "kernel/ondisk_ecryptfs.h"
#include "lib/error.h"

namespace dcryptfs {

namespace {

// A length below the first of these is one byte; one that begins with a byte below
// the second has two.  The five bytes of longer ones are nothing eCryptfs writes.
constexpr std::size_t first_of_two = 192;
constexpr std::size_t beyond_two = 224;
constexpr unsigned byte_bits = 8;

struct Length {
    std::size_t value = 0;
    std::size_t bytes = 0;  // that it takes; 0: it is cut, or none
};

Length take_length(Bytes input) {
    if (!input.empty() && input[0] < first_of_two) {
        return {input[0], 1};
    }
    if (input.size() >= 2 && input[0] < beyond_two) {
        return {((input[0] - first_of_two) << byte_bits) + input[1] + first_of_two, 2};
    }
    return {};
}

}  // namespace

EcryptfsPacket take_packet(Bytes input, const std::string& subject) {
    const std::uint8_t tag = input[0];
    const Length length = take_length(input.subspan(1));
    if (length.bytes == 0) {
        fail(Exit::damaged, subject, "damaged: the length of a packet is none or cut off");
    }
    const Bytes body = input.subspan(1 + length.bytes);
    if (length.value > body.size()) {
        fail(Exit::damaged, subject,
             "damaged: a packet (" + packet_name(tag) + ") of " + std::to_string(length.value) +
                 " bytes, of which " + std::to_string(body.size()) + " are there");
    }
    return {tag, body.first(length.value), body.subspan(length.value)};
}

std::string packet_name(std::uint8_t tag) {
    switch (tag) {
        case DCRYPT_ECRYPTFS_TAG_1:
            return "tag 1";
        case DCRYPT_ECRYPTFS_TAG_3:
            return "tag 3";
        case DCRYPT_ECRYPTFS_TAG_11:
            return "tag 11";
        case DCRYPT_ECRYPTFS_TAG_70:
            return "tag 70";
        default:
            return "tag byte 0x" + to_hex(Bytes(&tag, 1));
    }
}

std::uint64_t load_be(Bytes bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes) {
        value = (value << byte_bits) | byte;
    }
    return value;
}

}  // namespace dcryptfs

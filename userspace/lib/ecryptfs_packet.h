// SPDX-License-Identifier: GPL-2.0-or-later
// Packets in the form of OpenPGP (RFC 2440), of which eCryptfs has a few.
#ifndef DCRYPTFS_LIB_ECRYPTFS_PACKET_H
#define DCRYPTFS_LIB_ECRYPTFS_PACKET_H

#include <cstdint>
#include <string>

#include "lib/bytes.h"

namespace dcryptfs {

struct EcryptfsPacket {
    std::uint8_t tag = 0;
    Bytes body;  // refers to the input
    Bytes rest;  // what follows it
};

// The packet at the beginning; `input` has at least one byte.  Throws Error
// (Exit::damaged) with a line about `subject` when it is not whole.
EcryptfsPacket take_packet(Bytes input, const std::string& subject);

// "tag 3", or for what is none of them "tag byte 0x12".
std::string packet_name(std::uint8_t tag);

// An unsigned big-endian integer of bytes.size() (1 to 8) bytes.
std::uint64_t load_be(Bytes bytes);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_ECRYPTFS_PACKET_H

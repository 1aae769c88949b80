// SPDX-License-Identifier: GPL-2.0-or-later
// The parser that the kernel module has for the headers of eCryptfs files.
#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <vector>

#include "fuzz/fuzz.h"

extern "C" {
#include "kernel/format/ecryptfs_header.h"
}

using dcryptfs::fuzz::require;

namespace {

void check_written(const dcrypt_ecryptfs_packet& packet) {
    std::array<std::uint8_t, DCRYPT_ECRYPTFS_EXTENT_SIZE> buffer{};
    dcrypt_ecryptfs_packet again{};
    std::size_t at = 0;
    std::size_t end = 0;

    require(dcrypt_ecryptfs_put_packet(buffer.data(), buffer.size(), &end, &packet) == 0);
    require(dcrypt_ecryptfs_next_packet(buffer.data(), buffer.size(), &at, &again) == 1);
    require(at == end && again.cipher == packet.cipher && again.enc_size == packet.enc_size &&
            again.key_size == packet.key_size);
    require(std::equal(packet.sig, packet.sig + sizeof(packet.sig), again.sig));
    require(std::equal(packet.enc_key, packet.enc_key + packet.enc_size, again.enc_key));
    // What has no room is not written.
    at = 0;
    require(dcrypt_ecryptfs_put_packet(buffer.data(), end, &at, &packet) == -ENOSPC && at == 0);
}

// Each packet from there on; the parser has to come to an end.
void read_packets(const std::vector<std::uint8_t>& header, std::size_t at) {
    for (;;) {
        dcrypt_ecryptfs_packet packet{};
        const std::size_t before = at;
        const int ret = dcrypt_ecryptfs_next_packet(header.data(), header.size(), &at, &packet);

        if (ret == 0 || ret == -EINVAL) {
            return;
        }
        require(ret == 1 || ret == -EOPNOTSUPP);
        require(at > before && at <= header.size());
        if (ret == 1) {
            require(packet.enc_size <= sizeof(packet.enc_key) && packet.key_size != 0 &&
                    packet.key_size <= packet.enc_size);
            check_written(packet);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Of just this size, so that a byte too many is seen.
    const std::vector<std::uint8_t> header(data, data + size);
    dcrypt_ecryptfs_fields fields{};
    std::size_t length = 0;
    std::size_t at = size > 0 ? data[0] : 0;

    if (dcrypt_ecryptfs_get_length(header.data(), header.size(), &at, &length) == 0) {
        require(at <= header.size() && length <= header.size() - at);
    }
    // Also what no file has in front of it.
    read_packets(header, 0);
    if (dcrypt_ecryptfs_parse_fields(header.data(), header.size(), &fields) == 0) {
        std::array<std::uint8_t, sizeof(dcrypt_ecryptfs_header)> buffer{};
        dcrypt_ecryptfs_fields again{};

        require(fields.packets <= header.size());
        read_packets(header, fields.packets);
        if (fields.version != 0 && fields.data_start % DCRYPT_ECRYPTFS_EXTENT_SIZE == 0 &&
            fields.data_start / DCRYPT_ECRYPTFS_EXTENT_SIZE <= UINT16_MAX) {
            dcrypt_ecryptfs_put_fields(buffer.data(), &fields);
            require(dcrypt_ecryptfs_parse_fields(buffer.data(), buffer.size(), &again) == 0);
            require(again.size == fields.size && again.data_start == fields.data_start &&
                    again.flags == fields.flags && again.version == fields.version);
        }
    }
    return 0;
}

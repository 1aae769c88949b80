// SPDX-License-Identifier: GPL-2.0-or-later
// Argon2id (RFC 9106), by libargon2.
#ifndef DCRYPTFS_LIB_ARGON2_H
#define DCRYPTFS_LIB_ARGON2_H

#include <cstddef>
#include <cstdint>

#include "lib/bytes.h"
#include "lib/secret.h"

namespace dcryptfs {

// The cost of Argon2id, version 1.3.
struct Argon2Cost {
    std::uint64_t memory = 0;  // KiB
    std::uint64_t passes = 0;
    std::uint64_t lanes = 0;
};

// What this program is ready to compute: memory in min_memory..max_memory KiB, passes
// in 1..max_passes, lanes in 1..max_lanes, and no more than max_work of memory * passes.
inline constexpr std::uint64_t argon2_min_memory = std::uint64_t{8} * 1024;
inline constexpr std::uint64_t argon2_max_memory = std::uint64_t{4} * 1024 * 1024;
inline constexpr std::uint64_t argon2_max_passes = 1024;
inline constexpr std::uint64_t argon2_max_lanes = 16;
inline constexpr std::uint64_t argon2_max_work = std::uint64_t{16} * 1024 * 1024;

// What new slots have.
inline constexpr std::uint64_t argon2_default_lanes = 4;

// Why the cost is outside the limits above, or nullptr when it is inside.
const char* argon2_cost_problem(const Argon2Cost& cost);

// `size` bytes of Argon2id.  The cost has to be inside the limits.  Throws
// std::bad_alloc when there is not the memory, Error for anything else.
Secret argon2id(Bytes passphrase, Bytes salt, const Argon2Cost& cost, std::size_t size);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_ARGON2_H

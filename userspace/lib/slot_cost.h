// SPDX-License-Identifier: GPL-2.0-or-later
// The key derivation of a key slot, whichever function it is: what it costs, what it
// may cost, and what a new slot is to cost.
#ifndef DCRYPTFS_LIB_SLOT_COST_H
#define DCRYPTFS_LIB_SLOT_COST_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "lib/argon2.h"
#include "lib/kdf.h"

namespace dcryptfs {

using SlotCost = std::variant<ScryptCost, Argon2Cost>;

// The salt of either function, bytes.
inline constexpr std::size_t slot_salt_size = scrypt_salt_size;

inline constexpr std::string_view scrypt_name = "scrypt";
inline constexpr std::string_view argon2id_name = "argon2id";

// "scrypt" or "argon2id".
std::string_view slot_cost_name(const SlotCost& cost);

// For people: "scrypt, n=1024 r=8 p=1".
std::string describe(const SlotCost& cost);

// The memory that the function takes, in KiB.
std::uint64_t slot_cost_memory(const SlotCost& cost);

// Whether it is below what a new slot gets on a machine that is slow or small today.
bool is_weak(const SlotCost& cost);

// The key that a slot wraps the volume key under.  Throws std::bad_alloc when there is
// not the memory.
Secret derive_wrap_key(Bytes secret, Bytes salt, const SlotCost& cost);

// The memory that the kernel says is available, and lets this process have (RLIMIT_AS), in
// KiB, or nothing when it says nothing.
std::optional<std::uint64_t> available_memory();

// Why the function can't be run here and now, or nothing.  `available` is what
// available_memory() says.
std::optional<std::string> memory_problem(const SlotCost& cost,
                                          std::optional<std::uint64_t> available);

// What a user asked for, of Argon2id.
struct Argon2Wish {
    std::optional<std::uint64_t> memory;  // KiB
    std::optional<std::uint64_t> passes;
};

// The seconds that a run of Argon2id takes.
using Argon2Timer = std::function<double(const Argon2Cost&)>;
double time_argon2id(const Argon2Cost& cost);

// The cost that takes about a second, as far as the wish leaves it open: within half of
// the available memory and 1 GiB, but not below 64 MiB and three passes unless the memory
// is.  Measures only if something is left open.
Argon2Cost calibrate_argon2id(const Argon2Wish& wish, std::optional<std::uint64_t> available,
                              const Argon2Timer& timer);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_SLOT_COST_H

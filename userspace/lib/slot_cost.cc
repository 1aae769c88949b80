// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/slot_cost.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <sstream>

#include "lib/error.h"
#include "lib/text_file.h"

namespace dcryptfs {

namespace {

constexpr std::uint64_t bytes_per_kib = 1024;
constexpr std::uint64_t kib_per_mib = 1024;

// The least that a new slot gets, if the memory is there: the second recommendation of
// RFC 9106.
constexpr std::uint64_t usual_memory = 64 * kib_per_mib;
constexpr std::uint64_t usual_passes = 3;

// More than this is no help to who has to type the passphrase on another machine.
constexpr std::uint64_t highest_memory = 1024 * kib_per_mib;

std::string mib(std::uint64_t kib) {
    return std::to_string(kib / kib_per_mib) + " MiB";
}

std::uint64_t memory_limit(std::optional<std::uint64_t> available) {
    const std::uint64_t half = available ? *available / 2 : usual_memory;
    return std::clamp(half, argon2_min_memory, highest_memory);
}

std::optional<std::uint64_t> machine_memory() {
    try {
        std::istringstream lines(read_text_file("/proc/meminfo"));
        std::string line;
        while (std::getline(lines, line)) {
            std::istringstream words(line);
            std::string name;
            std::uint64_t kib = 0;
            if (words >> name >> kib && name == "MemAvailable:") {
                return kib;
            }
        }
    } catch (const Error&) {
        // No /proc is no reason not to open a volume.
    }
    return std::nullopt;
}

}  // namespace

std::string_view slot_cost_name(const SlotCost& cost) {
    return std::holds_alternative<ScryptCost>(cost) ? scrypt_name : argon2id_name;
}

std::string describe(const SlotCost& cost) {
    std::ostringstream text;
    text << slot_cost_name(cost);
    if (const auto* const scrypt_cost = std::get_if<ScryptCost>(&cost)) {
        text << ", n=" << scrypt_cost->n << " r=" << scrypt_cost->r << " p=" << scrypt_cost->p;
    } else {
        const auto& argon2 = std::get<Argon2Cost>(cost);
        text << ", memory=" << argon2.memory << " passes=" << argon2.passes
             << " lanes=" << argon2.lanes;
    }
    return text.str();
}

std::uint64_t slot_cost_memory(const SlotCost& cost) {
    if (const auto* const scrypt_cost = std::get_if<ScryptCost>(&cost)) {
        constexpr std::uint64_t n_and_r_per_kib = 8;
        return scrypt_cost->n * scrypt_cost->r / n_and_r_per_kib;
    }
    return std::get<Argon2Cost>(cost).memory;
}

bool is_weak(const SlotCost& cost) {
    if (const auto* const scrypt_cost = std::get_if<ScryptCost>(&cost)) {
        return scrypt_cost->n * scrypt_cost->r <
               (std::uint64_t{1} << scrypt_default_log2n) * scrypt_default_r;
    }
    const auto& argon2 = std::get<Argon2Cost>(cost);
    return argon2.memory * argon2.passes < usual_memory * usual_passes;
}

Secret derive_wrap_key(Bytes secret, Bytes salt, const SlotCost& cost) {
    if (const auto* const scrypt_cost = std::get_if<ScryptCost>(&cost)) {
        return scrypt(secret, salt, *scrypt_cost, wrap_key_size);
    }
    return argon2id(secret, salt, std::get<Argon2Cost>(cost), wrap_key_size);
}

std::optional<std::uint64_t> available_memory() {
    std::optional<std::uint64_t> available = machine_memory();
    rlimit limit{};
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        const std::uint64_t allowed = limit.rlim_cur / bytes_per_kib;
        available = std::min(available.value_or(allowed), allowed);
    }
    return available;
}

std::optional<std::string> memory_problem(const SlotCost& cost,
                                          std::optional<std::uint64_t> available) {
    const std::uint64_t needed = slot_cost_memory(cost);
    if (!available || needed <= *available) {
        return std::nullopt;
    }
    return "its key derivation takes " + mib(needed) + " of memory, and only " + mib(*available) +
           " are available";
}

double time_argon2id(const Argon2Cost& cost) {
    const ByteArray<slot_salt_size> salt{};
    const auto start = std::chrono::steady_clock::now();
    (void)argon2id(as_bytes("how long does this take?"), salt, cost, wrap_key_size);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Argon2Cost calibrate_argon2id(const Argon2Wish& wish, std::optional<std::uint64_t> available,
                              const Argon2Timer& timer) {
    Argon2Cost cost{wish.memory.value_or(0), wish.passes.value_or(0), argon2_default_lanes};
    if (wish.memory && wish.passes) {
        return cost;
    }
    const std::uint64_t limit = memory_limit(available);
    // Twice, as the first run finds cold caches and a CPU that sleeps.
    const Argon2Cost probe{std::min(usual_memory, limit), 1, argon2_default_lanes};
    constexpr double shortest = 1e-6;
    const double seconds = std::max(std::min(timer(probe), timer(probe)), shortest);
    const double second_of_work = static_cast<double>(probe.memory) / seconds;
    const auto work =
        static_cast<std::uint64_t>(std::min(second_of_work, static_cast<double>(argon2_max_work)));
    if (!wish.memory) {
        const std::uint64_t most =
            std::min(limit, argon2_max_work / std::max<std::uint64_t>(wish.passes.value_or(1), 1));
        const std::uint64_t wanted = work / wish.passes.value_or(usual_passes);
        cost.memory = std::max(std::min(std::max(wanted, usual_memory), most), argon2_min_memory);
        cost.memory -= cost.memory % kib_per_mib;
    }
    if (!wish.passes) {
        const std::uint64_t least = wish.memory ? 1 : usual_passes;
        const std::uint64_t memory = std::max<std::uint64_t>(cost.memory, 1);
        const std::uint64_t most = std::min(argon2_max_passes, argon2_max_work / memory);
        cost.passes = std::max<std::uint64_t>(std::min(std::max(work / memory, least), most), 1);
    }
    return cost;
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/command.h"

namespace dcryptfs {

namespace {

constexpr std::uint64_t kib_per_mib = 1024;
constexpr const char* kdf_option = "--kdf";
constexpr const char* memory_option = "--kdf-memory";
constexpr const char* time_option = "--kdf-time";

bool is_scrypt(const CostOptions& options) {
    return options.scrypt_log2n || options.kdf == scrypt_name;
}

Argon2Wish wish_of(const CostOptions& options) {
    Argon2Wish wish{std::nullopt, options.time};
    if (options.memory) {
        wish.memory = *options.memory * kib_per_mib;
    }
    return wish;
}

void check_scrypt(const CostOptions& options) {
    if (options.memory) {
        fail(Exit::usage, memory_option,
             "the memory of scrypt follows from its time: give --kdf-time N, which takes "
             "2^(N-10) MiB");
    }
    if (options.time &&
        (*options.time < scrypt_min_log2n || *options.time > scrypt_max_log2n_at_r8)) {
        fail(Exit::usage, time_option,
             "of scrypt it is the base-2 logarithm of n, from " + std::to_string(scrypt_min_log2n) +
                 " to " + std::to_string(scrypt_max_log2n_at_r8));
    }
}

void check_argon2id(const CostOptions& options) {
    // What is left open will be something that fits.
    const Argon2Cost cost{wish_of(options).memory.value_or(argon2_min_memory),
                          options.time.value_or(1), argon2_default_lanes};
    if (const char* const problem = argon2_cost_problem(cost)) {
        std::string subject = options.memory ? memory_option : "";
        subject += options.memory && options.time ? ", " : "";
        subject += options.time ? time_option : "";
        fail(Exit::usage, subject, problem);
    }
}

}  // namespace

void add_cost_options(CLI::App& app, CostOptions& options) {
    options.kdf = argon2id_name;
    app.add_option(kdf_option, options.kdf,
                   "What makes a guess at the secret slow: argon2id, or scrypt")
        ->type_name("argon2id|scrypt")
        ->capture_default_str();
    app.add_option(memory_option, options.memory,
                   "The memory a guess takes, of argon2id, in MiB (default: by this machine)")
        ->type_name("MIB")
        ->check(CLI::Range(std::uint64_t{1}, argon2_max_memory / kib_per_mib));
    app.add_option(time_option, options.time,
                   "The passes over it (default: those of about a second); of scrypt, the base-2 "
                   "logarithm of n (default: 17)")
        ->type_name("N")
        ->check(CLI::Range(std::uint64_t{1}, argon2_max_passes));
}

void check_cost_options(const CostOptions& options) {
    if (options.kdf != scrypt_name && options.kdf != argon2id_name) {
        fail(Exit::usage, kdf_option,
             "unknown value " + printable(options.kdf) + " (known: argon2id, scrypt)");
    }
    if (is_scrypt(options)) {
        check_scrypt(options);
    } else {
        check_argon2id(options);
    }
}

SlotCost choose_cost(const CostOptions& options) {
    SlotCost cost;
    const auto available = available_memory();
    if (is_scrypt(options)) {
        const std::uint64_t log2n =
            options.scrypt_log2n.value_or(options.time.value_or(scrypt_default_log2n));
        cost = ScryptCost{std::uint64_t{1} << log2n, scrypt_default_r, scrypt_default_p};
    } else {
        cost = calibrate_argon2id(wish_of(options), available, time_argon2id);
    }
    if (const auto problem = memory_problem(cost, available)) {
        fail(Exit::failure, describe(cost), *problem + "; give a lower cost");
    }
    return cost;
}

}  // namespace dcryptfs

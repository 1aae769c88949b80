// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/slot_cost.h"

#include <catch2/catch.hpp>

#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

constexpr std::uint64_t mib = 1024;

// A machine that does so many MiB in a pass a second.
Argon2Timer machine(double mib_per_second) {
    return [=](const Argon2Cost& cost) {
        return static_cast<double>(cost.memory * cost.passes) / (mib_per_second * mib);
    };
}

std::string calibrated(const Argon2Wish& wish, std::optional<std::uint64_t> available,
                       double mib_per_second) {
    const Argon2Cost cost = calibrate_argon2id(wish, available, machine(mib_per_second));
    CHECK(argon2_cost_problem(cost) == nullptr);
    CHECK(cost.lanes == argon2_default_lanes);
    return std::to_string(cost.memory / mib) + " MiB " + std::to_string(cost.passes);
}

}  // namespace

TEST_CASE("Argon2id gives the known answers", "[kdf]") {
    // From Python's "cryptography" package, which has OpenSSL's.
    const auto answer = [](std::string_view salt, Argon2Cost cost) {
        return to_hex(argon2id(as_bytes("password"), as_bytes(salt), cost, 32).bytes());
    };
    CHECK(answer("somesalt", {65536, 2, 1}) ==
          "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
    CHECK(answer("0123456789abcdef", {8192, 3, 4}) ==
          "ac98726242bb17878fc037aa1912140fbbe62e574eecb8f4ddfdef3ee64101fc");
}

TEST_CASE("absurd costs of Argon2id are refused", "[kdf]") {
    CHECK(argon2_cost_problem({8 * mib, 1, 1}) == nullptr);
    CHECK(argon2_cost_problem({4096 * mib, 4, 16}) == nullptr);
    CHECK(argon2_cost_problem({16 * mib, 1024, 4}) == nullptr);
    CHECK(argon2_cost_problem({8 * mib - 1, 1, 1}) != nullptr);
    CHECK(argon2_cost_problem({0, 1, 1}) != nullptr);
    CHECK(argon2_cost_problem({4096 * mib + 1, 1, 1}) != nullptr);
    CHECK(argon2_cost_problem({~std::uint64_t{0}, 1, 1}) != nullptr);
    CHECK(argon2_cost_problem({8 * mib, 0, 1}) != nullptr);
    CHECK(argon2_cost_problem({8 * mib, 1025, 1}) != nullptr);
    CHECK(argon2_cost_problem({8 * mib, ~std::uint64_t{0}, 1}) != nullptr);
    CHECK(argon2_cost_problem({8 * mib, 1, 0}) != nullptr);
    CHECK(argon2_cost_problem({8 * mib, 1, 17}) != nullptr);
    CHECK(argon2_cost_problem({4096 * mib, 5, 4}) != nullptr);
}

TEST_CASE("a cost of about a second is found, within the memory there is", "[kdf]") {
    const std::uint64_t much = 65536 * mib;
    // Three passes over what fits into a second,
    CHECK(calibrated({}, much, 900) == "300 MiB 3");
    // more passes where that is limited,
    CHECK(calibrated({}, much, 12000) == "1024 MiB 11");
    CHECK(calibrated({}, 400 * mib, 2000) == "200 MiB 10");
    // never less than is usual for the sake of a slow machine,
    CHECK(calibrated({}, much, 10) == "64 MiB 3");
    // but for that of a small one.
    CHECK(calibrated({}, 64 * mib, 64) == "32 MiB 3");
    CHECK(calibrated({}, 1 * mib, 1000) == "8 MiB 125");
    CHECK(calibrated({}, 0, 1000000) == "8 MiB 1024");
    CHECK(calibrated({}, std::nullopt, 1000) == "64 MiB 15");
    CHECK(calibrated({}, much, 1e12) == "1024 MiB 16");
}

TEST_CASE("what is asked for is taken, and the rest found", "[kdf]") {
    const std::uint64_t much = 65536 * mib;
    CHECK(calibrated({256 * mib, {}}, much, 1000) == "256 MiB 3");
    CHECK(calibrated({2048 * mib, {}}, much, 1000) == "2048 MiB 1");
    CHECK(calibrated({{}, 10}, much, 1000) == "100 MiB 10");
    CHECK(calibrated({{}, 1}, much, 1000) == "1000 MiB 1");
    CHECK(calibrated({{}, 1024}, much, 1000) == "16 MiB 1024");
    const auto untimed = [](const Argon2Cost&) -> double {
        FAIL("nothing is to be measured");
        return 0;
    };
    const Argon2Cost cost = calibrate_argon2id({16 * mib, 2}, much, untimed);
    CHECK(describe(SlotCost(cost)) == "argon2id, memory=16384 passes=2 lanes=4");
}

TEST_CASE("a function that takes more memory than there is, is not run", "[kdf]") {
    const SlotCost argon2 = Argon2Cost{64 * mib, 1, 1};
    const SlotCost of_scrypt = ScryptCost{1024, 8, 1};
    CHECK(slot_cost_memory(argon2) == 64 * mib);
    CHECK(slot_cost_memory(of_scrypt) == mib);
    CHECK_FALSE(memory_problem(argon2, 64 * mib).has_value());
    CHECK_FALSE(memory_problem(argon2, std::nullopt).has_value());
    CHECK_THAT(*memory_problem(argon2, 63 * mib),
               Contains("takes 64 MiB of memory, and only 63 MiB are available"));
    CHECK(memory_problem(of_scrypt, mib - 1).has_value());
    CHECK(available_memory().value_or(0) > 0);
}

TEST_CASE("a cost below what is usual is weak", "[kdf]") {
    CHECK(is_weak(ScryptCost{std::uint64_t{1} << 16U, 8, 1}));
    CHECK_FALSE(is_weak(ScryptCost{std::uint64_t{1} << 17U, 8, 1}));
    CHECK(is_weak(Argon2Cost{64 * mib, 2, 4}));
    CHECK_FALSE(is_weak(Argon2Cost{64 * mib, 3, 4}));
    CHECK_FALSE(is_weak(Argon2Cost{192 * mib, 1, 4}));
}

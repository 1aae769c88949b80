// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/safety.h"

#include <catch2/catch.hpp>

#include "testing/files.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;
using Catch::Matchers::Contains;

TEST_CASE("the CPU's instructions for AES", "[safety]") {
    CHECK(has_aes_instructions("processor\t: 0\nflags\t\t: fpu aes avx\n"));
    CHECK(has_aes_instructions("flags\t\t: fpu aes\n"));
    CHECK(has_aes_instructions("Features\t: fp asimd aes pmull\n"));
    CHECK_FALSE(
        has_aes_instructions("flags\t\t: fpu vaes aesx\nmodel name\t: all the aes of it\n"));
    CHECK_FALSE(has_aes_instructions(""));
}

TEST_CASE("cipher drivers in plain C", "[safety]") {
    CHECK_FALSE(driver_problem("xts-aes-aesni", true));
    CHECK_FALSE(driver_problem("cbc-blowfish-asm", false));
    CHECK_FALSE(driver_problem("", true));
    for (const char* const driver : {"xts(ecb(aes-generic))", "cbc(aes-fixed-time)"}) {
        CHECK_THAT(driver_problem(driver, true).value(),
                   Contains(driver) && Contains("has instructions for AES: "));
        CHECK_THAT(driver_problem(driver, false).value(), Contains("has no instructions for AES"));
    }
    CHECK(driver_problem("cbc(cast5-generic)", true) ==
          "its cipher driver cbc(cast5-generic) is plain C, which is slow");
}

TEST_CASE("weak slots are those in which a passphrase is cheap to guess", "[safety]") {
    Slot slot;
    slot.id = 3;
    slot.type = SlotType::passphrase;
    constexpr std::uint64_t usual_n = 131072;
    slot.cost = ScryptCost{usual_n, 8, 1};
    CHECK_FALSE(is_weak(slot));
    slot.cost = ScryptCost{usual_n / 2, 8, 1};
    CHECK(is_weak(slot));
    CHECK_THAT(weak_slot_problem(slot, "/a b\n"),
               Contains("slot 3 is weak (scrypt, n=65536 r=8 p=1)") &&
                   Contains("dcryptfs slot change /a b\\x0a makes"));
    slot.type = SlotType::key_file;
    CHECK_FALSE(is_weak(slot));
    slot.type = SlotType::passphrase;
    constexpr std::uint64_t usual_memory = 65536;
    slot.cost = Argon2Cost{usual_memory, 3, 4};
    CHECK_FALSE(is_weak(slot));
    slot.cost = Argon2Cost{usual_memory, 2, 4};
    CHECK(is_weak(slot));
}

TEST_CASE("direct I/O below, by what was moved", "[safety]") {
    CHECK(moved_directly({}) == std::nullopt);
    CHECK(moved_directly({{"lower_direct", 0}, {"lower_buffered", 0}}) == std::nullopt);
    CHECK(moved_directly({{"lower_direct", 0}, {"lower_buffered", 1}}) == false);
    // Files can be such that single ones are not moved directly.
    CHECK(moved_directly({{"lower_direct", 1}, {"lower_buffered", 1}}) == true);
}

TEST_CASE("direct I/O of a filesystem", "[safety]") {
    const TempDir dir;
    CHECK(takes_direct_io(dir / "nothing") == std::nullopt);
    // Of what has no direct I/O at all there is one everywhere.
    CHECK(takes_direct_io("/proc/self/status") == false);
}

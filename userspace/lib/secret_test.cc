// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/secret.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "testing/munmap_spy.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

constexpr std::uint8_t filler = 0xa5;

Secret filled(std::size_t size) {
    Secret secret(size);
    std::fill(secret.bytes().begin(), secret.bytes().end(), filler);
    return secret;
}

// The VmFlags of the mapping that starts at the address (see proc(5)).
std::string mapping_flags(const void* address) {
    std::ostringstream start;
    start << std::hex << reinterpret_cast<std::uintptr_t>(address) << "-";
    std::ifstream smaps("/proc/self/smaps");
    std::string line;
    bool inside = false;
    while (std::getline(smaps, line)) {
        inside = inside || line.starts_with(start.str());
        if (inside && line.starts_with("VmFlags:")) {
            return line;
        }
    }
    return "";
}

}  // namespace

TEST_CASE("a secret is wiped before its memory is given back", "[secret]") {
    const void* address = nullptr;
    {
        const Secret secret = filled(100);
        address = secret.data();
        REQUIRE(secret.data()[99] == filler);
    }
    CHECK(last_unmapped().address == address);
    CHECK(last_unmapped().size >= 100);
    CHECK(last_unmapped().all_zero);
}

TEST_CASE("a secret of many pages is wiped to its end", "[secret]") {
    const void* address = nullptr;
    {
        const Secret secret = filled(3 * 4096 + 1);
        address = secret.data();
    }
    CHECK(last_unmapped().address == address);
    CHECK(last_unmapped().size == std::size_t{4} * 4096);
    CHECK(last_unmapped().all_zero);
}

TEST_CASE("assignment wipes what was there", "[secret]") {
    Secret secret = filled(64);
    const void* const old = secret.data();
    secret = Secret(8);
    CHECK(last_unmapped().address == old);
    CHECK(last_unmapped().all_zero);
    CHECK(secret.size() == 8);
    CHECK(all_zero(secret.bytes()));
}

TEST_CASE("moving leaves no copy", "[secret]") {
    Secret from = filled(64);
    const std::uint8_t* const address = from.data();
    const Secret to = std::move(from);
    CHECK(to.data() == address);
    CHECK(to.size() == 64);
    // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): it is empty
    CHECK((from.empty() && from.data() == nullptr));
}

TEST_CASE("shrinking wipes the rest", "[secret]") {
    Secret secret = filled(64);
    secret.shrink(10);
    CHECK(secret.size() == 10);
    CHECK(secret.data()[9] == filler);
    CHECK(all_zero({secret.data() + 10, 54}));
}

TEST_CASE("a secret is locked in memory and left out of dumps and children", "[secret]") {
    const Secret secret(10);
    const std::string flags = mapping_flags(secret.data());
    if (flags.empty()) {
        WARN("no /proc/self/smaps here: not checked");
        return;
    }
    CAPTURE(flags);
    CHECK(flags.find(" dd") != std::string::npos);  // MADV_DONTDUMP
    CHECK(flags.find(" dc") != std::string::npos);  // MADV_DONTFORK
#ifndef __SANITIZE_ADDRESS__                        // which turns mlock(2) into nothing
    CHECK(flags.find(" lo") != std::string::npos);
#endif
}

TEST_CASE("secrets compare by content and size", "[secret]") {
    CHECK(equal_constant_time(as_bytes("abc"), as_bytes("abc")));
    CHECK_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("abd")));
    CHECK_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("ab")));
    CHECK(equal_constant_time({}, {}));
}

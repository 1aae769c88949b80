// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/fs_context.h"

#include <catch2/catch.hpp>

using namespace dcryptfs;

TEST_CASE("the kernel's messages are stripped to their text", "[fs_context]") {
    CHECK(strip_kernel_message("e dcryptfs: Unknown parameter 'foo'") == "Unknown parameter 'foo'");
    CHECK(strip_kernel_message("w plain\n") == "plain");
    CHECK(strip_kernel_message("e a\nb") == "a\\x0ab");
    CHECK(strip_kernel_message("").empty());
}

TEST_CASE("well-known errors come with a way out", "[fs_context]") {
    CHECK(mount_hint(ENODEV).find("modprobe dcryptfs") != std::string::npos);
    CHECK(mount_hint(ENOKEY).find("dcryptfs unlock") != std::string::npos);
    CHECK(mount_hint(EINVAL).empty());
}

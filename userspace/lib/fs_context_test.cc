// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/fs_context.h"

#include <catch2/catch.hpp>

using namespace dcryptfs;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

TEST_CASE("the kernel's messages are stripped to their text", "[fs_context]") {
    CHECK(strip_kernel_message("e dcryptfs: Unknown parameter 'foo'") == "Unknown parameter 'foo'");
    CHECK(strip_kernel_message("w plain\n") == "plain");
    CHECK(strip_kernel_message("e a\nb") == "a\\x0ab");
    CHECK(strip_kernel_message("").empty());
}

TEST_CASE("an error that the kernel gives no reason for is named, with a way out", "[fs_context]") {
    CHECK_THAT(mount_reason(ENODEV),
               StartsWith("No such device (") && Contains("modprobe dcryptfs"));
    CHECK_THAT(mount_reason(EPERM), Contains("mounting is for root"));
    CHECK(mount_reason(EINVAL) == "Invalid argument");
    // From a target that is a circle of links.
    CHECK(mount_reason(ELOOP) == "Too many levels of symbolic links");
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/mountinfo.h"

#include <catch2/catch.hpp>

using namespace dcryptfs;

TEST_CASE("dcryptfs mounts are picked out of mountinfo", "[mountinfo]") {
    const auto mounts = parse_mountinfo(
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
        "40 22 0:50 / /mnt/a\\040b rw,nosuid - dcryptfs /srv/x\\134y "
        "rw,key=8397bfbfe3b46468205771041b4eaaad,cipher=aes-256-xts,names=plain\n"
        "41 22 0:51 / /mnt/c ro shared:7 master:2 - dcryptfs /srv/z ro\n"
        "a broken line\n"
        "42 22 0:52 / /mnt/d rw\n");
    REQUIRE(mounts.size() == 2);
    CHECK(mounts[0].source == "/srv/x\\y");
    CHECK(mounts[0].target == "/mnt/a b");
    CHECK(mounts[0].device == "0:50");
    CHECK(mounts[0].mount_options == "rw,nosuid");
    CHECK(option_value(mounts[0].super_options, "cipher") == "aes-256-xts");
    CHECK(option_value(mounts[0].super_options, "key") == "8397bfbfe3b46468205771041b4eaaad");
    CHECK(mounts[1].target == "/mnt/c");
    CHECK(mounts[1].super_options == "ro");
}

TEST_CASE("options are found by their whole name", "[mountinfo]") {
    CHECK(option_value("rw,keys=1,key=2", "key") == "2");
    CHECK(option_value("key=", "key") == "");
    CHECK_FALSE(option_value("key,akey=1", "key").has_value());
    CHECK_FALSE(option_value("", "key").has_value());
}

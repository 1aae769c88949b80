// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/mount_stats.h"

#include <catch2/catch.hpp>

#include "lib/error.h"
#include "testing/files.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

TEST_CASE("bytes are said in the unit that fits", "[mount_stats]") {
    CHECK(human_bytes(0) == "0 B");
    CHECK(human_bytes(1023) == "1023 B");
    CHECK(human_bytes(1024) == "1.0 KiB");
    CHECK(human_bytes(1536) == "1.5 KiB");
    CHECK(human_bytes(1048575) == "1.0 MiB");
    CHECK(human_bytes(std::uint64_t{3} << 40U) == "3.0 TiB");
    CHECK(human_bytes(~std::uint64_t{0}) == "16.0 EiB");
}

TEST_CASE("a mount's counters are read and described", "[mount_stats]") {
    const TempDir dir;
    write_file(dir / "direct_read", "4096\n");
    write_file(dir / "lower_direct", "1048576\n");
    write_file(dir / "bounce_waits", "1\n");
    write_file(dir / "queued_runs", "2\n");
    write_file(dir / "queued_ns", "30000\n");
    write_file(dir / "names_skipped", "5\n");
    write_file(dir / "uevent", "no number\n");
    MountStats stats = read_mount_stats(dir.path());
    CHECK(stats.size() == 6);
    const std::string workers =
        "workers: went on with 2 pieces of requests, 15 us after the disk was done with it on "
        "average";
    CHECK(describe(stats) ==
          std::vector<std::string>{
              "direct I/O: 4.0 KiB read, 0 B written",
              "through the cache: 0 B read, 0 B written",
              "below: 1.0 MiB, all of it direct",
              "blocks read and written again because a write covered a part: 0",
              "memory for data on its way: 0 B now, 0 B at most, limit 0 B; waited for 1 time",
              workers,
              "entries not shown because their names are not this volume's: 5",
          });
    stats["lower_buffered"] = 10;
    CHECK(describe(stats)[2] ==
          "below: 1.0 MiB direct, 10 B through the lower filesystem's own cache");
    CHECK(describe({})[5] == "workers: none had to go on with a request");
    CHECK_THROWS_AS(read_mount_stats(dir.path() + "/none"), Error);
}

TEST_CASE("a mount is locked if the module says so", "[mount_stats]") {
    CHECK(is_locked({{"locked", 1}}) == true);
    CHECK(is_locked({{"locked", 0}}) == false);
    CHECK_FALSE(is_locked({{"direct_read", 1}}).has_value());
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/mounted.h"

#include <catch2/catch.hpp>

using namespace dcryptfs;

namespace {

constexpr KeyId key_id = {0x83, 0x97, 0xbf, 0xbf, 0xe3, 0xb4, 0x64, 0x68,
                          0x20, 0x57, 0x71, 0x04, 0x1b, 0x4e, 0xaa, 0xad};

bool is_mounted(const std::string& source, const std::string& options) {
    return find_mount({{"/other", "/a", "0:1", "rw", "rw"}, {source, "/b", "0:2", "rw", options}},
                      "/srv/lower", key_id)
        .has_value();
}

}  // namespace

TEST_CASE("a volume is mounted by its directory or with its key", "[mounted]") {
    CHECK(is_mounted("/srv/lower", "rw"));
    CHECK(is_mounted("/srv", "rw"));
    CHECK(is_mounted("/srv/lower/d", "rw"));
    CHECK(is_mounted("/else", "rw,key=8397bfbfe3b46468205771041b4eaaad"));
    CHECK_FALSE(is_mounted("/else", "rw,key=0397bfbfe3b46468205771041b4eaaad"));
    CHECK_FALSE(is_mounted("/srv/lower2", "rw"));
    CHECK_FALSE(is_mounted("lower", "rw"));
}

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

TEST_CASE("the mount of a path is the innermost on its device", "[mounted]") {
    const std::vector<Mount> mounts = {{"/l", "/mnt", "0:2", "rw", "rw"},
                                       {"/k", "/mnt/d", "0:3", "rw", "rw"},
                                       {"/l", "/mnt/d/e", "0:2", "ro", "rw"},
                                       {"/l", "/srv", "0:2", "rw", "rw"}};
    const auto target = [&](const char* device, const std::string& path) {
        const auto found = find_mount_on(mounts, device, path);
        return found ? found->target : "none";
    };
    CHECK(target("0:2", "/mnt") == "/mnt");
    CHECK(target("0:2", "/mnt/d/e/f") == "/mnt/d/e");
    CHECK(target("0:3", "/mnt/d/x") == "/mnt/d");
    CHECK(target("0:2", "/srv/x") == "/srv");
    CHECK(target("0:2", "/elsewhere") == "/mnt");
    CHECK(target("0:4", "/mnt") == "none");
}

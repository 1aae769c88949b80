// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/path.h"

#include <catch2/catch.hpp>

using namespace dcryptfs;

TEST_CASE("a path and a name have one slash between them", "[path]") {
    CHECK(join_path("/a", "b") == "/a/b");
    CHECK(join_path("/", "b") == "/b");
    CHECK(join_path("", "b") == "b");
}

TEST_CASE("a path lies in a directory by whole names", "[path]") {
    CHECK(lies_within("/a/b", "/a"));
    CHECK(lies_within("/a", "/a"));
    CHECK(lies_within("/a", "/"));
    CHECK_FALSE(lies_within("/ab", "/a"));
    CHECK_FALSE(lies_within("/a", "/a/b"));
    CHECK_FALSE(lies_within("a", "/a"));
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/path.h"

#include <catch2/catch.hpp>

using namespace dcryptfs;

TEST_CASE("a path and a name have one slash between them", "[path]") {
    CHECK(join_path("/a", "b") == "/a/b");
    CHECK(join_path("/", "b") == "/b");
    CHECK(join_path("", "b") == "b");
}

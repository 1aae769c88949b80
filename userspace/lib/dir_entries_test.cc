// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/dir_entries.h"

#include <catch2/catch.hpp>

#include "testing/errors.h"
#include "testing/files.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

TEST_CASE("the names in a directory come each time anew", "[dir_entries]") {
    const TempDir dir;
    const Fd fd = open_dir(dir.path());
    CHECK(sorted_names(fd, "dir").empty());
    for (const char* const name : {"b", "a", ".hidden", "..."}) {
        write_file(dir / name, "");
    }
    const std::vector<std::string> all = {"...", ".hidden", "a", "b"};
    CHECK(sorted_names(fd, "dir") == all);
    CHECK(sorted_names(fd, "dir") == all);
    int seen = 0;
    for_each_name(fd, "dir", [&](const std::string&) {
        seen++;
        return seen < 2;
    });
    CHECK(seen == 2);
}

TEST_CASE("what has no names in it is an error that names it", "[dir_entries]") {
    const TempDir dir;
    write_file(dir / "file", "");
    const Fd fd = open_at(AT_FDCWD, dir / "file", O_RDONLY, 0, "file");
    CHECK_THAT(error_of([&] { (void)sorted_names(fd, "the file"); }).what(),
               Catch::Matchers::Equals("the file: Not a directory"));
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/symlink.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "testing/errors.h"
#include "testing/files.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

TEST_CASE("the target of a link is read up to a length", "[symlink]") {
    const TempDir dir;
    const Fd fd = open_dir(dir.path());
    std::filesystem::create_symlink("12345", dir / "link");
    CHECK(read_target(fd, "link", 5, "it") == "12345");
    CHECK(read_target(fd, "link", 4095, "it") == "12345");
    CHECK_FALSE(read_target(fd, "none", 5, "it").has_value());
    const Error long_one = error_of([&] { (void)read_target(fd, "link", 4, "it"); });
    CHECK_THAT(long_one.what(),
               Catch::Matchers::Equals("it: damaged: its target is longer than 4 bytes"));
    CHECK(long_one.code() == Exit::damaged);
    write_file(dir / "file", "12345");
    const Error file = error_of([&] { (void)read_target(fd, "file", 5, "it"); });
    CHECK_THAT(file.what(), Catch::Matchers::Equals("it: damaged: not a symbolic link"));
    CHECK(file.code() == Exit::damaged);
    CHECK(error_of([&] { (void)read_target(fd, "file/x", 5, "it"); }).code() == Exit::failure);
}

TEST_CASE("a directory that takes links is left as it was", "[symlink]") {
    const TempDir dir;
    CHECK_NOTHROW(require_symlinks(open_dir(dir.path()), dir.path()));
    CHECK(list_dir(dir.path()).empty());
}

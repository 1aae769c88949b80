// SPDX-License-Identifier: GPL-2.0-or-later
#include "pam/volumes.h"

#include <sys/mount.h>

#include <catch2/catch.hpp>

#include "testing/errors.h"

using namespace dcryptfs;
using dcryptfs::testing::error_of;

namespace {

constexpr std::string_view text =
    "# USER LOWER UPPER OPTIONS\n"
    "\n"
    "alice /srv/a.lower  /home/alice\tro,noexec,suid  # hers\n"
    "alice /srv/second   /home/alice\n"
    "*     /srv/%u/%u.l  /home/%u/Private\n"
    "root  /srv/root     /root/Private\n";

}  // namespace

TEST_CASE("a user's volume is the first line for the user", "[pam]") {
    const auto volume = parse_volumes(text, "alice", false);
    REQUIRE(volume.has_value());
    CHECK(volume->lower == "/srv/a.lower");
    CHECK(volume->upper == "/home/alice");
    CHECK(volume->options.attr_set == (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV));
}

TEST_CASE("a line for all users names them in its paths, and is not for root", "[pam]") {
    const auto volume = parse_volumes(text, "bob", false);
    REQUIRE(volume.has_value());
    CHECK(volume->lower == "/srv/bob/bob.l");
    CHECK(volume->upper == "/home/bob/Private");
    CHECK(volume->options.attr_set == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
    CHECK(parse_volumes(text, "%u", false)->lower == "/srv/%u/%u.l");
    CHECK(parse_volumes(text, "root", true)->lower == "/srv/root");
    CHECK_FALSE(parse_volumes("* /a /b\n", "root", true).has_value());
    for (const std::string name : {"", ".", "..", "../etc"}) {
        CHECK_FALSE(parse_volumes(text, name, false).has_value());
    }
    CHECK_FALSE(parse_volumes("", "bob", false).has_value());
}

TEST_CASE("a line that can't be understood is an error for everybody", "[pam]") {
    for (const std::string line :
         {"bob /a", "bob /a /b ro x", "bob a /b", "bob /a b", "bob /a /b key_file=/k",
          "bob /a /b passphrase_fd=x", "bob /a /b remount"}) {
        CAPTURE(line);
        const Error error =
            error_of([&] { return parse_volumes("carol /c /d\n" + line + "\n", "carol", false); });
        CHECK(std::string(error.what()).find("pam_dcryptfs.conf: line 2: ") != std::string::npos);
    }
}

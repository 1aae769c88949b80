// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/mount_options.h"

#include <sys/mount.h>

#include <catch2/catch.hpp>

#include "testing/errors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

// The flags of a new mount with these options.
std::uint64_t attributes_of(const std::string& options) {
    return parse_mount_options({options}).attr_set;
}

// The flags after a remount of a mount that had `before`.
std::uint64_t remounted(std::uint64_t before, const std::string& options) {
    const MountOptions parsed = parse_mount_options({options});
    return (before & ~parsed.attr_clear) | parsed.attr_set;
}

}  // namespace

TEST_CASE("mount options go to who acts on them", "[mount_options]") {
    const MountOptions options = parse_mount_options(
        {"ro,nosuid,passphrase_file=/p,key=ab", "cipher=c,names=n,x-systemd.automount,comment=hi",
         "foo,bar=baz=1,,defaults,_netdev,nofail,noauto"});
    CHECK(options.secret.passphrase.file == "/p");
    CHECK(options.key == "ab");
    CHECK(options.cipher == "c");
    CHECK(options.names == "n");
    CHECK(options.super_flags == std::vector<std::string>{"ro"});
    CHECK(options.attr_set == (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID));
    CHECK_FALSE(options.remount);
    REQUIRE(options.others.size() == 2);
    CHECK(options.others[0].name == "foo");
    CHECK_FALSE(options.others[0].value.has_value());
    CHECK(options.others[1].name == "bar");
    CHECK(options.others[1].value == "baz=1");
}

TEST_CASE("generic options become attributes of the mount", "[mount_options]") {
    CHECK(attributes_of("") == 0);
    CHECK(attributes_of("defaults") == 0);
    CHECK(attributes_of("nodev,noexec") == (MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
    CHECK(attributes_of("noatime") == MOUNT_ATTR_NOATIME);
    CHECK(attributes_of("strictatime") == MOUNT_ATTR_STRICTATIME);
    CHECK(attributes_of("noatime,relatime") == 0);
    CHECK(attributes_of("noatime,strictatime") == MOUNT_ATTR_STRICTATIME);
    CHECK(attributes_of("nodiratime,noatime") == (MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOATIME));
    CHECK(attributes_of("ro,rw") == 0);
    CHECK(attributes_of("rw,ro") == MOUNT_ATTR_RDONLY);
    CHECK(attributes_of("noexec,exec") == 0);
    CHECK(attributes_of("user") == (MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
    CHECK(attributes_of("user=joe,exec") == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
    CHECK(attributes_of("owner") == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
}

TEST_CASE("a remount changes what it names", "[mount_options]") {
    CHECK(parse_mount_options({"remount,ro"}).remount);
    CHECK(remounted(MOUNT_ATTR_NOSUID, "remount,ro") == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY));
    CHECK(remounted(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, "remount,rw") == MOUNT_ATTR_NOSUID);
    CHECK(remounted(MOUNT_ATTR_NOATIME, "remount,relatime") == 0);
    CHECK(remounted(MOUNT_ATTR_NOATIME, "remount,nodev") ==
          (MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODEV));
    CHECK(parse_mount_options({"remount,noatime"}).attr_clear == MOUNT_ATTR__ATIME);
}

TEST_CASE("mount options that make no sense are usage errors", "[mount_options]") {
    for (const char* const options : {"passphrase_fd=x",
                                      "passphrase_fd=-1",
                                      "passphrase_fd=1x",
                                      "passphrase_fd=",
                                      "passphrase_fd",
                                      "passphrase_file",
                                      "passphrase_file=",
                                      "key",
                                      "cipher=",
                                      "names",
                                      "passphrase_file=a,passphrase_fd=3",
                                      "key_file",
                                      "key_file=",
                                      "passphrase_file=a,key_file=b",
                                      "recovery_code_file=",
                                      "recovery_code_file=a,key_file=b",
                                      "key_file=b,passphrase_fd=3",
                                      "tpm2_pin_file",
                                      "tpm2_pin_file=",
                                      "tpm2,key_file=b",
                                      "tpm2,tpm2_pin_file=p"}) {
        CAPTURE(options);
        CHECK(error_of([&] { parse_mount_options({options}); }).code() == Exit::usage);
    }
    CHECK(parse_mount_options({"key_file=/k"}).secret.key_file == "/k");
    CHECK(parse_mount_options({"tpm2"}).secret.tpm2.is_set);
    CHECK(parse_mount_options({"tpm2_pin_file=/p"}).secret.tpm2.pin_file == "/p");
    CHECK(parse_mount_options({"passphrase_fd=7"}).secret.passphrase.fd == 7);
}

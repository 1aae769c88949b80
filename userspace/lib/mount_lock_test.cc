// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/mount_lock.h"

#include <catch2/catch.hpp>
#include <cerrno>

#include "lib/error.h"
#include "testing/errors.h"
#include "testing/files.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string lock_error(int err) {
    const Error error = error_of([&] { fail_lock("/m\n", err); });
    CHECK(error.code() == Exit::failure);
    CHECK_THAT(error.what(), StartsWith("/m\\x0a: "));
    return error.what();
}

std::string unlock_error(int err, Exit code) {
    const Error error = error_of([&] { fail_unlock("/m", {0x12, 0x34}, err); });
    CHECK(error.code() == code);
    return error.what();
}

constexpr const char* id = "12340000000000000000000000000000";

}  // namespace

TEST_CASE("a directory is locked by what it lies in", "[mount_lock]") {
    constexpr std::uint64_t dcryptfs_magic = 0x64637279;
    constexpr std::uint64_t ecryptfs_magic = 0xf15f;
    constexpr std::uint64_t ext4_magic = 0xef53;
    CHECK(kind_of_dir(dcryptfs_magic, false) == DirKind::mounted);
    CHECK(kind_of_dir(dcryptfs_magic, true) == DirKind::mounted);
    CHECK(kind_of_dir(ecryptfs_magic, false) == DirKind::ecryptfs);
    CHECK(kind_of_dir(ecryptfs_magic, true) == DirKind::below);
    CHECK(kind_of_dir(ext4_magic, false) == DirKind::below);
}

TEST_CASE("a directory elsewhere is in no mount, and takes no request", "[mount_lock]") {
    const TempDir dir;
    CHECK_FALSE(open_mounted(dir.path()).has_value());
    CHECK_THROWS_AS(open_mounted(dir / "none"), Error);
    CHECK(ask_mount(open_dir(dir.path()), LockRequest::lock) == ENOTTY);
    CHECK(ask_mount(open_dir(dir.path()), LockRequest::unlock) == ENOTTY);
}

TEST_CASE("why a mount was not locked, and what to do", "[mount_lock]") {
    CHECK_THAT(lock_error(EPERM), Contains("only root and the owner of its root directory"));
    CHECK_THAT(lock_error(EBUSY), Contains("in use by a device; nothing was locked; try again "
                                           "when the program that does direct I/O"));
    CHECK_THAT(lock_error(EINTR), Contains("interrupted; nothing was changed; run it again"));
    CHECK_THAT(lock_error(ENOTTY), Contains("the module that is loaded") &&
                                       Contains(" is older than this program, " DCRYPTFS_VERSION));
    CHECK_THAT(lock_error(EOPNOTSUPP), Contains("only volumes of dcryptfs can be locked while "
                                                "they are mounted: unmount it"));
    CHECK_THAT(lock_error(ENOMEM), Contains("Cannot allocate memory; nothing was changed"));
    for (const int err : {EIO, ENOSPC, EDQUOT}) {
        CHECK_THAT(lock_error(err),
                   Contains("could not be written below: " + errno_text(err) +
                            "; nothing was locked, and what is cached is kept; ") &&
                       Contains("try again"));
    }
}

TEST_CASE("why a mount was not unlocked, and what to do", "[mount_lock]") {
    for (const int err : {ENOKEY, EKEYREVOKED, EKEYEXPIRED}) {
        CHECK(is_lack_of_key(err));
        CHECK_THAT(unlock_error(err, Exit::no_key),
                   StartsWith("/m: its key " + std::string(id) + " is not in a keyring"));
    }
    CHECK(is_lack_of_key(EKEYREJECTED));
    CHECK_THAT(unlock_error(EKEYREJECTED, Exit::no_key),
               Contains("dcryptfs lock --key-id " + std::string(id)));
    for (const int err : {EPERM, ENOTTY, EOPNOTSUPP, ENOMEM}) {
        CHECK_FALSE(is_lack_of_key(err));
        CHECK(unlock_error(err, Exit::failure).substr(2) == lock_error(err).substr(6));
    }
}

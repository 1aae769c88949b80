// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/migrate.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "lib/fd.h"
#include "lib/inode_flags.h"
#include "lib/path.h"
#include "testing/errors.h"
#include "testing/files.h"
#include "testing/lower_file.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;
namespace fs = std::filesystem;

const MigrateProgress quiet = [](const MigrateCounts&) {};

struct stat info_of(const std::string& path) {
    struct stat info {};
    REQUIRE(lstat(path.c_str(), &info) == 0);
    return info;
}

void set_time(const std::string& path, time_t seconds, long nanoseconds) {
    const std::array<timespec, 2> times = {{{seconds + 1, nanoseconds}, {seconds, nanoseconds}}};
    REQUIRE(utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0);
}

// An old tree with some of everything, and an empty new one.
struct Trees {
    TempDir dir;
    std::string old_dir = dir / "old";
    std::string new_dir = dir / "new";

    Trees() {
        fs::create_directories(old_dir + "/d/e");
        fs::create_directory(new_dir);
        write_file(old_dir + "/empty", "");
        write_file(old_dir + "/file", make_plaintext(1234567));
        write_file(old_dir + "/d/one", "one");
        fs::create_hard_link(old_dir + "/d/one", old_dir + "/d/e/two");
        fs::create_symlink("d/one", old_dir + "/link");
        fs::create_symlink("/nowhere", old_dir + "/d/dangling");
        REQUIRE(mkfifo((old_dir + "/pipe").c_str(), 0600) == 0);
        {
            const Fd holes = open_at(AT_FDCWD, old_dir + "/holes", O_CREAT | O_WRONLY, 0600, "");
            REQUIRE(pwrite(holes.get(), "x", 1, 4 << 20) == 1);
            REQUIRE(ftruncate(holes.get(), 8 << 20) == 0);
        }
        REQUIRE(chmod((old_dir + "/file").c_str(), 04750) == 0);
        REQUIRE(chmod((old_dir + "/d/e").c_str(), 0555) == 0);
        if (geteuid() == 0) {
            REQUIRE(lchown((old_dir + "/file").c_str(), 12, 34) == 0);
            REQUIRE(chmod((old_dir + "/file").c_str(), 04750) == 0);
            REQUIRE(lchown((old_dir + "/link").c_str(), 12, 34) == 0);
        }
        set_time(old_dir + "/file", 1000000000, 123456789);
        set_time(old_dir + "/link", 1000000001, 987654321);
        set_time(old_dir + "/d", 1000000002, 1);
        set_time(old_dir, 1000000003, 2);
    }

    ~Trees() {
        for (const auto* const tree : {"/old", "/new"}) {
            (void)chmod((dir.path() + tree + "/d/e").c_str(), 0700);
        }
    }
    Trees(const Trees&) = delete;
    Trees& operator=(const Trees&) = delete;
    Trees(Trees&&) = delete;
    Trees& operator=(Trees&&) = delete;

    [[nodiscard]] MigrateResult migrate() const { return migrate_tree(old_dir, new_dir, quiet); }
};

// Every entry below both directories is alike.
void compare_trees(const std::string& old_dir, const std::string& new_dir) {
    CHECK(list_dir(old_dir) == list_dir(new_dir));
    for (const std::string& name : list_dir(old_dir)) {
        INFO(old_dir << "/" << name);
        const std::string old_path = join_path(old_dir, name);
        const std::string new_path = join_path(new_dir, name);
        const struct stat a = info_of(old_path);
        const struct stat b = info_of(new_path);
        CHECK(a.st_mode == b.st_mode);
        CHECK(a.st_uid == b.st_uid);
        CHECK(a.st_gid == b.st_gid);
        CHECK(a.st_mtim.tv_sec == b.st_mtim.tv_sec);
        CHECK(a.st_mtim.tv_nsec == b.st_mtim.tv_nsec);
        CHECK(a.st_nlink == b.st_nlink);
        if (S_ISREG(a.st_mode)) {
            CHECK(a.st_size == b.st_size);
            CHECK(read_file(old_path) == read_file(new_path));
        } else if (S_ISLNK(a.st_mode)) {
            CHECK(fs::read_symlink(old_path) == fs::read_symlink(new_path));
        } else if (S_ISDIR(a.st_mode)) {
            compare_trees(old_path, new_path);
        }
    }
}

}  // namespace

TEST_CASE("a tree is copied with all that is known of it", "[migrate]") {
    const Trees trees;
    const MigrateCounts all = count_tree(trees.old_dir);
    CHECK(all.entries == 10);
    CHECK(all.bytes == 1234567 + 3 + 3 + (8 << 20));
    const MigrateResult result = trees.migrate();
    CHECK(result.problems.empty());
    CHECK(result.done.entries == all.entries);
    CHECK(result.done.bytes == all.bytes);
    CHECK(result.already.entries == 0);
    compare_trees(trees.old_dir, trees.new_dir);
    CHECK(info_of(trees.new_dir).st_mtim.tv_sec == 1000000003);
    CHECK(info_of(trees.new_dir + "/d/one").st_ino == info_of(trees.new_dir + "/d/e/two").st_ino);
    // The hole is one in the copy, as far as the filesystem has them.
    CHECK(info_of(trees.new_dir + "/holes").st_blocks <=
          info_of(trees.old_dir + "/holes").st_blocks);
    CHECK_FALSE(fs::exists(trees.new_dir + "/" + migrate_temporary_name));
}

TEST_CASE("a migration is gone on with, and copies nothing twice", "[migrate]") {
    const Trees trees;
    (void)trees.migrate();
    const struct stat before = info_of(trees.new_dir + "/file");
    // As an interruption leaves it.
    fs::remove(trees.new_dir + "/holes");
    fs::remove(trees.new_dir + "/link");
    REQUIRE(chmod((trees.new_dir + "/d/e").c_str(), 0700) == 0);
    fs::remove(trees.new_dir + "/d/e/two");
    write_file(trees.new_dir + "/" + migrate_temporary_name, "half a f");
    const MigrateResult result = trees.migrate();
    CHECK(result.problems.empty());
    // The other name of what was d/e/two is a link again as well.
    CHECK(result.done.entries == 4);
    CHECK(result.already.entries == 6);
    CHECK(info_of(trees.new_dir + "/file").st_ino == before.st_ino);
    CHECK(info_of(trees.new_dir + "/file").st_ctim.tv_nsec == before.st_ctim.tv_nsec);
    compare_trees(trees.old_dir, trees.new_dir);
}

TEST_CASE("a migration leaves alone what it did not make, and goes on", "[migrate]") {
    const Trees trees;
    write_file(trees.new_dir + "/file", "of somebody else");
    fs::create_directory(trees.new_dir + "/link");
    write_file(trees.new_dir + "/more", "more");
    const MigrateResult result = trees.migrate();
    REQUIRE(result.problems.size() == 2);
    CHECK_THAT(result.problems[0], Contains(trees.new_dir + "/file: is there already, and is not"));
    CHECK_THAT(result.problems[1], Contains(trees.new_dir + "/link: is there already"));
    CHECK(read_file(trees.new_dir + "/file") == "of somebody else");
    CHECK(read_file(trees.new_dir + "/more") == "more");
    CHECK(result.done.entries == 8);
    CHECK(read_file(trees.new_dir + "/d/one") == "one");
}

TEST_CASE("a migration leaves the old tree as it is", "[migrate]") {
    const Trees trees;
    set_time(trees.old_dir + "/file", 1000000000, 5);
    const struct stat before = info_of(trees.old_dir + "/file");
    (void)trees.migrate();
    const struct stat after = info_of(trees.old_dir + "/file");
    CHECK(before.st_ctim.tv_sec == after.st_ctim.tv_sec);
    CHECK(before.st_ctim.tv_nsec == after.st_ctim.tv_nsec);
    CHECK(before.st_atim.tv_sec == after.st_atim.tv_sec);
    write_file(trees.old_dir + "/" + migrate_temporary_name, "mine");
    CHECK_THAT(error_of([&] { (void)trees.migrate(); }).what(),
               Contains(std::string(migrate_temporary_name) + ": this name is taken"));
    CHECK(read_file(trees.old_dir + "/" + migrate_temporary_name) == "mine");
}

TEST_CASE("a file that changes while it is copied gets no copy", "[migrate]") {
    const Trees trees;
    std::string changed;
    std::string message;
    SECTION("the original") {
        changed = trees.old_dir + "/file";
        message = "/file: was changed while it was copied; run this again";
    }
    SECTION("the copy") {
        changed = trees.new_dir + "/" + migrate_temporary_name;
        message =
            "/file: the copy differs from it when it is read again, within 1048576 bytes "
            "from 0";
    }
    bool done = false;
    const MigrateResult result =
        migrate_tree(trees.old_dir, trees.new_dir, [&](const MigrateCounts& /*counts*/) {
            // Once, when a piece of the file is in its copy.
            std::error_code none;
            const std::string copy = trees.new_dir + "/" + migrate_temporary_name;
            if (!done && fs::file_size(copy, none) == std::uint64_t{1} << 20U && !none) {
                const Fd file = open_at(AT_FDCWD, changed, O_WRONLY, 0, "");
                // The last byte of the original, which is still to be copied; and the
                // first one of the copy, which is done with.
                const off_t at = changed == copy ? 0 : 1234566;
                REQUIRE(pwrite(file.get(), "?", 1, at) == 1);
                done = true;
            }
        });
    REQUIRE(done);
    REQUIRE(result.problems.size() == 1);
    CHECK_THAT(result.problems[0], Contains(message));
    CHECK_FALSE(fs::exists(trees.new_dir + "/file"));
    CHECK_FALSE(fs::exists(trees.new_dir + "/" + migrate_temporary_name));
    CHECK(result.done.entries == 9);
    // And then it is.
    CHECK(trees.migrate().problems.empty());
    compare_trees(trees.old_dir, trees.new_dir);
}

TEST_CASE("extended attributes go along, and inherited ones do not stay", "[migrate]") {
    const Trees trees;
    const std::string file = trees.old_dir + "/file";
    if (setxattr(file.c_str(), "user.note", "value", 5, 0) != 0) {
        WARN("no attributes on the filesystem of temporary files: not checked");
        return;
    }
    REQUIRE(setxattr(file.c_str(), "user.empty", "", 0, 0) == 0);
    REQUIRE(setxattr((trees.old_dir + "/d").c_str(), "user.dir", "x", 1, 0) == 0);
    // u::rwx,g::rwx,o::rwx and u:12:rwx with its mask, as the kernel stores them.
    const std::vector<std::uint8_t> list = {
        2, 0,  0,    0,    1,    0,    7,    0, 0xff, 0xff, 0xff, 0xff, 2,    0,    7,
        0, 12, 0,    0,    0,    4,    0,    7, 0,    0xff, 0xff, 0xff, 0xff, 0x10, 0,
        7, 0,  0xff, 0xff, 0xff, 0xff, 0x20, 0, 7,    0,    0xff, 0xff, 0xff, 0xff};
    const bool has_lists = setxattr(trees.new_dir.c_str(), "system.posix_acl_default", list.data(),
                                    list.size(), 0) == 0;
    CHECK(trees.migrate().problems.empty());
    const auto value = [&](const std::string& name, const char* attribute) {
        std::array<char, 100> text{};
        const ssize_t size =
            lgetxattr((trees.new_dir + name).c_str(), attribute, text.data(), text.size());
        return size < 0 ? std::string("none") : std::string(text.data(), static_cast<size_t>(size));
    };
    CHECK(value("/file", "user.note") == "value");
    CHECK(value("/file", "user.empty").empty());
    CHECK(value("/d", "user.dir") == "x");
    if (has_lists) {
        CHECK(value("/file", "system.posix_acl_access") == "none");
        CHECK(value("/d", "system.posix_acl_default") == "none");
        CHECK(value("/d/e", "system.posix_acl_access") == "none");
    } else {
        WARN("no access control lists on the filesystem of temporary files: not checked");
    }
    compare_trees(trees.old_dir, trees.new_dir);
}

TEST_CASE("flags go along, and a migration that set them is gone on with", "[migrate]") {
    const Trees trees;
    const std::vector<std::pair<std::string, unsigned int>> flags = {
        {"", FS_NODUMP_FL},
        {"/file", FS_IMMUTABLE_FL | FS_NOATIME_FL},
        {"/d/one", FS_APPEND_FL},
        {"/d", FS_IMMUTABLE_FL | FS_DIRSYNC_FL},
    };
    const auto flags_of = [](const std::string& path) {
        const Fd file = open_at(AT_FDCWD, path, O_RDONLY, 0, path);
        unsigned int all = 0;
        REQUIRE(ioctl(file.get(), FS_IOC_GETFLAGS, &all) == 0);
        return all;
    };
    const auto unlock_all = [&] {
        for (const auto& [name, wanted] : flags) {
            unlock_inode(trees.old_dir + name, "");
            if (fs::exists(trees.new_dir + name)) {
                unlock_inode(trees.new_dir + name, "");
            }
        }
    };
    try {
        for (const auto& [name, wanted] : flags) {
            set_inode_flags(trees.old_dir + name, wanted, "");
        }
    } catch (const Error& error) {
        unlock_all();
        WARN("such flags can't be set here: not checked: " << error.what());
        return;
    }
    for (int run = 0; run < 2; run++) {
        CHECK(trees.migrate().problems.empty());
        compare_trees(trees.old_dir, trees.new_dir);
        for (const auto& [name, wanted] : flags) {
            CHECK((flags_of(trees.new_dir + name) & wanted) == wanted);
        }
        CHECK((flags_of(trees.new_dir + "/d/e") &
               (FS_IMMUTABLE_FL | FS_APPEND_FL | FS_DIRSYNC_FL)) == 0);
    }
    unlock_all();
}

TEST_CASE("what is said on the way", "[migrate]") {
    const MigrateCounts all{10, std::uint64_t{3} << 30U};
    CHECK(progress_line({}, all, 0) == "[                    ] 0 of 10 files, 0 B of 3.0 GiB");
    CHECK(progress_line({5, std::uint64_t{3} << 29U}, all, 100) ==
          "[##########          ] 5 of 10 files, 1.5 GiB of 3.0 GiB, 15.4 MiB/s, 1:40 left");
    CHECK(progress_line(all, all, 7200) ==
          "[####################] 10 of 10 files, 3.0 GiB of 3.0 GiB, 436.9 KiB/s, 0:00 left");
    CHECK(progress_line({}, {}, 5) ==
          "[####################] 0 of 0 files, 0 B of 0 B, 0 B/s, 0:00 left");
    CHECK_THAT(progress_line({1, 1U << 20U}, all, 10), Contains(" left"));
    CHECK(human_size(1023) == "1023 B");
    CHECK(human_size(1536) == "1.5 KiB");
}

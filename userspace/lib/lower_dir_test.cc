// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lower_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>

#include "lib/dir_id.h"
#include "lib/sealed_value.h"
#include "testing/errors.h"
#include "testing/files.h"
#include "testing/lower_tree.h"
#include "testing/name_vectors.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using Words = std::vector<std::string>;

// A directory with encrypted names, and what is seen in it.
struct Known {
    TempDir dir;
    LowerTree tree{dir.path()};
    Sealer sealer = known_sealer();

    [[nodiscard]] LowerDir open(bool is_root = false) const {
        LowerDir lower(dir.path());
        lower.set_volume(&sealer, is_root);
        return lower;
    }
    [[nodiscard]] LowerListing list(bool is_root = false) const { return open(is_root).list(); }
};

Words uppers(const LowerListing& listing) {
    Words names;
    for (const LowerEntry& entry : listing.entries) {
        names.push_back(entry.upper);
    }
    return names;
}

// The listing has one problem, a line about this path.
void check_problem(const LowerListing& listing, const std::string& path,
                   const std::string& reason) {
    REQUIRE(listing.problems.size() == 1);
    CHECK_THAT(listing.problems[0], StartsWith(path + ": ") && Contains(reason));
    CHECK(listing.problems[0].find('\n') == std::string::npos);
}

std::string sidecar_path(const std::string& lower) {
    std::string path = lower;
    return path.replace(path.find(".long."), 6, ".name.");
}

}  // namespace

TEST_CASE("a directory lists the entries of all kinds by their upper names", "[lower_dir]") {
    const Known known;
    const std::string file = add_file(known.tree, "file");
    const std::string long_file = add_file(known.tree, vector_name(255));
    const std::string dir = known.tree.add_dir(".dcryptfs.dir").path();
    const std::string link = add_link(known.tree, "a link", "../elsewhere");
    const LowerListing listing = known.list();
    CHECK(listing.problems.empty());
    REQUIRE(uppers(listing) == Words{".dcryptfs.dir", "a link", vector_name(255), "file"});
    const auto& entries = listing.entries;
    CHECK(entries[0].type == S_IFDIR);
    CHECK(entries[1].type == S_IFLNK);
    CHECK(entries[3].type == S_IFREG);
    CHECK(entries[1].target == "../elsewhere");
    CHECK_FALSE(entries[3].target.has_value());
    const Words lower = {dir, link, long_file, file};
    for (std::size_t i = 0; i < lower.size(); i++) {
        CHECK(known.dir / entries[i].lower == lower[i]);
    }
}

TEST_CASE("what is dcryptfs's own is not listed", "[lower_dir]") {
    const Known known;
    write_file(known.dir / "dcryptfs.json", "");
    write_file(known.dir / ".dcryptfs.0123456789abcdef", "");
    // A sidecar that has lost its name.
    fs::remove(add_file(known.tree, vector_name(161)));
    const LowerListing root = known.list(true);
    CHECK(root.entries.empty());
    CHECK(root.problems.empty());
    check_problem(known.list(false), known.dir / "dcryptfs.json", "not an encrypted name");
}

TEST_CASE("names that do not decrypt are told of, and the others are listed", "[lower_dir]") {
    const Known known;
    add_file(known.tree, "sound");
    std::string path;
    std::string reason;
    bool remains = false;
    SECTION("a foreign one") {
        path = known.dir / "lost+found";
        fs::create_directory(path);
        reason = "not an encrypted name";
    }
    SECTION("one that would send something to a terminal") {
        write_file(known.dir / "\x1b[2J", "");
        path = known.dir / "\\x1b[2J";
        reason = "not an encrypted name";
    }
    SECTION("a changed one") {
        path = add_file(known.tree, "other");
        std::string changed = path;
        char& letter = changed[known.dir.path().size() + 1];
        letter = letter == 'A' ? 'B' : 'A';
        fs::rename(path, changed);
        path = changed;
        reason = "does not decrypt: it was changed, or is of another directory";
    }
    SECTION("one of another directory") {
        const TempDir other;
        const fs::path from = add_file(LowerTree(other.path()), "other");
        path = known.dir / from.filename().string();
        fs::rename(from, path);
        reason = "does not decrypt";
    }
    SECTION("a long one without its sidecar") {
        path = add_file(known.tree, vector_name(161));
        fs::remove(sidecar_path(path));
        reason = "is missing";
    }
    SECTION("a long one with the sidecar of another") {
        path = add_file(known.tree, vector_name(161));
        const std::string other = add_file(known.tree, vector_name(162));
        fs::remove(other);
        fs::rename(sidecar_path(other), sidecar_path(path));
        reason = "does not belong to it";
    }
    SECTION("a long one whose sidecar is no link") {
        const std::string lower = add_file(known.tree, vector_name(161));
        path = sidecar_path(lower);
        fs::remove(path);
        write_file(path, "");
        reason = "damaged: not a symbolic link";
    }
    SECTION("a long one whose sidecar is too long") {
        const std::string lower = add_file(known.tree, vector_name(161));
        path = sidecar_path(lower);
        fs::remove(path);
        fs::create_symlink(std::string(364, 'A'), path);
        reason = "longer than 363 bytes";
    }
    SECTION("a link with a plain target") {
        path = add_link(known.tree, "sound too", "x");
        fs::remove(path);
        fs::create_symlink("/etc/passwd", path);
        reason = "its target does not decrypt";
        remains = true;
    }
    const LowerListing listing = known.list();
    check_problem(listing, path, reason);
    CHECK(uppers(listing) == (remains ? Words{"sound", "sound too"} : Words{"sound"}));
    if (remains) {
        CHECK_FALSE(listing.entries[1].target.has_value());
    }
}

TEST_CASE("a directory without a nonce is empty, or else damaged", "[lower_dir]") {
    const Known known;
    const std::string id = known.dir / ".dcryptfs.dir";
    const auto check_damaged = [&](const std::string& reason) {
        for (const std::function<void()>& action :
             {std::function<void()>([&] { (void)known.list(); }),
              std::function<void()>([&] { (void)known.open().find("name", "name"); })}) {
            const Error error = error_of(action);
            CHECK_THAT(error.what(), StartsWith(known.dir.path()) && Contains(reason));
            CHECK(error.code() == Exit::damaged);
        }
    };
    SECTION("empty") {
        fs::remove(id);
        const LowerListing listing = known.list();
        CHECK(listing.entries.empty());
        CHECK(listing.problems.empty());
        CHECK_THAT(error_of([&] { (void)known.open().find("name", "its name"); }).what(),
                   Catch::Matchers::Equals("its name: No such file or directory"));
        write_file(known.dir / "foreign", "");
        check_problem(known.list(), known.dir / "foreign", "not an encrypted name");
    }
    SECTION("with a name") {
        add_file(known.tree, "name");
        fs::remove(id);
        check_damaged("but not the .dcryptfs.dir without which");
    }
    SECTION("with a long name") {
        add_file(known.tree, vector_name(161));
        fs::remove(id);
        check_damaged("but not the .dcryptfs.dir without which");
    }
    SECTION("with a nonce that is a file") {
        fs::remove(id);
        write_file(id, "");
        check_damaged(".dcryptfs.dir: damaged: not a symbolic link");
    }
    SECTION("with the nonce of another volume") {
        fs::remove(id);
        const Sealer other(secret_of(unhex(std::string(128, '0'))));
        fs::create_symlink(make_dir_id(other, dir_nonce), id);
        check_damaged(".dcryptfs.dir: damaged, edited, or of a volume with another key");
    }
}

TEST_CASE("upper names are found, and their directories entered", "[lower_dir]") {
    const Known known;
    const LowerTree below = known.tree.add_dir("dir");
    const std::string file = add_file(below, vector_name(200));
    add_link(known.tree, "link", "dir");
    add_file(known.tree, "file");
    const LowerDir top = known.open();
    const LowerDir dir = top.enter(top.find("dir", "dir"), "dir");
    CHECK(dir.path() == below.path());
    CHECK(dir.path() + "/" + dir.find(vector_name(200), "x") == file);
    CHECK(uppers(dir.list()) == Words{vector_name(200)});

    const auto fails = [&](const std::string& name, const std::string& reason) {
        const Error error = error_of([&] { (void)top.find(name, "the name"); });
        CHECK(error.what() == "the name: " + reason);
        CHECK(error.code() == Exit::failure);
    };
    fails("none", "No such file or directory");
    fails(vector_name(200), "No such file or directory");
    fails(std::string(256, 'x'), "File name too long");
    fails("a/b", "Invalid argument");
    for (const char* const name : {"link", "file"}) {
        const std::string lower = top.find(name, name);
        const Error error = error_of([&] { (void)top.enter(lower, name); });
        CHECK(error.what() == std::string(name) + ": Not a directory");
    }
}

TEST_CASE("a link in the place of a directory is not followed", "[lower_dir]") {
    const Known known;
    const TempDir elsewhere;
    const std::string path = known.tree.add_dir("dir").path();
    fs::remove_all(path);
    fs::create_directory_symlink(elsewhere.path(), path);
    const LowerDir top = known.open();
    CHECK_THAT(error_of([&] { (void)top.enter(top.find("dir", "dir"), "dir"); }).what(),
               Contains("Not a directory"));
    check_problem(known.list(), path, "its target does not decrypt");
}

TEST_CASE("plain names are what they are", "[lower_dir]") {
    const TempDir dir;
    for (const char* const name : {"file", "dcryptfs.json", ".dcryptfs.x", ".dcryptfs"}) {
        write_file(dir / name, "");
    }
    fs::create_symlink("file", dir / "link");
    LowerDir lower(dir.path());
    lower.set_volume(nullptr, true);
    const LowerListing listing = lower.list();
    CHECK(uppers(listing) == Words{".dcryptfs", "file", "link"});
    CHECK(listing.entries[2].target == "file");
    CHECK(listing.problems.empty());
    CHECK(lower.find("file", "x") == "file");
    for (const char* const name : {"dcryptfs.json", ".dcryptfs.x", "none"}) {
        CHECK_THAT(error_of([&] { (void)lower.find(name, name); }).what(),
                   Contains("No such file"));
    }
    lower.set_volume(nullptr, false);
    CHECK(uppers(lower.list()) == Words{".dcryptfs", "dcryptfs.json", "file", "link"});
    CHECK(lower.find("dcryptfs.json", "x") == "dcryptfs.json");
}

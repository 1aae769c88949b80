// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs export from outside, and what it is made of where a file changes meanwhile.
#include "lib/export.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "lib/base64url.h"
#include "lib/dir_id.h"
#include "lib/path.h"
#include "lib/sealed_value.h"
#include "testing/errors.h"
#include "testing/files.h"
#include "testing/known_volume.h"
#include "testing/lower_file.h"
#include "testing/lower_tree.h"
#include "testing/name_vectors.h"
#include "testing/outcome.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
namespace fs = std::filesystem;

constexpr std::size_t large = (std::size_t{21} << 20) + 4097;  // of several pieces

struct stat info_of(const std::string& path) {
    struct stat info {};
    REQUIRE(lstat(path.c_str(), &info) == 0);
    return info;
}

std::string text_of(Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

void set_time(const std::string& path, time_t seconds, long nanoseconds) {
    const std::array<timespec, 2> times = {{{seconds + 1, nanoseconds}, {seconds, nanoseconds}}};
    REQUIRE(utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0);
}

void set_attribute(const std::string& path, const std::string& name, Bytes value) {
    REQUIRE(lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) == 0);
}

std::string attribute(const std::string& path, const std::string& name) {
    std::string value(256, '\0');
    const ssize_t size = lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    value.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return size < 0 ? "none" : value;
}

// An access control list that gives user 77 something to read.
std::vector<std::uint8_t> list_of_77() {
    return unhex(
        "0200000001000600ffffffff020004004d00000004000400ffffffff10000400ffffffff20000400ffffffff");
}

void check_owner(const std::string& path, uid_t uid, gid_t gid) {
    if (geteuid() == 0) {
        CHECK(info_of(path).st_uid == uid);
        CHECK(info_of(path).st_gid == gid);
    }
}

struct Exported : NamesVolume {
    std::string out = dir / "out";

    [[nodiscard]] Outcome run_export(Words more = {}) const {
        Words words = {"export", path, out, "--passphrase-file", pass};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }

    // Whether a line of standard error has both, in this order.
    static bool says(const Outcome& outcome, const std::string& lower, const std::string& reason) {
        const std::size_t at = outcome.err.find("dcryptfs: " + lower + ": ");
        const std::size_t end = outcome.err.find('\n', at);
        return at != std::string::npos && outcome.err.substr(at, end - at).ends_with(reason);
    }
};

// The names in a directory, and none that are not whole.
void check_names(const std::string& dir, std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    CHECK(list_dir(dir) == names);
}

}  // namespace

TEST_CASE("export decrypts a tree with all that is known of it", "[export]") {
    const Exported volume;
    const LowerTree d = volume.tree.add_dir("d");
    const LowerTree e = d.add_dir("e");
    const std::string long_upper(255, 'n');
    const std::vector<std::uint8_t> text = make_plaintext(12345);

    (void)add_file(volume.tree, "empty");
    write_file(volume.tree.add_name("cut off"), std::string(header_size, 'x'));
    const std::string file = volume.tree.add_name("file");
    write_file(file, make_lower_file(text));
    write_file(d.add_name("large"), make_lower_file(make_plaintext(large)));
    write_file(d.add_name(long_upper), make_lower_file(text));
    const std::string first = d.add_name("first");
    write_file(first, make_lower_file(text));
    fs::create_hard_link(first, e.add_name("second"));
    fs::create_hard_link(first, volume.tree.add_name("third"));
    const std::string link = add_link(volume.tree, "link", "/etc/../nowhere");
    const std::string pipe = d.add_name("pipe");
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    REQUIRE(chmod(pipe.c_str(), 0620) == 0);

    const Sealer sealer = known_sealer();
    set_attribute(file, "user.comment",
                  seal_xattr(sealer, value_nonce, "user.comment", as_bytes("hello")));
    set_attribute(d.path(), "user.comment",
                  seal_xattr(sealer, value_nonce, "user.comment", as_bytes("of d")));
    set_attribute(file, "system.posix_acl_access", list_of_77());
    REQUIRE(chmod(file.c_str(), 04750) == 0);
    REQUIRE(chmod(e.path().c_str(), 0510) == 0);
    if (geteuid() == 0) {
        REQUIRE(lchown(link.c_str(), 12, 34) == 0);
        REQUIRE(lchown(file.c_str(), 56, 78) == 0);
        REQUIRE(chmod(file.c_str(), 04750) == 0);
        set_attribute(file, "trusted.t", seal_xattr(sealer, value_nonce, "trusted.t", {}));
        set_attribute(file, "security.s", as_bytes("as it is"));
    }
    set_time(file, 1000000000, 123456789);
    set_time(link, 1000000001, 987654321);
    set_time(e.path(), 1000000002, 1);
    set_time(d.path(), 1000000003, 2);
    set_time(volume.path, 1000000004, 3);
    REQUIRE(chmod(volume.path.c_str(), 0711) == 0);

    const auto jobs = GENERATE(as<std::string>{}, "1", "7");
    const Outcome outcome = volume.run_export({"--jobs", jobs});
    CHECK(outcome.err.empty());
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.out ==
          "exported: 12\nbytes: " + std::to_string(large + 3 * text.size()) + "\nproblems: 0\n");

    const std::string& out = volume.out;
    check_names(out, {"cut off", "d", "empty", "file", "link", "third"});
    check_names(out + "/d", {"e", "first", "large", long_upper, "pipe"});
    check_names(out + "/d/e", {"second"});
    CHECK(read_file(out + "/empty").empty());
    CHECK(read_file(out + "/cut off").empty());
    CHECK(read_file(out + "/file") == text_of(text));
    CHECK(read_file(out + "/d/large") == text_of(make_plaintext(large)));
    CHECK(read_file(out + "/d/" + long_upper) == text_of(text));
    CHECK(fs::read_symlink(out + "/link") == "/etc/../nowhere");
    CHECK(info_of(out + "/d/first").st_nlink == 3);
    CHECK(info_of(out + "/third").st_ino == info_of(out + "/d/e/second").st_ino);
    CHECK(read_file(out + "/third") == text_of(text));
    CHECK(info_of(out + "/d/pipe").st_mode == (S_IFIFO | 0620));
    CHECK(attribute(out + "/file", "user.comment") == "hello");
    CHECK(attribute(out + "/d", "user.comment") == "of d");
    CHECK(attribute(out + "/file", "system.posix_acl_access") ==
          attribute(file, "system.posix_acl_access"));
    CHECK(info_of(out + "/file").st_mode == (S_IFREG | 04750));
    CHECK(info_of(out + "/d/e").st_mode == (S_IFDIR | 0510));
    CHECK(info_of(out).st_mode == (S_IFDIR | 0711));
    check_owner(out + "/link", 12, 34);
    check_owner(out + "/file", 56, 78);
    if (geteuid() == 0) {
        CHECK(attribute(out + "/file", "trusted.t").empty());
        CHECK(attribute(out + "/file", "security.s") == "as it is");
    }
    for (const auto& [upper, lower] : {std::pair(out, volume.path),
                                       {out + "/d", d.path()},
                                       {out + "/d/e", e.path()},
                                       {out + "/file", file},
                                       {out + "/link", link}}) {
        INFO(upper);
        CHECK(info_of(upper).st_mtim.tv_sec == info_of(lower).st_mtim.tv_sec);
        CHECK(info_of(upper).st_mtim.tv_nsec == info_of(lower).st_mtim.tv_nsec);
    }
    REQUIRE(chmod(e.path().c_str(), 0700) == 0);
    REQUIRE(chmod((out + "/d/e").c_str(), 0700) == 0);
}

TEST_CASE("export keeps holes, wherever they are", "[export]") {
    const Exported volume;
    std::vector<std::uint8_t> text(std::size_t{16} << 20);
    std::fill_n(text.begin() + (8 << 20) + 4096, 4096, std::uint8_t{7});
    text.push_back(1);
    const std::string lower = volume.tree.add_name("holes");
    const std::vector<std::uint8_t> encrypted = make_lower_file(text, true);
    const bool sparse_below = GENERATE(false, true);
    if (sparse_below) {
        const Fd file = open_at(AT_FDCWD, lower, O_WRONLY | O_CREAT, 0600, lower);
        REQUIRE(ftruncate(file.get(), static_cast<off_t>(encrypted.size())) == 0);
        for (std::size_t at = 0; at < encrypted.size(); at += block_size) {
            const Bytes block =
                Bytes(encrypted).subspan(at, std::min(block_size, encrypted.size() - at));
            if (!all_zero(block)) {
                REQUIRE(pwrite(file.get(), block.data(), block.size(), static_cast<off_t>(at)) ==
                        static_cast<ssize_t>(block.size()));
            }
        }
    } else {
        write_file(lower, encrypted);
    }
    CHECK(volume.run_export().exit_code == 0);
    CHECK(read_file(volume.out + "/holes") == text_of(text));
    CHECK(info_of(volume.out + "/holes").st_blocks <= 64 * 1024 / 512);
}

TEST_CASE("export of plain names leaves out dcryptfs's own", "[export]") {
    const KnownVolume volume;
    const std::string out = volume.dir / "out";
    fs::create_directory(volume.path + "/d");
    fs::create_directory(out);
    write_file(volume.path + "/d/file", make_lower_file(make_plaintext(10)));
    write_file(volume.path + "/d/dcryptfs.json", make_lower_file(make_plaintext(11)));
    write_file(volume.path + "/.dcryptfs.0123", "left over");
    fs::create_symlink("target", volume.path + "/link");
    set_attribute(volume.path + "/d/file", "user.comment", as_bytes("as it is"));
    const Outcome outcome = run({"export", volume.path, out, "--passphrase-file", volume.pass});
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.out == "exported: 4\nbytes: 21\nproblems: 0\n");
    check_names(out, {"d", "link"});
    check_names(out + "/d", {"dcryptfs.json", "file"});
    CHECK(read_file(out + "/d/file") == text_of(make_plaintext(10)));
    CHECK(fs::read_symlink(out + "/link") == "target");
    CHECK(attribute(out + "/d/file", "user.comment") == "as it is");
}

TEST_CASE("export of a directory within a volume", "[export]") {
    const Exported volume;
    const LowerTree d = volume.tree.add_dir("d");
    write_file(d.add_name("file"), make_lower_file(make_plaintext(10)));
    const Outcome outcome = run({"export", d.path(), volume.out, "--passphrase-file", volume.pass});
    CHECK(outcome.out == "exported: 1\nbytes: 10\nproblems: 0\n");
    check_names(volume.out, {"file"});
}

TEST_CASE("export tells what is damaged, and exports the rest", "[export]") {
    const Exported volume;
    const LowerTree d = volume.tree.add_dir("d");
    const auto whole = make_lower_file(make_plaintext(5000));
    auto changed = [&](std::size_t at, std::uint8_t value) {
        auto bytes = whole;
        bytes[at] = value;
        return bytes;
    };
    write_file(d.add_name("whole"), whole);
    const std::string foreign = volume.tree.add_name("foreign");
    write_file(foreign, changed(0, 'x'));
    const std::string version = volume.tree.add_name("version");
    write_file(version, changed(8, 2));
    const std::string of_other = volume.tree.add_name("of another volume");
    write_file(of_other, changed(16, 0));
    const std::string size = volume.tree.add_name("size");
    write_file(size, Bytes(whole).first(8000));
    const std::string first = volume.tree.add_name("first of two");
    write_file(first, changed(0, 'y'));
    const std::string second = d.add_name("second of two");
    fs::create_hard_link(first, second);
    const std::string link = volume.tree.add_name("link");
    fs::create_symlink("readable", link);
    const std::string attributed = volume.tree.add_name("attributed");
    write_file(attributed, whole);
    set_attribute(attributed, "user.comment", as_bytes("what is this?"));
    const LowerTree lost = volume.tree.add_dir("lost");
    (void)add_file(lost, "not to be found");
    fs::remove(lost.path() + "/.dcryptfs.dir");
    const std::string long_name = volume.tree.add_name(std::string(200, 'n'));
    write_file(long_name, whole);
    for (const std::string& name : list_dir(volume.path)) {
        if (name.starts_with(".dcryptfs.name.")) {
            fs::remove(volume.path + "/" + name);
        }
    }
    write_file(volume.path + "/stray", whole);

    const Outcome outcome = volume.run_export();
    INFO(outcome.err);
    CHECK(outcome.exit_code == 1);
    // d and the file in it, the file whose attribute was left out, and an empty directory.
    CHECK(outcome.out == "exported: 4\nbytes: 10000\nproblems: 11\n");
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 11);
    const auto said = [&](const std::string& lower, const std::string& reason) {
        INFO(reason);
        CHECK(Exported::says(outcome, lower, reason));
    };
    said(foreign, "not a dcryptfs file (foreign magic)");
    said(version, "unknown format version 2");
    said(of_other, "and the volume's is " + std::string(key_id_hex));
    said(size, "a lower size of 8000 bytes, which the format can't produce");
    // Whichever of the two came first.
    CHECK(Exported::says(outcome, first, "foreign magic)") !=
          Exported::says(outcome, second, "foreign magic)"));
    CHECK(Exported::says(outcome, first, ", which could not be") !=
          Exported::says(outcome, second, ", which could not be"));
    said(link, "its target does not decrypt: it was changed, or is of another volume");
    said(attributed,
         "its attribute user.comment is left out: the value does not decrypt; it was changed, or "
         "is of another volume");
    said(lost.path(), "without which they can't be read");
    said(long_name, " is missing");
    said(volume.path + "/stray", "not an encrypted name");

    check_names(volume.out, {"attributed", "d", "lost"});
    check_names(volume.out + "/d", {"whole"});
    CHECK(read_file(volume.out + "/d/whole") == text_of(make_plaintext(5000)));
    CHECK(read_file(volume.out + "/attributed") == text_of(make_plaintext(5000)));
    CHECK(attribute(volume.out + "/attributed", "user.comment") == "none");
}

TEST_CASE("a lower tree can't have anything written elsewhere", "[export]") {
    const Exported volume;
    const SealNonce nonce =
        parse_dir_id(known_sealer(), fs::read_symlink(volume.path + "/.dcryptfs.dir").string(), "");
    for (const std::string_view upper : {"..", ".", "../escaped", "a/b", "/escaped"}) {
        const std::string lower =
            to_base64url(known_sealer().seal(SealKind::name, nonce, as_bytes(upper)));
        write_file(join_path(volume.path, lower), make_lower_file(make_plaintext(10)));
    }
    // A link below in the place of a directory or file of ours is only a damaged link.
    fs::create_directory(volume.dir / "elsewhere");
    write_file(volume.dir / "elsewhere/secret", make_lower_file(make_plaintext(10)));
    fs::create_directory_symlink(volume.dir / "elsewhere", volume.tree.add_name("d"));
    fs::create_symlink(volume.dir / "elsewhere/secret", volume.tree.add_name("file"));
    const std::vector<std::string> before = list_dir(volume.dir.path());
    const Outcome outcome = volume.run_export();
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.out == "exported: 0\nbytes: 0\nproblems: 7\n");
    CHECK(list_dir(volume.out).empty());
    CHECK(list_dir(volume.dir.path()).size() == before.size() + 1);
}

TEST_CASE("export refuses what it can't do, and makes nothing", "[export]") {
    const Exported volume;
    const Words pass = {"--passphrase-file", volume.pass};
    check_fails(volume.run_export({"--jobs", "0"}), 2, "--jobs");
    check_fails(run({"export", volume.path}), 2, "out is required");
    check_fails(run({"export", volume.dir / "none", volume.out, pass[0], pass[1]}), 1,
                "none: No such file");
    check_fails(run({"export", volume.dir.path(), volume.out, pass[0], pass[1]}), 4,
                "no directory above it has a dcryptfs.json");
    check_fails(run({"export", volume.path, volume.path + "/out", pass[0], pass[1]}), 2,
                "lies in the lower tree");
    check_fails(run({"export", volume.path, volume.dir / "none/out", pass[0], pass[1]}), 1,
                "none/: No such file");
    check_fails(run({"export", volume.path, volume.pass, pass[0], pass[1]}), 1,
                "pass: Not a directory");
    check_fails(run({"export", volume.path, volume.dir.path(), pass[0], pass[1]}), 1,
                "not an empty directory: it holds ");
    check_fails(run({"export", volume.path, volume.out, pass[0], volume.wrong}), 3,
                "wrong passphrase");
    CHECK_FALSE(fs::exists(volume.out));
}

TEST_CASE("who can't give a file to its owner gives away no rights of theirs", "[export]") {
    if (geteuid() != 0) {
        return;
    }
    const Exported volume;
    const std::string file = volume.tree.add_name("file");
    write_file(file, make_lower_file(make_plaintext(10)));
    REQUIRE(lchown(file.c_str(), 12, 34) == 0);
    REQUIRE(chmod(file.c_str(), 06755) == 0);
    Redirections redirections;
    redirections.failing_call = SYS_lchown;
    redirections.failing_error = EPERM;
    const Outcome outcome =
        run({"export", volume.path, volume.out, "--passphrase-file", volume.pass}, redirections);
    CHECK(outcome.exit_code == 1);
    CHECK(Exported::says(outcome, file, "the owner of the copy: Operation not permitted"));
    CHECK(read_file(volume.out + "/file") == text_of(make_plaintext(10)));
    CHECK(info_of(volume.out + "/file").st_mode == (S_IFREG | 0755));
}

TEST_CASE("of a file that changes while it is read nothing stays", "[export]") {
    const Exported volume;
    const std::string file = volume.tree.add_name("file");
    write_file(file, make_lower_file(make_plaintext(large)));
    fs::create_directory(volume.out);
    auto size = static_cast<off_t>(fs::file_size(file));
    SECTION("it becomes shorter") {
        size = 6 << 20;
    }
    SECTION("it grows") {
        size += block_size;
    }
    const Secret key = secret_of(unhex(volume_key_hex));
    const Sealer sealer(key);
    LowerDir dir(volume.path);
    dir.set_volume(&sealer, true);
    std::vector<std::string> problems;
    bool partly = false;
    const ExportEvents events = {
        .progress =
            [&](const MigrateCounts&) {
                const auto names = list_dir(volume.out);
                partly = partly ||
                         (names.size() == 1 && names.front().starts_with(export_temporary_prefix));
                REQUIRE(truncate(file.c_str(), size) == 0);
            },
        .problem = [&](const std::string& problem) { problems.push_back(problem); },
    };
    const MigrateCounts done =
        export_tree(std::move(dir), {key, &sealer}, open_dir(volume.out), volume.out, 1, events);
    CHECK(partly);
    CHECK(problems ==
          std::vector<std::string>{file + ": was changed while it was read; run this again"});
    CHECK(done.entries == 0);
    CHECK(done.bytes == 0);
    CHECK(list_dir(volume.out).empty());
}

TEST_CASE("what there is to export is counted without the key", "[export]") {
    const Exported volume;
    const LowerTree d = volume.tree.add_dir("d");
    write_file(d.add_name(std::string(200, 'n')), make_lower_file(make_plaintext(10)));
    write_file(volume.tree.add_name("file"), make_lower_file(make_plaintext(5000)));
    const MigrateCounts counts = count_lower(LowerDir(volume.path));
    CHECK(counts.entries == 3);
    CHECK(counts.bytes == 5010);
}

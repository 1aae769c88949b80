// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs check from outside: each kind of damage, what is said of it, and the exit code.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "lib/fd.h"
#include "lib/names.h"
#include "lib/path.h"
#include "lib/sealed_value.h"
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
namespace fs = std::filesystem;

constexpr const char* data_limit =
    "not checked: what files hold, and the nonces in their headers: format 1 does not authenticate "
    "them\n";
constexpr const char* key_limit =
    "not checked: names, targets and values beyond their shape, and the MAC of dcryptfs.json: "
    "there is no key\n";

// What is said in the end.
std::string summary(int checked, int bytes, int damaged, int repaired) {
    return "checked: " + std::to_string(checked) + "\nbytes: " + std::to_string(bytes) +
           "\ndamaged: " + std::to_string(damaged) + "\nrepaired: " + std::to_string(repaired) +
           "\n";
}

std::vector<std::uint8_t> sound_file() {
    return make_lower_file(make_plaintext(5000));
}

std::vector<std::uint8_t> changed_file(std::size_t at, std::uint8_t value) {
    auto bytes = sound_file();
    bytes[at] = value;
    return bytes;
}

void set_attribute(const std::string& path, const std::string& name, Bytes value) {
    REQUIRE(lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) == 0);
}

// A volume with some of everything: 7 entries, 5000 bytes.
struct Checked : NamesVolume {
    LowerTree d = tree.add_dir("d");
    std::string file = d.add_name("file");
    std::string long_file = d.add_name(std::string(200, 'n'));
    std::string link = add_link(tree, "link", "target");

    Checked() {
        write_file(file, sound_file());
        write_file(long_file, "");
        (void)add_file(tree, "empty");
        write_file(tree.add_name("cut off"), std::string(header_size, 'x'));
        REQUIRE(mkfifo(d.add_name("pipe").c_str(), 0600) == 0);
        set_attribute(file, "user.comment",
                      seal_xattr(known_sealer(), value_nonce, "user.comment", as_bytes("hello")));
        set_attribute(file, "security.s", as_bytes("as it is"));
    }

    [[nodiscard]] Outcome check(Words more = {}, bool keyed = true) const {
        Words words = {"check", path};
        words.insert(words.end(), more.begin(), more.end());
        if (keyed) {
            words.insert(words.end(), {"--passphrase-file", pass});
        } else {
            words.emplace_back("--no-key");
        }
        return run(words);
    }

    [[nodiscard]] std::string sidecar() const {
        return join_path(d.path(), sidecar_of(long_file.substr(d.path().size() + 1)));
    }
};

// So that what is there is older than what is done next.
void let_time_pass() {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

// The lines that are not told in the end.
std::string findings(const Outcome& outcome) {
    return outcome.out.substr(0, outcome.out.find("not checked: what files hold"));
}

// One damage, and what is said of it with and without the key; nothing: it is not noticed.
struct Damage {
    std::function<std::string(const Checked&)> make;  // returns the path that is told of
    const char* with_key;
    const char* without_key;
};

const std::vector<Damage> damages = {
    {[](const Checked& v) {
         write_file(v.file, changed_file(0, 'x'));
         return v.file;
     },
     "not a dcryptfs file (foreign magic)", "not a dcryptfs file (foreign magic)"},
    {[](const Checked& v) {
         write_file(v.file, changed_file(8, 2));
         return v.file;
     },
     "unknown format version 2", "unknown format version 2"},
    {[](const Checked& v) {
         write_file(v.file, changed_file(10, 3));
         return v.file;
     },
     "unknown cipher suite 3", "unknown cipher suite 3"},
    {[](const Checked& v) {
         write_file(v.file, changed_file(12, 4));
         return v.file;
     },
     "unknown feature bits 4", "unknown feature bits 4"},
    {[](const Checked& v) {
         write_file(v.file, changed_file(4095, 1));
         return v.file;
     },
     "reserved bytes of the header are not zero", "reserved bytes of the header are not zero"},
    {[](const Checked& v) {
         write_file(v.file, changed_file(16, 0));
         return v.file;
     },
     "and the volume's is 8397bfbfe3b46468205771041b4eaaad",
     "and the volume's is 8397bfbfe3b46468205771041b4eaaad"},
    {[](const Checked& v) {
         REQUIRE(truncate(v.file.c_str(), 8000) == 0);
         return v.file;
     },
     "a lower size of 8000 bytes, which the format can't produce",
     "a lower size of 8000 bytes, which the format can't produce"},
    {[](const Checked& v) {
         REQUIRE(truncate(v.file.c_str(), 100) == 0);
         return v.file;
     },
     "truncated within the header", "truncated within the header"},
    {[](const Checked& v) {
         fs::rename(v.file, v.d.path() + "/README");
         return v.d.path() + "/README";
     },
     "not an encrypted name: it does not show above",
     "not an encrypted name: it does not show above"},
    {[](const Checked& v) {
         // Into another directory.
         std::string moved = v.path + v.file.substr(v.d.path().size());
         fs::rename(v.file, moved);
         return moved;
     },
     "does not decrypt: it was changed, or is of another directory or volume", nullptr},
    {[](const Checked& v) {
         fs::remove(v.sidecar());
         return v.long_file;
     },
     " is missing", " is missing"},
    {[](const Checked& v) {
         const std::string target = fs::read_symlink(v.sidecar());
         fs::remove(v.sidecar());
         fs::create_symlink("A" + target.substr(1, 43), v.sidecar());
         return v.long_file;
     },
     "does not belong to it; it was changed, or is of another directory or volume",
     "does not belong to it"},
    {[](const Checked& v) {
         fs::remove(v.sidecar());
         write_file(v.sidecar(), "no link");
         return v.sidecar();
     },
     "damaged: not a symbolic link", "damaged: not a symbolic link"},
    {[](const Checked& v) {
         fs::remove(v.long_file);
         return v.sidecar();
     },
     "--repair removes it", "--repair removes it"},
    {[](const Checked& v) {
         write_file(v.path + "/.dcryptfs.0123456789abcdef", "{");
         return v.path + "/.dcryptfs.0123456789abcdef";
     },
     "a temporary file that was left over; --repair removes it",
     "a temporary file that was left over; --repair removes it"},
    {[](const Checked& v) {
         // Only the root has such.
         write_file(v.d.path() + "/.dcryptfs.0123456789abcdef", "{");
         return v.d.path() + "/.dcryptfs.0123456789abcdef";
     },
     "dcryptfs gives nothing this name: it does not show above",
     "dcryptfs gives nothing this name: it does not show above"},
    {[](const Checked& v) {
         fs::remove(v.d.path() + "/.dcryptfs.dir");
         return v.d.path();
     },
     "damaged: it holds encrypted names, but not the .dcryptfs.dir without which they can't "
     "be read",
     "damaged: it holds encrypted names, but not the .dcryptfs.dir without which they can't "
     "be read"},
    {[](const Checked& v) {
         fs::remove(v.d.path() + "/.dcryptfs.dir");
         fs::create_symlink("short", v.d.path() + "/.dcryptfs.dir");
         return v.d.path() + "/.dcryptfs.dir";
     },
     "damaged: its target is not the nonce of a directory",
     "damaged: its target is not the nonce of a directory"},
    {[](const Checked& v) {
         // Of the right shape, and of no key that is known.
         std::string link = v.d.path() + "/.dcryptfs.dir";
         std::string target = fs::read_symlink(link);
         target[10] = target[10] == 'A' ? 'B' : 'A';
         fs::remove(link);
         fs::create_symlink(target, link);
         return link;
     },
     "damaged, edited, or of a volume with another key", nullptr},
    {[](const Checked& v) {
         fs::remove(v.link);
         fs::create_symlink("readable", v.link);
         return v.link;
     },
     "its target does not decrypt: it was changed, or is of another volume",
     "its target is not an encrypted one"},
    {[](const Checked& v) {
         set_attribute(v.file, "user.comment", as_bytes("readable"));
         return v.file;
     },
     "the value of its attribute user.comment does not decrypt: it was changed, or is of "
     "another volume",
     "the value of its attribute user.comment is not an encrypted one"},
    {[](const Checked& v) {
         // Moved from one attribute to another.
         set_attribute(v.path, "user.other",
                       seal_xattr(known_sealer(), value_nonce, "user.comment", {}));
         return v.path;
     },
     "the value of its attribute user.other does not decrypt: it was changed, or is of "
     "another volume",
     nullptr},
};

}  // namespace

TEST_CASE("check finds nothing in a sound volume", "[check]") {
    const Checked volume;
    const auto jobs = GENERATE(as<std::string>{}, "1", "5");
    const Outcome keyed = volume.check({"--jobs", jobs});
    CHECK(keyed.err.empty());
    CHECK(keyed.out == data_limit + summary(7, 5000, 0, 0));
    CHECK(keyed.exit_code == 0);
    const Outcome keyless = volume.check({"--jobs", jobs}, false);
    CHECK(keyless.err.empty());
    CHECK(keyless.out == std::string(data_limit) + key_limit + summary(7, 5000, 0, 0));
    CHECK(keyless.exit_code == 0);
    // By its other name, from a directory within, and as it may be in the root of a disk.
    fs::create_directory(volume.path + "/lost+found");
    // A change of the slots keeps the old ones.
    write_file(volume.path + "/.dcryptfs.json.backup", encrypted_config_json());
    CHECK(run_program("fsck.dcryptfs", {volume.path, "--no-key"}).exit_code == 0);
    CHECK(run({"check", volume.d.path(), "--no-key"}).out ==
          std::string(data_limit) + key_limit + summary(3, 5000, 0, 0));
}

TEST_CASE("check tells each kind of damage, once", "[check]") {
    const auto i = GENERATE(range<std::size_t>(0, damages.size()));
    const Damage& damage = damages.at(i);
    const Checked volume;
    const std::string path = damage.make(volume);
    const bool keyed = GENERATE(true, false);
    const char* const expected = keyed ? damage.with_key : damage.without_key;
    const std::vector<std::string> before = list_dir(volume.path);
    const Outcome outcome = volume.check({}, keyed);
    INFO(path << " " << keyed << "\n" << outcome.out);
    CHECK(outcome.err.empty());
    if (expected == nullptr) {
        CHECK(outcome.exit_code == 0);
        CHECK(findings(outcome).empty());
        return;
    }
    CHECK(outcome.exit_code == 4);
    const std::string found = findings(outcome);
    CHECK_THAT(found, Contains(path + ": "));
    CHECK(found.ends_with(std::string(expected) + "\n"));
    CHECK(std::count(found.begin(), found.end(), '\n') == 1);
    CHECK_THAT(outcome.out, Contains("\ndamaged: 1\nrepaired: 0\n"));
    CHECK(list_dir(volume.path) == before);
}

TEST_CASE("check of plain names looks at files, and at what has no place there", "[check]") {
    const KnownVolume volume;
    fs::create_directory(volume.path + "/d");
    write_file(volume.path + "/d/file", sound_file());
    fs::create_symlink("readable", volume.path + "/link");
    set_attribute(volume.path + "/d/file", "user.comment", as_bytes("readable"));
    const auto check = [&](const Words& more) {
        Words words = {"check", volume.path, "--no-key"};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    };
    const Outcome sound = check({});
    CHECK(sound.exit_code == 0);
    CHECK(sound.out == std::string(data_limit) +
                           "not checked: the MAC of dcryptfs.json: there is no key\n" +
                           summary(3, 5000, 0, 0));
    CHECK(run({"check", volume.path, "--passphrase-file", volume.pass}).out ==
          data_limit + summary(3, 5000, 0, 0));

    write_file(volume.path + "/d/file", "readable");
    fs::create_symlink("x", volume.path + "/d/.dcryptfs.dir");
    write_file(volume.path + "/.dcryptfs.0123456789abcdef", "");
    let_time_pass();
    const Outcome damaged = check({"--repair"});
    INFO(damaged.out);
    CHECK(damaged.exit_code == (4 | 1));
    CHECK_THAT(damaged.out, Contains("/d/file: not a dcryptfs file (foreign magic)\n"));
    CHECK_THAT(damaged.out, Contains("/d/.dcryptfs.dir: dcryptfs gives nothing this name"));
    CHECK_THAT(damaged.out, Contains("/.dcryptfs.0123456789abcdef: a temporary file that was left "
                                     "over; removed\n"));
    CHECK(list_dir(volume.path + "/d").size() == 2);
    CHECK_FALSE(fs::exists(volume.path + "/.dcryptfs.0123456789abcdef"));
}

TEST_CASE("a repair removes what has no meaning, and nothing else", "[check]") {
    const Checked volume;
    const std::string temporary = volume.path + "/.dcryptfs.0123456789abcdef";
    write_file(temporary, "{");
    fs::create_symlink("A", temporary + "---");
    fs::create_directory(volume.path + "/.dcryptfs.fedcba9876543210");
    fs::remove(volume.long_file);
    const std::string other_sidecar = volume.path + "/.dcryptfs.name." + std::string(43, 'A');
    write_file(other_sidecar, "no link");
    write_file(volume.d.path() + "/stray", "");
    let_time_pass();

    const Outcome dry = volume.check({"--dry-run"});
    CHECK(dry.exit_code == 4);
    CHECK_THAT(dry.out, Contains("\ndamaged: 6\nrepaired: 0\n"));
    CHECK(fs::exists(temporary));

    const Outcome repair = volume.check({"--repair"});
    INFO(repair.out);
    CHECK(repair.exit_code == (4 | 1));
    CHECK_THAT(repair.out, Contains("\ndamaged: 3\nrepaired: 3\n"));
    CHECK_THAT(repair.out,
               Contains(volume.sidecar() + ": the rest of a name that is not there: " +
                        volume.long_file.substr(volume.d.path().size() + 1) + "; removed\n"));
    CHECK_THAT(repair.out, Contains(other_sidecar + ": the rest of a name that is not there: "));
    CHECK_FALSE(fs::exists(fs::symlink_status(volume.sidecar())));
    CHECK_FALSE(fs::exists(temporary));
    CHECK_FALSE(fs::exists(fs::symlink_status(temporary + "---")));
    CHECK(fs::exists(volume.path + "/.dcryptfs.fedcba9876543210"));
    CHECK(fs::exists(other_sidecar));
    CHECK(fs::exists(volume.d.path() + "/stray"));

    fs::remove(volume.path + "/.dcryptfs.fedcba9876543210");
    fs::remove(other_sidecar);
    fs::remove(volume.d.path() + "/stray");
    CHECK(volume.check().exit_code == 0);
}

TEST_CASE("a repair waits for nobody who changes the volume", "[check]") {
    const Checked volume;
    const std::string temporary = volume.path + "/.dcryptfs.json.new.0123456789abcdef";
    write_file(temporary, "{");
    let_time_pass();
    {
        const Fd dir = open_dir(volume.path);
        REQUIRE(flock(dir.get(), LOCK_EX) == 0);
        check_fails(volume.check({"--repair"}), 8, ": the volume is being changed; nothing was");
        CHECK(fs::exists(temporary));
        CHECK(volume.check().exit_code == 4);
    }
    CHECK(volume.check({"--repair"}).exit_code == 1);
    CHECK_FALSE(fs::exists(temporary));
}

TEST_CASE("a repair of all there is ends with 1", "[check]") {
    const Checked volume;
    fs::remove(volume.long_file);
    let_time_pass();
    CHECK(volume.check({"-a"}, false).exit_code == 1);
    CHECK(volume.check({"-a"}, false).exit_code == 0);
}

TEST_CASE("a repair that can't be done is told of", "[check]") {
    const Checked volume;
    fs::remove(volume.long_file);
    let_time_pass();
    Redirections redirections;
    redirections.failing_call = SYS_unlinkat;
    redirections.failing_error = EROFS;
    const Outcome outcome = run({"check", volume.path, "--no-key", "--repair"}, redirections);
    CHECK(outcome.exit_code == 4);
    CHECK_THAT(outcome.out, Contains("; it can't be removed: Read-only file system\n"));
}

TEST_CASE("what is newer than a check stays", "[check]") {
    const Checked volume;
    fs::remove(volume.long_file);
    const std::string temporary = volume.path + "/.dcryptfs.0123456789abcdef";
    // As long as it waits for the passphrase, something comes.
    const std::string pipe = volume.dir / "pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    std::thread writer([&] {
        const Fd end = open_at(AT_FDCWD, pipe, O_WRONLY, 0, pipe);
        let_time_pass();
        write_file(temporary, "");
        write_all(end.get(), as_bytes(passphrase), pipe);
    });
    const Outcome outcome = run({"check", volume.path, "--repair", "--passphrase-file", pipe});
    writer.join();
    CHECK(outcome.exit_code == (4 | 1));
    CHECK_THAT(outcome.out, Contains(temporary + ": a temporary file that was left over; left, as "
                                                 "it is newer than this check\n"));
    CHECK(fs::exists(temporary));
}

TEST_CASE("check says it in JSON as well", "[check]") {
    const Checked volume;
    write_file(volume.file, changed_file(0, 'x'));
    fs::remove(volume.link);
    fs::create_symlink("readable", volume.link);
    const Outcome outcome = volume.check({"--json"}, false);
    CHECK(outcome.exit_code == 4);
    const auto all = nlohmann::json::parse(outcome.out);
    CHECK(all.at("checked") == 7);
    CHECK(all.at("exit_code") == 4);
    CHECK(all.at("not_checked").size() == 2);
    REQUIRE(all.at("findings").size() == 2);
    for (const auto& finding : all.at("findings")) {
        const bool is_file = finding.at("path") == volume.file;
        CHECK(finding.at("path") == (is_file ? volume.file : volume.link));
        CHECK(finding.at("kind") == (is_file ? "file" : "link"));
        CHECK(finding.at("problem") == (is_file ? "not a dcryptfs file (foreign magic)"
                                                : "its target is not an encrypted one"));
        CHECK(finding.at("repaired") == false);
    }
    const auto sound = nlohmann::json::parse(Checked().check({"--json"}).out);
    CHECK(sound.at("findings").empty());
    CHECK(sound.at("exit_code") == 0);
}

TEST_CASE("check of a damaged configuration", "[check]") {
    const Checked volume;
    const auto edit = [&](const std::string& from, const std::string& to) {
        std::string text = encrypted_config_json();
        text.replace(text.find(from), from.size(), to);
        write_file(volume.path + "/dcryptfs.json", text);
    };
    edit("\"format\": 1", "\"format\": 9");
    for (const bool keyed : {true, false}) {
        const Outcome outcome = volume.check({}, keyed);
        CHECK(outcome.exit_code == (4 | 8));
        CHECK_THAT(outcome.out, Contains(volume.path + "/dcryptfs.json: damaged configuration: "));
        CHECK_THAT(outcome.out, Contains("not checked: " + volume.path + ": nothing below is"));
    }
    // Only the key tells.
    edit(R"("names": "encrypted")", R"("names": "plain")");
    CHECK(volume.check().exit_code == (4 | 8));
    CHECK_THAT(volume.check().out, Contains("/dcryptfs.json: damaged or edited configuration: "));
}

TEST_CASE("check ends as fsck(8) says when it can't check", "[check]") {
    const Checked volume;
    check_fails(run({"check"}), 16, "dir is required");
    check_fails(run({"check", volume.path, "--frob"}), 16, "--frob");
    check_fails(volume.check({"--repair", "--dry-run"}), 16, "excludes");
    check_fails(volume.check({"--no-key"}), 16, "excludes");
    check_fails(run({"check", volume.path}), 16, "--passphrase-file");
    check_fails(run({"check", volume.path, "--passphrase-file", volume.wrong}), 8,
                "wrong passphrase");
    check_fails(run({"check", volume.dir / "none", "--no-key"}), 8, "none: No such file");
    check_fails(run({"check", volume.dir.path(), "--no-key"}), 8, "no directory above it has a");
    check_fails(run({"check", volume.d.path(), "--volume", volume.dir.path(), "--no-key"}), 8,
                "not a dcryptfs volume");
    const Outcome fsck = run_program("fsck.dcryptfs", {"--frob"});
    CHECK(fsck.exit_code == 16);
    CHECK_THAT(fsck.err, Catch::Matchers::StartsWith("fsck.dcryptfs: "));
}

TEST_CASE("what can't be read is not checked, and said so", "[check]") {
    const Checked volume;
    Redirections redirections;
    redirections.failing_call = SYS_llistxattr;
    redirections.failing_error = EIO;
    const Outcome outcome = run({"check", volume.path, "--no-key"}, redirections);
    INFO(outcome.out);
    CHECK(outcome.exit_code == 8);
    const std::string reason = ": its attributes: Input/output error\n";
    CHECK_THAT(outcome.out, Contains("not checked: " + volume.path + reason));
    CHECK_THAT(outcome.out, Contains("not checked: " + volume.file + reason));
    CHECK_THAT(outcome.out, Contains(summary(7, 5000, 0, 0)));
    redirections.failing_call = SYS_getdents64;
    const Outcome blind = run({"check", volume.path, "--no-key"}, redirections);
    CHECK(blind.exit_code == 8);
    CHECK_THAT(blind.out, Contains("not checked: " + volume.path + ": Input/output error\n"));
    Redirections full;
    full.stdout_path = "/dev/full";
    CHECK(run({"check", volume.path, "--no-key"}, full).exit_code == 8);
}

TEST_CASE("a check that is cancelled says so", "[check]") {
    const Checked volume;
    // More to say than a pipe takes, so that it can't end before it is told to.
    for (int i = 0; i < 3000; i++) {
        write_file(volume.path + "/stray-" + std::string(60, 'x') + std::to_string(i), "");
    }
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        exec_program("dcryptfs", {"check", volume.path, "--no-key"});
    }
    REQUIRE(close(ends[1]) == 0);
    const Fd end(ends[0]);
    std::vector<std::uint8_t> out(std::size_t{1} << 20);
    REQUIRE(read_full(end.get(), MutableBytes(out).first(1), "pipe") == 1);
    REQUIRE(kill(child, SIGINT) == 0);
    const std::size_t size = read_full(end.get(), out, "pipe");
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == (32 | 4));
    const std::string text(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(std::count(text.begin(), text.end(), '\n') < 3000);
    CHECK_THAT(text, Contains("\nrepaired: 0\n"));
}

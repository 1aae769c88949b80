// SPDX-License-Identifier: GPL-2.0-or-later
// "dcryptfs slot" from outside, and what opens a volume besides a passphrase.
#include <sys/syscall.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "lib/volume.h"
#include "testing/errors.h"
#include "testing/files.h"
#include "testing/outcome.h"
#include "testing/program.h"
#include "testing/steps.h"
#include "testing/terminal.h"
#include "testing/vectors.h"

using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using Catch::Matchers::StartsWith;
using nlohmann::json;

const Words cheap = {"--kdf", "scrypt", "--kdf-time", "10"};

Words operator+(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

// A volume with the known key, and files with secrets beside it.
struct SlotVolume {
    TempDir dir;
    std::string path = dir / "v";
    std::string config = dir / "v/dcryptfs.json";
    std::string backup = dir / "v/.dcryptfs.json.backup";
    Words known = {"--passphrase-file", dir / "pass"};
    Words wrong = {"--passphrase-file", dir / "wrong"};
    Words second = {"--passphrase-file", dir / "second"};
    Words new_second = {"--new-passphrase-file", dir / "second"};
    Words key_file = {"--key-file", dir / "key"};
    Words code = {"--recovery-code-file", dir / "code"};

    explicit SlotVolume(std::string_view text = config_2_json) {
        std::filesystem::create_directory(path);
        write_file(config, text);
        write_file(dir / "pass", std::string(passphrase) + "\n");
        write_file(dir / "wrong", "wrong\n");
        write_file(dir / "second", "second\n");
        std::string bytes;
        for (char c = 0; c < 40; c++) {
            bytes += c;
        }
        write_file(dir / "key", std::string_view(bytes));
        write_file(dir / "code", std::string(recovery_code) + "\n");
        write_file(path + "/empty", "");
        write_file(path + "/file", dcryptfs::Bytes(unhex(fields_hex)));
        std::filesystem::resize_file(path + "/file", 8192);
    }

    [[nodiscard]] Outcome slot(const std::string& command, const Words& words) const {
        return run(Words{"slot", command, path} + words);
    }
    [[nodiscard]] int opens(const Words& secret) const {
        return run(Words{"cat", path + "/file"} + secret).exit_code;
    }
    // Nothing was changed, and nothing left.
    void check_as_before(std::string_view text = config_2_json) const {
        CHECK(read_file(config) == text);
        CHECK(list_dir(path) == Words{"dcryptfs.json", "empty", "file"});
    }
};

}  // namespace

TEST_CASE("slot list shows the slots, and asks for nothing", "[slot]") {
    const SlotVolume volume;
    const Outcome text = volume.slot("list", {});
    CHECK(text.exit_code == 0);
    CHECK(text.err.empty());
    CHECK_THAT(text.out, Equals("slot 0: passphrase, scrypt, n=1024 r=8 p=1 (weak)\n"
                                "slot 3: keyfile, argon2id, memory=8192 passes=1 lanes=1\n"
                                "slot 31: recovery, argon2id, memory=9216 passes=2 lanes=4\n"));
    const json object = json::parse(volume.slot("list", {"--json"}).out);
    CHECK(object["volume"] == volume.path);
    CHECK(object["version"] == 2);
    REQUIRE(object["slots"].size() == 3);
    CHECK(object["slots"][0] == json::parse(R"({"id": 0, "type": "passphrase",
                          "kdf": {"name": "scrypt", "n": 1024, "r": 8, "p": 1}, "weak": true})"));
    CHECK(object["slots"][2] == json::parse(R"({"id": 31, "type": "recovery",
                          "kdf": {"name": "argon2id", "memory": 9216, "passes": 2, "lanes": 4}, "weak": false})"));
    const SlotVolume old(config_json);
    CHECK_THAT(old.slot("list", {}).out,
               Equals("slot 0: passphrase, scrypt, n=1024 r=8 p=1 (weak)\n"));
}

TEST_CASE("a wrong command line for slots is told of", "[slot]") {
    const SlotVolume volume;
    check_fails(run({"slot"}), 2, "subcommand is required");
    check_fails(run({"slot", "explode"}), 2, "slot explode: unknown command");
    check_fails(run({"slot", "list"}), 2, "dir is required");
    check_fails(volume.slot("remove", {}), 2, "slot is required");
    check_fails(volume.slot("remove", {"32"}), 2, "32 not in range 0 to 31");
    check_fails(volume.slot("remove", {"-1"}), 2, "-1");
    check_fails(volume.slot("change", {"--slot", "32"}), 2, "32 not in range 0 to 31");
    check_fails(volume.slot("add", {"--kdf", "md5"}), 2, "--kdf: unknown value md5");
    check_fails(volume.slot("add", {"--kdf", "scrypt", "--kdf-time", "9"}), 2, "from 10 to 20");
    check_fails(volume.slot("add", {"--kdf", "scrypt", "--kdf-memory", "9"}), 2,
                "--kdf-memory: the memory of scrypt follows from its time");
    check_fails(volume.slot("add", {"--kdf-memory", "7"}), 2,
                "--kdf-memory: memory must be from 8 MiB");
    check_fails(volume.slot("add", {"--kdf-memory", "4096", "--kdf-time", "5"}), 2,
                "--kdf-memory, --kdf-time: memory and passes ask for more work");
    check_fails(volume.slot("add", {"--kdf-memory", "5000"}), 2, "not in range 1 to 4096");
    check_fails(volume.slot("add", volume.known + volume.key_file), 2, "excludes");
    check_fails(volume.slot("add", volume.known + volume.code), 2, "excludes");
    check_fails(volume.slot("add", volume.new_second + Words{"--new-recovery-code"}), 2,
                "excludes");
    check_fails(volume.slot("add", {"--passphrase-fd", "0", "--new-passphrase-fd", "0"}), 2,
                "file descriptor 0: two secrets can't come from one descriptor");
    check_fails(volume.slot("add", {}), 2, "give --passphrase-file or --passphrase-fd");
    check_fails(volume.slot("add", {"--recovery-code"}), 2,
                "no recovery code can be asked for; give --recovery-code-file");
    check_fails(volume.slot("add", volume.known), 2,
                "give --new-passphrase-file or --new-passphrase-fd");
    volume.check_as_before();
}

TEST_CASE("a volume opens by a key file and by a recovery code", "[slot]") {
    const SlotVolume volume;
    CHECK(volume.opens(volume.known) == 0);
    CHECK(volume.opens(volume.key_file) == 0);
    CHECK(volume.opens(volume.code) == 0);
    CHECK(volume.opens(volume.wrong) == 3);
    CHECK(run(Words{"ls", volume.path} + volume.key_file).exit_code == 0);
    CHECK(run(Words{"path", volume.path, "file"} + volume.code).exit_code == 0);

    const Words cat = {"cat", volume.path + "/file"};
    write_file(volume.dir / "key", std::string(40, 'x'));
    check_fails(run(cat + volume.key_file), 3, "dcryptfs.json: wrong key file");
    write_file(volume.dir / "key", std::string(31, 'x'));
    check_fails(run(cat + volume.key_file), 1, "key: too short for a key file");
    std::string typed(recovery_code);
    std::swap(typed[13], typed[14]);
    write_file(volume.dir / "code", typed);
    check_fails(run(cat + volume.code), 3, "group 3 of the recovery code is mistyped");
    write_file(volume.dir / "code", "00001-00002-00003-00004-00005-00006-00007");
    check_fails(run(cat + volume.code), 3, "dcryptfs.json: wrong recovery code");
    const SlotVolume old(config_json);
    check_fails(run(Words{"unlock", old.path} + old.key_file), 3,
                "no key slot of it takes a key file");
}

TEST_CASE("init makes a volume of either function, and of a key file", "[slot]") {
    const SlotVolume volume;
    std::filesystem::remove_all(volume.path);
    std::filesystem::create_directory(volume.path);
    const Words small = {"--kdf-memory", "8", "--kdf-time", "2"};
    CHECK(run(Words{"init", volume.path} + small + volume.key_file).exit_code == 0);
    CHECK_THAT(volume.slot("list", {}).out,
               Equals("slot 0: keyfile, argon2id, memory=8192 passes=2 lanes=4\n"));
    CHECK(json::parse(read_file(volume.config))["dcryptfs"] == 2);
    CHECK_THAT(run({"status", volume.path}).out,
               Contains("slot 0: keyfile, argon2id") && !Contains("weak"));
    CHECK(run(Words{"ls", volume.path} + volume.key_file).exit_code == 0);
    CHECK(run(Words{"ls", volume.path} + volume.known).exit_code == 3);
    std::filesystem::remove(volume.config);
    check_fails(run(Words{"init", volume.path, "--scrypt-log2n", "10"} + small), 2, "excludes");
    check_fails(run({"init", volume.path, "--recovery-code"}), 2, "--recovery-code");
    CHECK(list_dir(volume.path).empty());
}

TEST_CASE("slot add lets another secret open the volume", "[slot]") {
    const SlotVolume volume(config_json);
    const Outcome added = volume.slot("add", volume.known + volume.new_second + cheap);
    CHECK(added.err.empty());
    CHECK(added.exit_code == 0);
    CHECK(added.out == "added: 1\nbackup: " + volume.backup + "\n");
    CHECK(volume.opens(volume.known) == 0);
    CHECK(volume.opens(volume.second) == 0);
    CHECK(read_file(volume.backup) == config_json);
    CHECK(list_dir(volume.path) ==
          Words{".dcryptfs.json.backup", "dcryptfs.json", "empty", "file"});

    SECTION("a key file") {
        CHECK(
            volume.slot("add", volume.second + Words{"--new-key-file", volume.dir / "key"} + cheap)
                .exit_code == 0);
        CHECK(volume.opens(volume.key_file) == 0);
    }
    SECTION("a recovery code, which is printed once") {
        const Outcome made =
            volume.slot("add", volume.second + Words{"--new-recovery-code"} + cheap);
        CHECK(made.exit_code == 0);
        CHECK_THAT(made.out, StartsWith("recovery code: ") && Contains("\nadded: 2\n"));
        const std::string text = made.out.substr(15, 41);
        write_file(volume.dir / "code", text);
        CHECK(volume.opens(volume.code) == 0);
        CHECK(read_file(volume.config).find(text) == std::string::npos);
    }
    SECTION("a recovery code that can't be printed") {
        Redirections redirections;
        redirections.stdout_path = "/dev/full";
        const Outcome made =
            run(Words{"slot", "add", volume.path, "--no-backup", "--new-recovery-code"} +
                    volume.second + cheap,
                redirections);
        check_fails(made, 1,
                    "slot 2: it was made, but its recovery code could not be printed (standard "
                    "output: No space left on device); change or remove it");
    }
    SECTION("the same one again") {
        check_fails(volume.slot("add", volume.known + volume.new_second + cheap), 1,
                    "dcryptfs.json: slot 1 opens with this passphrase already");
    }
}

TEST_CASE("slots are changed by who can open the volume", "[slot]") {
    const SlotVolume volume;
    check_fails(volume.slot("add", volume.wrong + volume.new_second + cheap), 3,
                "wrong passphrase");
    check_fails(volume.slot("remove", volume.wrong + Words{"3"}), 3, "wrong passphrase");
    check_fails(volume.slot("change", volume.wrong + volume.new_second + cheap), 3,
                "wrong passphrase");
    volume.check_as_before();
    std::string edited(config_2_json);
    edited.replace(edited.rfind("mac") + 7, 4, "0123");
    write_file(volume.config, edited);
    check_fails(volume.slot("add", volume.known + volume.new_second + cheap), 4,
                "its MAC is wrong");
    volume.check_as_before(edited);
    edited.replace(edited.find("\"dcryptfs\": 2"), 13, "\"dcryptfs\": 9");
    write_file(volume.config, edited);
    check_fails(volume.slot("list", {}), 4,
                "unknown configuration version 9; this program knows 1 to 2");
}

TEST_CASE("slot remove takes a slot away", "[slot]") {
    const SlotVolume volume;
    check_fails(volume.slot("remove", volume.known + Words{"0"}), 1,
                "slot 0 is the one that was opened just now");
    check_fails(volume.slot("remove", volume.known + Words{"5"}), 1, "there is no slot 5");
    volume.check_as_before();
    const Outcome removed = volume.slot("remove", volume.known + Words{"3"});
    CHECK(removed.err.empty());
    CHECK(removed.out == "removed: 3\nbackup: " + volume.backup + "\n");
    CHECK(volume.opens(volume.key_file) == 3);
    CHECK(volume.opens(volume.code) == 0);
    CHECK(run(Words{"slot", "remove", volume.path, "0", "--force", "--no-backup"} + volume.known)
              .out == "removed: 0\n");
    CHECK_FALSE(std::filesystem::exists(volume.backup));
    check_fails(run(Words{"slot", "remove", volume.path, "31", "--force"} + volume.code), 1,
                "slot 31 is the last one");
    CHECK(volume.opens(volume.code) == 0);
}

TEST_CASE("slot change puts another secret in the place of one", "[slot]") {
    const SlotVolume volume;
    CHECK_THAT(volume.slot("change", volume.known + volume.new_second + cheap).out,
               Contains("changed: 0\n"));
    CHECK(volume.opens(volume.known) == 3);
    CHECK(volume.opens(volume.second) == 0);
    CHECK_THAT(
        volume
            .slot("change", volume.second + cheap +
                                Words{"--slot", "3", "--new-passphrase-file", volume.dir / "pass"})
            .out,
        Contains("changed: 3\n"));
    CHECK(volume.opens(volume.known) == 0);
    CHECK(volume.opens(volume.key_file) == 3);
    check_fails(volume.slot("change", volume.second + cheap +
                                          Words{"--new-passphrase-file", volume.dir / "pass"}),
                1, "slot 3 opens with this passphrase already");
}

TEST_CASE("a change that fails leaves all as it was", "[slot]") {
    const SlotVolume volume;
    Redirections redirections;
    const Words words =
        Words{"slot", "add", volume.path} + volume.known + volume.new_second + cheap;
    for (const int call : {SYS_flock, SYS_fchmod, SYS_fsync, SYS_renameat}) {
        redirections.failing_call = call;
        redirections.failing_error = EIO;
        check_fails(run(words, redirections), 1, "Input/output error");
        volume.check_as_before();
    }
}

TEST_CASE("a change that is killed at any step leaves the old slots or the new", "[slot]") {
    const SlotVolume volume;
    Words words;
    std::size_t slots_after = 0;
    // Writing to the disk (s) and renaming (r).
    std::string order = "srssrs";
    SECTION("add") {
        words = Words{"slot", "add", volume.path} + volume.new_second + cheap;
        slots_after = 4;
    }
    SECTION("add without a backup") {
        words = Words{"slot", "add", volume.path, "--no-backup"} + volume.new_second + cheap;
        slots_after = 4;
        order = "srss";
    }
    SECTION("remove") {
        words = {"slot", "remove", volume.path, "3"};
        slots_after = 2;
    }
    SECTION("change") {
        words = Words{"slot", "change", volume.path, "--slot", "3"} + volume.new_second + cheap;
        slots_after = 3;
    }
    words = words + volume.known;
    write_file(volume.backup, "older");
    const std::string old_text(config_2_json);
    std::size_t at = 0;
    bool was_old = true;
    std::vector<long> calls;
    for (bool was_killed = true; was_killed; at++) {
        CAPTURE(at);
        write_file(volume.config, old_text);
        const Steps steps = run_steps(words, SYS_flock, at);
        was_killed = steps.was_killed;
        calls = steps.calls;
        const std::string text = read_file(volume.config);
        if (text != old_text) {
            was_old = false;
        }
        CHECK((text == old_text) == was_old);
        const dcryptfs::Volume now = dcryptfs::load_volume(volume.path);
        CHECK(
            dcryptfs::to_hex(open_volume(now, secret_of(dcryptfs::as_bytes(passphrase))).bytes()) ==
            volume_key_hex);
        CHECK(now.config.slots.size() == (was_old ? 3 : slots_after));
        if (std::filesystem::exists(volume.backup)) {
            const std::string kept = read_file(volume.backup);
            CHECK((kept == "older" || kept == old_text));
        }
        if (!was_killed) {
            CHECK(steps.exit_code == 0);
        }
    }
    CHECK(at > 15);
    CHECK_FALSE(was_old);
    // The run that was let go on has removed what the others left.
    for (const std::string& name : list_dir(volume.path)) {
        CHECK_THAT(name, !StartsWith(".dcryptfs.json.new."));
    }
    // Nothing gets its name before it is on the disk, and no step is begun before that.
    std::string seen;
    for (const long call : calls) {
        if (call == SYS_fsync || call == SYS_renameat) {
            seen += call == SYS_fsync ? 's' : 'r';
        }
    }
    CHECK(seen == order);
}

TEST_CASE("two changes at once are both made", "[slot]") {
    const SlotVolume volume;
    // One that has been let in waits at its prompt, which is before the lock.
    TerminalSession session("dcryptfs", Words{"slot", "add", volume.path} + volume.known + cheap);
    session.expect("New passphrase for " + volume.path + ": ");
    CHECK(volume.slot("add", volume.known + volume.new_second + cheap).exit_code == 0);
    session.type("third\n");
    session.expect("The same again: ");
    session.type("third\n");
    session.expect("added: 2");
    CHECK(session.wait_end() == 0);
    write_file(volume.dir / "third", "third");
    CHECK(volume.opens({"--passphrase-file", volume.dir / "third"}) == 0);
    CHECK(volume.opens(volume.second) == 0);
}

TEST_CASE("an interrupt at any prompt of a change leaves all as it was", "[slot]") {
    const SlotVolume volume;
    const Words words = Words{"slot", "add", volume.path} + cheap;
    const std::string known = std::string(passphrase) + "\n";
    for (std::size_t prompt = 0; prompt < 3; prompt++) {
        TerminalSession session("dcryptfs", words);
        session.expect("Passphrase for " + volume.path + ": ");
        if (prompt > 0) {
            session.type(known);
            session.expect("New passphrase for " + volume.path + ": ");
        }
        if (prompt > 1) {
            session.type("second\n");
            session.expect("The same again: ");
        }
        session.type("half\x03");
        CHECK(session.wait_end() == -SIGINT);
        CHECK(session.echoes());
        volume.check_as_before();
    }
    TerminalSession session("dcryptfs", words + Words{"--recovery-code"});
    session.expect("Recovery code for " + volume.path + ": ");
    session.type("3ahrf\x03");
    CHECK(session.wait_end() == -SIGINT);
    volume.check_as_before();
}

TEST_CASE("a recovery code is typed as it is read", "[slot]") {
    const SlotVolume volume;
    TerminalSession session("dcryptfs", {"cat", volume.path + "/file", "--recovery-code"});
    session.expect("Recovery code for " + volume.path + ": ");
    session.type("3ahrf z6dm1 v29gq qy5cb kt18x fpx4k bjso5\n");
    CHECK(session.wait_end() == 0);
}

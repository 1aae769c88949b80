// SPDX-License-Identifier: GPL-2.0-or-later
// --json, of each command that reports something.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "testing/commands.h"
#include "testing/files.h"
#include "testing/known_volume.h"
#include "testing/lower_file.h"
#include "testing/name_vectors.h"
#include "testing/outcome.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

// Runs it with --json; what it writes is one object and a newline.
json json_of(Words arguments, int code = 0) {
    arguments.emplace_back("--json");
    const Outcome outcome = run(arguments);
    INFO(outcome.err);
    CHECK(outcome.exit_code == code);
    CHECK(outcome.out.ends_with("}\n"));
    return json::parse(outcome.out);
}

}  // namespace

TEST_CASE("all commands have --json but those that write something else", "[json]") {
    // What these write is what was asked for.
    const std::set<std::string> others = {"cat", "path", "completion", "ecryptfs unwrap-passphrase",
                                          "ecryptfs cat"};
    const auto line = make_command_line("dcryptfs");
    for_each_command(line->app, [&](const CLI::App& app) {
        if (!commands_of(app).empty()) {
            return;
        }
        const std::string command = command_path(app).substr(std::string("dcryptfs ").size());
        INFO(command);
        CHECK(option_names(app).contains("--json") != others.contains(command));
    });
}

TEST_CASE("init and status as JSON", "[json]") {
    const TempDir dir;
    const std::string volume = dir / "v";
    std::filesystem::create_directory(volume);
    write_file(dir / "pass", "tell nobody\n");
    const json made =
        json_of({"init", volume, "--scrypt-log2n", "10", "--passphrase-file", dir / "pass"});
    CHECK(made["volume"] == volume);
    CHECK(made["cipher"] == "aes-256-xts");
    CHECK(made["names"] == "encrypted");
    CHECK(made["key_id"].get<std::string>().size() == 32);

    const json status = json_of({"status", volume});
    const json& shown = status["volume"];
    CHECK(shown["volume"] == volume);
    CHECK(shown["format"] == 1);
    CHECK(shown["cipher"] == "aes-256-xts");
    CHECK(shown["key_id"] == made["key_id"]);
    CHECK(shown["key_in_keyring"] == false);
    CHECK((shown["lower_direct_io"].is_boolean() || shown["lower_direct_io"].is_null()));
    REQUIRE(shown["slots"].size() == 1);
    CHECK(shown["slots"][0]["kdf"] == json({{"name", "scrypt"}, {"n", 1024}, {"r", 8}, {"p", 1}}));
    CHECK(shown["slots"][0]["weak"] == true);
    CHECK(status["keys"].is_array());
    CHECK(status["mounts"].is_array());
    CHECK_THAT(status["warnings"][0].get<std::string>(),
               Contains(volume + ": slot 0 is weak (scrypt, n=1024 r=8 p=1)"));
    CHECK_THAT(run({"status", volume}).out,
               Contains("\nwarning: " + volume + ": slot 0 is weak (scrypt, n=1024 r=8 p=1)"));
    CHECK_FALSE(json_of({"status"}).contains("volume"));
}

TEST_CASE("header as JSON", "[json]") {
    const KnownVolume volume;
    const std::string file = volume.path + "/caf\xe9";  // no UTF-8
    write_file(file, make_lower_file(make_plaintext(10)));
    const json header = json_of({"header", file});
    CHECK(header["file"] == volume.path + "/caf\\xe9");
    CHECK(header["upper_size"] == 10);
    CHECK(header["lower_size"] == 8192 + 10);
    CHECK(header["format"] == 1);
    CHECK(header["nonce"].get<std::string>().size() == 64);
    // Lines have the bytes as they are.
    CHECK_THAT(run({"header", file}).out, Contains("file: " + file + "\n"));
}

TEST_CASE("ls as JSON", "[json]") {
    const KnownVolume volume;
    const Words pass = {"--passphrase-file", volume.pass};
    const auto ls = [&](Words words, int code) {
        words.insert(words.begin(), {"ls", volume.path, pass[0], pass[1]});
        return json_of(words, code);
    };
    CHECK(ls({}, 0) == json({{"entries", json::array()}, {"problems", json::array()}}));
    std::filesystem::create_directory(volume.path + "/d");
    write_file(volume.path + "/d/x\ty\xe9\xc3\xa9", make_lower_file(make_plaintext(1)));
    std::filesystem::create_symlink("to here", volume.path + "/l");
    const json all = ls({"-R"}, 0);
    REQUIRE(all["entries"].size() == 3);
    CHECK(all["entries"][0] == json({{"upper", "d"}, {"lower", "d"}, {"type", "directory"}}));
    CHECK(all["entries"][1]["upper"] == "d/x\\x09y\\xe9\xc3\xa9");
    CHECK(all["entries"][1]["type"] == "file");
    CHECK(all["entries"][2] ==
          json({{"upper", "l"}, {"lower", "l"}, {"type", "link"}, {"target", "to here"}}));
    check_fails(run({"ls", volume.path, "-0", "--json"}), 2, "--zero excludes --json");
}

TEST_CASE("ls as JSON has what is wrong in it as well", "[json]") {
    const NamesVolume volume;
    std::filesystem::create_directory(volume.path + "/lost+found");
    const json all = json_of({"ls", volume.path, "--passphrase-file", volume.pass}, 1);
    REQUIRE(all["problems"].size() == 1);
    CHECK_THAT(all["problems"][0].get<std::string>(), Contains("lost+found"));
}

TEST_CASE("changes of slots as JSON", "[json]") {
    const KnownVolume volume;
    const Words pass = {"--passphrase-file", volume.pass};
    const auto slot = [&](const std::string& command, Words words) {
        words.insert(words.begin(), {"slot", command, volume.path, pass[0], pass[1]});
        return words;
    };
    const Words cheap = {"--kdf", "scrypt", "--kdf-time", "10"};
    const Words added = {
        "--new-passphrase-file", volume.wrong, cheap[0], cheap[1], cheap[2], cheap[3]};
    const std::string backup = volume.path + "/.dcryptfs.json.backup";
    CHECK(json_of(slot("add", added)) == json({{"added", 1}, {"backup", backup}}));
    CHECK(json_of(slot("remove", {"1", "--no-backup"})) == json({{"removed", 1}}));
    // A recovery code is in no text that is not wiped.
    check_fails(run(slot("add", {"--new-recovery-code", "--json"})), 2,
                "--json excludes --new-recovery-code");
    check_fails(run(slot("change", {"--new-recovery-code", "--json"})), 2,
                "--json excludes --new-recovery-code");
}

TEST_CASE("export as JSON", "[json]") {
    const KnownVolume volume;
    const TempDir dir;
    write_file(volume.path + "/file", make_lower_file(make_plaintext(10)));
    const json done =
        json_of({"export", volume.path, dir / "out", "--passphrase-file", volume.pass});
    CHECK(done == json({{"exported", 1}, {"bytes", 10}, {"problems", 0}}));
}

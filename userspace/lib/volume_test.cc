// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/volume.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "lib/names.h"
#include "testing/errors.h"
#include "testing/files.h"
#include "testing/name_vectors.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

Volume volume_of(const std::string& text) {
    return {"/v", "/v/dcryptfs.json", parse_config(text, "/v/dcryptfs.json")};
}

Secret right_passphrase() {
    return secret_of(as_bytes(passphrase));
}

}  // namespace

TEST_CASE("a configuration made elsewhere opens to its volume key", "[volume]") {
    const Volume volume = volume_of(std::string(config_json));
    CHECK(to_hex(open_volume(volume, right_passphrase()).bytes()) == volume_key_hex);
    const Volume encrypted = volume_of(encrypted_config_json());
    CHECK(to_hex(open_volume(encrypted, right_passphrase()).bytes()) == volume_key_hex);
}

TEST_CASE("a wrong passphrase is called that", "[volume]") {
    const Volume volume = volume_of(std::string(config_json));
    for (const char* const wrong : {"correct hors", "correct horse ", "Correct horse"}) {
        const Error error = error_of([&] { open_volume(volume, secret_of(as_bytes(wrong))); });
        CHECK(error.code() == Exit::wrong_passphrase);
        CHECK_THAT(error.what(), Contains("/v/dcryptfs.json: wrong passphrase"));
    }
}

TEST_CASE("an edited configuration does not open", "[volume]") {
    json document = json::parse(config_json);
    const auto flip = [&](const char* pointer) {
        auto& text = document[json::json_pointer(pointer)].get_ref<std::string&>();
        text.front() = text.front() == '0' ? '1' : '0';
    };
    Exit code = Exit::damaged;
    std::string reason;
    SECTION("the MAC") {
        flip("/mac");
        reason = "its MAC is wrong";
    }
    SECTION("the names mode") {
        document["names"] = "encrypted";
        reason = "its MAC is wrong";
    }
    SECTION("the key identifier") {
        flip("/key_id");
        reason = "key_id is not that of the volume key";
    }
    SECTION("digits of another case, which mean the same") {
        auto& text = document["key_id"].get_ref<std::string&>();
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        reason = "its MAC is wrong";
    }
    SECTION("a slot more") {
        document["slots"].push_back(document["slots"][0]);
        reason = "its MAC is wrong";
    }
    SECTION("the wrapped key") {
        flip("/slots/0/wrap/key");
        code = Exit::wrong_passphrase;
        reason = "damaged or edited";
    }
    SECTION("the tag") {
        flip("/slots/0/wrap/tag");
        code = Exit::wrong_passphrase;
    }
    SECTION("the salt") {
        flip("/slots/0/kdf/salt");
        code = Exit::wrong_passphrase;
    }
    SECTION("the cost") {
        document["slots"][0]["kdf"]["n"] = 2048;
        code = Exit::wrong_passphrase;
    }
    const Volume volume = volume_of(document.dump());
    const Error error = error_of([&] { open_volume(volume, right_passphrase()); });
    CHECK_THAT(error.what(), Contains(reason));
    CHECK(error.code() == code);
}

TEST_CASE("the digits of the MAC may be of either case", "[volume]") {
    std::string text(config_json);
    text.replace(text.find("de8f1007"), 8, "DE8F1007");
    CHECK(to_hex(open_volume(volume_of(text), right_passphrase()).bytes()) == volume_key_hex);
}

TEST_CASE("what opens the names needs the passphrase, and is there if they are encrypted",
          "[volume]") {
    const Volume plain = volume_of(std::string(config_json));
    const Volume encrypted = volume_of(encrypted_config_json());
    CHECK(open_names(plain, right_passphrase()) == nullptr);
    const auto sealer = open_names(encrypted, right_passphrase());
    REQUIRE(sealer != nullptr);
    CHECK(decode_short_name(*sealer, dir_nonce, name_vectors[0].sealed) == "a");
    for (const Volume* const volume : {&plain, &encrypted}) {
        CHECK(error_of([&] { (void)open_names(*volume, secret_of(as_bytes("wrong"))); }).code() ==
              Exit::wrong_passphrase);
    }
}

TEST_CASE("layout and order of the file don't matter, only its values", "[volume]") {
    const Volume volume = volume_of(json::parse(config_json).dump());
    CHECK(to_hex(open_volume(volume, right_passphrase()).bytes()) == volume_key_hex);
}

TEST_CASE("any slot opens a volume", "[volume]") {
    // A second slot in front that does not open; the MAC is made anew.
    Config config = parse_config(config_json, "file");
    config.slots.insert(config.slots.begin(), config.slots[0]);
    config.slots[0].salt[0] ^= 1U;
    const Volume volume = volume_of(format_config(config, secret_of(unhex(config_mac_key_hex))));
    CHECK(to_hex(open_volume(volume, right_passphrase()).bytes()) == volume_key_hex);
}

TEST_CASE("a new volume opens with its passphrase", "[volume]") {
    const NamedId names = GENERATE(from_range(known_names));
    const VolumeParameters parameters = {known_suites[0], names, ScryptCost{1024, 8, 1}};
    const SlotSecret secret{SlotType::passphrase, right_passphrase()};
    const NewVolume first = make_volume(parameters, secret);
    const NewVolume second = make_volume(parameters, secret);
    CHECK(first.key_id != second.key_id);
    const Volume volume = volume_of(first.config_text);
    CHECK(volume.config.key_id == first.key_id);
    CHECK(volume.config.names.name == names.name);
    CHECK(derive_key_id(open_volume(volume, right_passphrase())) == first.key_id);
}

TEST_CASE("the configuration file appears whole, for its owner alone, and only once", "[volume]") {
    const TempDir dir;
    const Fd fd = open_dir(dir.path());
    write_config(fd, dir.path(), "first");
    CHECK(list_dir(dir.path()) == std::vector<std::string>{"dcryptfs.json"});
    CHECK(read_file(dir / "dcryptfs.json") == "first");
    struct stat info {};
    REQUIRE(stat((dir / "dcryptfs.json").c_str(), &info) == 0);
    CHECK((info.st_mode & ALLPERMS) == 0600);

    CHECK_THAT(error_of([&] { write_config(fd, dir.path(), "second"); }).what(),
               Contains("File exists"));
    CHECK(list_dir(dir.path()) == std::vector<std::string>{"dcryptfs.json"});
    CHECK(read_file(dir / "dcryptfs.json") == "first");
}

TEST_CASE("only an empty directory is empty", "[volume]") {
    const TempDir dir;
    const Fd fd = open_dir(dir.path());
    CHECK_NOTHROW(require_empty_dir(fd, dir.path()));
    CHECK_NOTHROW(require_empty_dir(fd, dir.path()));
    write_file(dir / ".hidden", "");
    CHECK_THAT(error_of([&] { require_empty_dir(fd, dir.path()); }).what(),
               Contains("it holds .hidden"));
}

TEST_CASE("a volume is found from a file within", "[volume]") {
    const TempDir dir;
    std::filesystem::create_directories(dir / "v/a/b");
    write_file(dir / "v/a/b/file", "");
    write_file(dir / "v/top", "");
    CHECK_FALSE(find_volume_dir(dir / "v/top").has_value());
    write_file(dir / "v/dcryptfs.json", config_json);
    CHECK(find_volume_dir(dir / "v/top") == dir / "v");
    CHECK(find_volume_dir(dir / "v/a/b/file") == dir / "v");
    CHECK(find_volume_dir(dir / "v/a/../a/b/file") == dir / "v");
    CHECK(find_volume_dir(dir / "v/a/b") == dir / "v");
    CHECK(find_volume_dir(dir / "v") == dir / "v");
    CHECK(find_volume_dir(dir / "v/dcryptfs.json") == dir / "v");
    CHECK_FALSE(find_volume_dir(dir.path()).has_value());
    CHECK_FALSE(find_volume_dir("/").has_value());
    const Volume volume = load_volume(dir / "v/a/..");
    CHECK(volume.dir == dir / "v");
    CHECK(volume.config_path == dir / "v/dcryptfs.json");
}

TEST_CASE("a directory that holds no sound volume is refused", "[volume]") {
    const TempDir dir;
    const std::string config = dir / "dcryptfs.json";
    Exit code = Exit::damaged;
    std::string reason;
    SECTION("nothing there") {
        reason = "not a dcryptfs volume";
    }
    SECTION("nothing but a backup") {
        write_file(dir / ".dcryptfs.json.backup", config_json);
        reason =
            "it has lost its dcryptfs.json; there is one of before its key slots were "
            "changed, .dcryptfs.json.backup";
    }
    SECTION("a link") {
        write_file(dir / "elsewhere", config_json);
        REQUIRE(symlink("elsewhere", config.c_str()) == 0);
        reason = "not a regular file";
    }
    SECTION("a pipe") {
        REQUIRE(mkfifo(config.c_str(), 0600) == 0);
        reason = "not a regular file";
    }
    SECTION("a huge file") {
        write_file(config, config_json);
        REQUIRE(truncate(config.c_str(), off_t{1} << 40U) == 0);
        reason = "longer than 65536 bytes";
    }
    SECTION("an empty file") {
        write_file(config, "");
        reason = "damaged configuration";
    }
    const Error error = error_of([&] { load_volume(dir.path()); });
    CHECK_THAT(error.what(), Contains(reason) && Contains(dir.path()));
    CHECK(error.code() == code);
    CHECK(error_of([&] { load_volume(dir / "none"); }).code() == Exit::failure);
}

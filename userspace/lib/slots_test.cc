// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/slots.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "testing/errors.h"
#include "testing/files.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

const SlotCost cheap = ScryptCost{1024, 8, 1};

Volume volume_of(const std::string& text) {
    return {"/v", "/v/dcryptfs.json", parse_config(text, "/v/dcryptfs.json")};
}

SlotSecret typed(std::string_view text) {
    return {SlotType::passphrase, secret_of(as_bytes(text))};
}

SlotSecret known_key_file() {
    return {SlotType::key_file, secret_of(unhex(key_file_secret_hex))};
}

SlotSecret known_recovery_code() {
    return {SlotType::recovery, secret_of(as_bytes(recovery_code))};
}

// The text after an edit of the configuration, opened by the passphrase of the vectors.
std::string edited(const std::string& text, const std::function<void(SlotEdit&)>& edit) {
    const Volume volume = volume_of(text);
    const OpenedVolume opened = open_slot(volume, typed(passphrase));
    SlotEdit slots(volume, opened);
    edit(slots);
    return slots.text();
}

std::string ids_of(const std::string& text) {
    std::string ids;
    for (const Slot& slot : parse_config(text, "file").slots) {
        ids += std::to_string(slot.id) + " ";
    }
    return ids;
}

bool opens(const std::string& text, const SlotSecret& secret) {
    try {
        return to_hex(open_volume(volume_of(text), secret).bytes()) == volume_key_hex;
    } catch (const Error& error) {
        CHECK(error.code() == Exit::wrong_passphrase);
        return false;
    }
}

// The edit is refused for this reason.
void check_refused(const std::string& text, const std::string& reason,
                   const std::function<void(SlotEdit&)>& edit) {
    const Error error = error_of([&] { edited(text, edit); });
    CHECK_THAT(error.what(), Contains(reason));
    CHECK(error.code() == Exit::failure);
}

const std::string version_1(config_json);
const std::string version_2(config_2_json);

}  // namespace

TEST_CASE("a configuration of version 2 made elsewhere opens by each of its slots", "[slots]") {
    const Volume volume = volume_of(version_2);
    CHECK(open_slot(volume, typed(passphrase)).slot == 0);
    CHECK(open_slot(volume, known_key_file()).slot == 1);
    CHECK(open_slot(volume, known_recovery_code()).slot == 2);
    CHECK(to_hex(open_volume(volume, known_key_file()).bytes()) == volume_key_hex);
    CHECK(to_hex(open_volume(volume, known_recovery_code()).bytes()) == volume_key_hex);
}

TEST_CASE("a secret opens only slots of its type", "[slots]") {
    const Volume volume = volume_of(version_2);
    const SlotSecret secret{SlotType::passphrase, secret_of(as_bytes(recovery_code))};
    const Error wrong = error_of([&] { open_volume(volume, secret); });
    CHECK(wrong.code() == Exit::wrong_passphrase);
    CHECK_THAT(wrong.what(), Contains("wrong passphrase"));
    const Error none = error_of([&] { open_volume(volume_of(version_1), known_recovery_code()); });
    CHECK(none.code() == Exit::wrong_passphrase);
    CHECK_THAT(none.what(), Contains("no key slot of it takes a recovery code"));
}

TEST_CASE("an edit of anything in a slot of version 2 is noticed", "[slots]") {
    const json whole = json::parse(version_2);
    const auto refused = [](const json& document, const SlotSecret& secret) {
        try {
            open_volume(volume_of(document.dump()), secret);
        } catch (const Error& error) {
            return error.code() == Exit::damaged || error.code() == Exit::wrong_passphrase;
        }
        return false;
    };
    const std::array secrets = {typed(passphrase), known_key_file(), known_recovery_code()};
    for (std::size_t i = 0; i < secrets.size(); i++) {
        const json& slot = whole["slots"][i];
        const json leaves = slot.flatten();
        for (const auto& [pointer, value] : leaves.items()) {
            CAPTURE(i, pointer);
            json changed = whole;
            json& leaf = changed["slots"][i][json::json_pointer(pointer)];
            if (value.is_number()) {
                leaf = value.get<std::uint64_t>() * 2 + 2;
            } else {
                auto& text = leaf.get_ref<std::string&>();
                text.front() = text.front() == '0' ? '1' : '0';
            }
            // By the slot itself, and by each other one.
            for (const SlotSecret& secret : secrets) {
                CHECK(refused(changed, secret));
            }
        }
        json changed = whole;
        changed["slots"][i]["type"] = i == 0 ? "keyfile" : "passphrase";
        CHECK(refused(changed, secrets[i]));
        // Another way to write the same salt: the tag is not computed over the same.
        changed = whole;
        auto& salt = changed["slots"][i]["kdf"]["salt"].get_ref<std::string&>();
        std::transform(salt.begin(), salt.end(), salt.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        CHECK(refused(changed, secrets[i]));
        changed = whole;
        changed["slots"].erase(i);
        CHECK(refused(changed, secrets[(i + 1) % secrets.size()]));
    }
}

TEST_CASE("the identity and the type of a slot are bound to its own tag", "[slots]") {
    // The MAC is made anew, as somebody could who has the volume key, so only the tag is left.
    Config config = parse_config(version_2, "file");
    const Secret mac_key = secret_of(unhex(config_mac_key_hex));
    CHECK(opens(format_config(config, mac_key), typed(passphrase)));
    config.slots[0].id = 1;
    CHECK_FALSE(opens(format_config(config, mac_key), typed(passphrase)));
    config.slots[0].id = 0;
    config.slots[1].type = SlotType::passphrase;
    const SlotSecret bytes{SlotType::passphrase, secret_of(unhex(key_file_secret_hex))};
    CHECK_FALSE(opens(format_config(config, mac_key), bytes));
}

#ifndef __SANITIZE_ADDRESS__  // which needs more address space than this leaves
TEST_CASE("a slot that takes more memory than there is, is told of and keeps no other from opening",
          "[slots]") {
    Config config = parse_config(version_2, "file");
    std::swap(config.slots[0], config.slots[1]);
    config.slots[0].cost = Argon2Cost{argon2_max_memory, 1, 1};
    config.slots[0].type = SlotType::passphrase;
    const std::string text = format_config(config, secret_of(unhex(config_mac_key_hex)));
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
    const rlimit little{std::uint64_t{1} << 30U, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_AS, &little) == 0);
    const bool right = opens(text, typed(passphrase));
    const Error wrong = error_of([&] { open_volume(volume_of(text), typed("wrong")); });
    const Error added =
        error_of([&] { edited(text, [](SlotEdit& slots) { slots.add(cheap, typed("second")); }); });
    REQUIRE(setrlimit(RLIMIT_AS, &before) == 0);
    CHECK(right);
    CHECK(wrong.code() == Exit::failure);
    CHECK_THAT(wrong.what(), Contains("/v/dcryptfs.json: slot 3: its key derivation takes 4096 MiB "
                                      "of memory, and only 1024 MiB are available"));
    CHECK_THAT(added.what(), Contains("slot 3: its key derivation takes 4096 MiB"));
}
#endif

TEST_CASE("a slot that is added opens the volume, and the others still do", "[slots]") {
    std::uint64_t id = 0;
    const std::string text =
        edited(version_2, [&](SlotEdit& slots) { id = slots.add(cheap, typed("second")); });
    CHECK(id == 1);
    CHECK(ids_of(text) == "0 1 3 31 ");
    CHECK(opens(text, typed("second")));
    CHECK(opens(text, typed(passphrase)));
    CHECK(opens(text, known_key_file()));
    CHECK(opens(text, known_recovery_code()));
    CHECK_FALSE(opens(text, typed("third")));
}

TEST_CASE("a configuration of version 1 becomes one of version 2 when its slots change",
          "[slots]") {
    const std::string text = edited(version_1, [](SlotEdit& slots) {
        slots.add(Argon2Cost{argon2_min_memory, 1, 1}, known_key_file());
    });
    const json document = json::parse(text);
    CHECK(document["dcryptfs"] == 2);
    CHECK(document["slots"][0]["kdf"] == json::parse(version_1)["slots"][0]["kdf"]);
    CHECK(document["slots"][1]["kdf"]["name"] == "argon2id");
    CHECK(opens(text, typed(passphrase)));
    CHECK(opens(text, known_key_file()));

    Config two = parse_config(version_1, "file");
    two.slots.push_back(two.slots[0]);
    const std::string mixed = format_config(two, secret_of(unhex(config_mac_key_hex)));
    check_refused(mixed, "of version 1 with more than one key slot",
                  [](SlotEdit& slots) { slots.add(cheap, typed("second")); });
}

TEST_CASE("a secret is added once", "[slots]") {
    check_refused(version_2, "slot 0 opens with this passphrase already; nothing was changed",
                  [](SlotEdit& slots) { slots.add(cheap, typed(passphrase)); });
    check_refused(version_2, "slot 3 opens with this key file already",
                  [](SlotEdit& slots) { slots.add(cheap, known_key_file()); });
    check_refused(version_1, "slot 0 opens with this passphrase already",
                  [](SlotEdit& slots) { slots.add(cheap, typed(passphrase)); });
}

TEST_CASE("there are 32 slots and no more, and all fit into the file", "[slots]") {
    std::string text = version_1;
    text = edited(text, [](SlotEdit& slots) {
        for (std::uint64_t i = 1; i < max_slots; i++) {
            CHECK(slots.add(cheap, {SlotType::recovery, secret_of(as_bytes(std::to_string(i)))}) ==
                  i);
        }
    });
    CHECK(text.size() < max_config_size);
    CHECK(parse_config(text, "file").slots.size() == max_slots);
    check_refused(text, "all 32 key slots are in use",
                  [](SlotEdit& slots) { slots.add(cheap, known_recovery_code()); });
    const SlotSecret last{SlotType::recovery, secret_of(as_bytes("31"))};
    CHECK(opens(text, last));
}

TEST_CASE("a slot that is removed opens the volume no longer", "[slots]") {
    const std::string text = edited(version_2, [](SlotEdit& slots) { slots.remove(3, false); });
    CHECK(ids_of(text) == "0 31 ");
    CHECK_FALSE(opens(text, known_key_file()));
    CHECK(opens(text, typed(passphrase)));
    check_refused(version_2, "there is no slot 4 (there are: 0, 3, 31)",
                  [](SlotEdit& slots) { slots.remove(4, true); });
}

TEST_CASE("the slot that was opened goes by force, the last one never", "[slots]") {
    check_refused(version_2, "slot 0 is the one that was opened just now",
                  [](SlotEdit& slots) { slots.remove(0, false); });
    const std::string text = edited(version_2, [](SlotEdit& slots) {
        slots.remove(0, true);
        slots.remove(3, true);
        CHECK_THAT(error_of([&] { slots.remove(31, true); }).what(),
                   Contains("slot 31 is the last one"));
    });
    CHECK(ids_of(text) == "31 ");
    CHECK(opens(text, known_recovery_code()));
    check_refused(version_1, "slot 0 is the last one",
                  [](SlotEdit& slots) { slots.remove(0, true); });
}

TEST_CASE("a slot that is changed opens with the new secret only", "[slots]") {
    const std::string text =
        edited(version_2, [](SlotEdit& slots) { slots.change(3, cheap, typed("second")); });
    CHECK(ids_of(text) == "0 3 31 ");
    CHECK(opens(text, typed("second")));
    CHECK_FALSE(opens(text, known_key_file()));
    CHECK(opens(text, typed(passphrase)));
    check_refused(version_2, "slot 0 opens with this passphrase already",
                  [](SlotEdit& slots) { slots.change(3, cheap, typed(passphrase)); });
    SECTION("which may be the same, at another cost") {
        const std::string dearer = edited(version_2, [](SlotEdit& slots) {
            slots.change(0, ScryptCost{2048, 8, 1}, typed(passphrase));
        });
        CHECK(describe(parse_config(dearer, "file").slots[0].cost) == "scrypt, n=2048 r=8 p=1");
        CHECK(opens(dearer, typed(passphrase)));
    }
}

TEST_CASE("a key file gives the secret of the document, and has its limits", "[slots]") {
    const TempDir dir;
    std::string content;
    for (char c = 0; c < 40; c++) {
        content += c;
    }
    write_file(dir / "key", std::string_view(content));
    CHECK(to_hex(read_key_file(dir / "key").bytes.bytes()) == key_file_secret_hex);
    write_file(dir / "key", std::string_view(content + "\n"));
    CHECK(to_hex(read_key_file(dir / "key").bytes.bytes()) != key_file_secret_hex);
    write_file(dir / "key", std::string(31, 'x'));
    CHECK_THAT(error_of([&] { read_key_file(dir / "key"); }).what(),
               Contains("too short for a key file: it has 31 bytes"));
    write_file(dir / "key", std::string(32, 'x'));
    CHECK(read_key_file(dir / "key").type == SlotType::key_file);
    write_file(dir / "key", std::string(max_key_file_size, 'x'));
    CHECK_NOTHROW(read_key_file(dir / "key"));
    write_file(dir / "key", std::string(max_key_file_size + 1, 'x'));
    CHECK_THAT(error_of([&] { read_key_file(dir / "key"); }).what(),
               Contains("longer than a key file may be"));
    CHECK_THAT(error_of([&] { read_key_file("/dev/zero"); }).what(),
               Contains("longer than a key file may be"));
    CHECK_THAT(error_of([&] { read_key_file(dir / "none"); }).what(), Contains("No such file"));
}

TEST_CASE("a new file takes the place of the old one with its mode", "[slots]") {
    const TempDir dir;
    write_file(dir / "dcryptfs.json", config_json);
    REQUIRE(chmod((dir / "dcryptfs.json").c_str(), 0640) == 0);
    write_file(dir / ".dcryptfs.json.new.0123", "left behind");
    {
        LockedVolume locked(dir.path());
        locked.replace("new", Backup::keep);
    }
    CHECK(list_dir(dir.path()) ==
          std::vector<std::string>{".dcryptfs.json.backup", "dcryptfs.json"});
    CHECK(read_file(dir / "dcryptfs.json") == "new");
    CHECK(read_file(dir / ".dcryptfs.json.backup") == config_json);
    for (const char* const name : {"dcryptfs.json", ".dcryptfs.json.backup"}) {
        struct stat info {};
        REQUIRE(stat((dir / name).c_str(), &info) == 0);
        CHECK((info.st_mode & ALLPERMS) == 0640);
    }
    write_file(dir / "dcryptfs.json", config_json);
    LockedVolume locked(dir.path());
    CHECK_THAT(error_of([&] {
                   locked.replace(std::string(max_config_size + 1, 'x'), Backup::keep);
               }).what(),
               Contains("too long"));
    locked.replace("newer", Backup::none);
    CHECK(list_dir(dir.path()) == std::vector<std::string>{"dcryptfs.json"});
    CHECK(read_file(dir / "dcryptfs.json") == "newer");
}

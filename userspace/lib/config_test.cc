// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/config.h"

#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "testing/errors.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

json sound() {
    return json::parse(config_json);
}

json sound_2() {
    return json::parse(config_2_json);
}

// Expects the text to be refused for this reason, in one line about the file.
void check_refused(std::string_view text, const std::string& reason) {
    CAPTURE(std::string(text));
    const Error error = error_of([&] { (void)parse_config(text, "/v/dcryptfs.json"); });
    CHECK_THAT(error.what(), Contains(reason));
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith("/v/dcryptfs.json: "));
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    CHECK(error.code() == Exit::damaged);
}

}  // namespace

TEST_CASE("a sound configuration is read", "[config]") {
    const Config config = parse_config(config_json, "file");
    CHECK(config.format == 1);
    CHECK(config.suite.name == "aes-256-xts");
    CHECK(config.names.name == "plain");
    CHECK(to_hex(config.key_id) == key_id_hex);
    REQUIRE(config.slots.size() == 1);
    CHECK(config.slots[0].id == 0);
    CHECK(config.slots[0].type == SlotType::passphrase);
    CHECK(describe(config.slots[0].cost) == "scrypt, n=1024 r=8 p=1");
    CHECK(config.slots[0].associated_data ==
          R"({"n":1024,"name":"scrypt","p":1,"r":8,"salt":)"
          R"("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"})");
    const Secret mac_key = secret_of(unhex(config_mac_key_hex));
    CHECK(hmac_sha256(mac_key.bytes(), as_bytes(config.canonical_without_mac)) == config.mac);
}

TEST_CASE("what is written is read back the same", "[config]") {
    const Config config = parse_config(config_json, "file");
    const std::string text = format_config(config, secret_of(unhex(config_mac_key_hex)));
    CHECK(json::parse(text) == sound());
    CHECK(text.ends_with("}\n"));
    CHECK(slot_associated_data(1, config.slots[0]) == config.slots[0].associated_data);
}

TEST_CASE("either way to store names is read and written", "[config]") {
    const Config config = parse_config(encrypted_config_json(), "file");
    CHECK(config.names.id == DCRYPT_NAMES_ENCRYPTED);
    const std::string text = format_config(config, secret_of(unhex(config_mac_key_hex)));
    CHECK(json::parse(text) == json::parse(encrypted_config_json()));
}

TEST_CASE("every field is needed, has one type, and no other field may be there", "[config]") {
    const json whole = GENERATE(sound(), sound_2());
    const json leaves = whole.flatten();
    for (const auto& [pointer, value] : leaves.items()) {
        const json::json_pointer leaf(pointer);
        const std::string& name = leaf.back();
        CAPTURE(pointer);

        json missing = whole;
        missing[leaf.parent_pointer()].erase(name);
        check_refused(missing.dump(), "missing field");
        check_refused(missing.dump(), name);

        for (const json& wrong : {json(nullptr), json(true), json(-1), json(1.5), json(""),
                                  json::array(), json::object(), json("zz"), json("\xc3\xa4")}) {
            json changed = whole;
            changed[leaf] = wrong;
            check_refused(changed.dump(), name == "dcryptfs" ? "version" : name);
        }
    }
    for (const char* const parent : {"", "/slots/0", "/slots/0/kdf", "/slots/0/wrap"}) {
        json extra = whole;
        extra[json::json_pointer(parent)]["hint"] = 1;
        check_refused(extra.dump(), "unknown field");
        check_refused(extra.dump(), "hint");
    }
}

TEST_CASE("values that are not known are refused by name", "[config]") {
    const auto with = [](const char* pointer, const json& value) {
        json changed = sound();
        changed[json::json_pointer(pointer)] = value;
        return changed.dump();
    };
    check_refused(with("/dcryptfs", 0), "unknown configuration version 0");
    check_refused(with("/dcryptfs", 3), "unknown configuration version 3");
    check_refused(with("/dcryptfs", 2), "missing field slots[0].id");
    check_refused(with("/slots/0/kdf/name", "argon2id"), "slots[0].kdf.name: unknown value");
    check_refused(with("/format", 2), "unknown format 2");
    check_refused(with("/cipher", "rot13"), "known: aes-256-xts");
    check_refused(with("/names", "garbled"), "known: plain, encrypted");
    check_refused(with("/slots/0/kdf/name", "md5"), "slots[0].kdf.name");
    check_refused(with("/slots/0/wrap/cipher", "none"), "slots[0].wrap.cipher");
    check_refused(with("/slots/0/kdf/n", 3000), "power of two");
    check_refused(with("/slots/0/kdf/n", std::uint64_t{1} << 40U), "slots[0].kdf: n must");
    check_refused(with("/slots/0/kdf/n", std::uint64_t{1} << 21U), "more than 1 GiB");
    check_refused(with("/slots/0/kdf/r", 1000000), "r must");
    check_refused(with("/slots/0/kdf/p", 1000000), "p must");
    check_refused(with("/slots/0/kdf/n", 1024.0), "slots[0].kdf.n: must be an integer");
    check_refused(with("/slots", json::array()), "1 to 8 slots");
    check_refused(with("/slots/0", 1), "slots[0]: must be an object");
    check_refused(with("/key_id", std::string(key_id_hex) + "00"), "32 hexadecimal digits");
    json many = sound();
    for (int i = 0; i < 8; i++) {
        many["slots"].push_back(many["slots"][0]);
    }
    check_refused(many.dump(), "1 to 8 slots");
}

TEST_CASE("a sound configuration of version 2 is read, and written back the same", "[config]") {
    const Config config = parse_config(config_2_json, "file");
    CHECK(config.version == 2);
    REQUIRE(config.slots.size() == 3);
    CHECK(config.slots[1].id == 3);
    CHECK(config.slots[1].type == SlotType::key_file);
    CHECK(describe(config.slots[1].cost) == "argon2id, memory=8192 passes=1 lanes=1");
    CHECK(config.slots[2].type == SlotType::recovery);
    CHECK_THAT(config.slots[1].associated_data,
               Catch::Matchers::StartsWith(R"({"id":3,"kdf":{"lanes":1,"memory":8192,)") &&
                   Catch::Matchers::EndsWith(R"(},"type":"keyfile"})"));
    for (const Slot& slot : config.slots) {
        CHECK(slot_associated_data(2, slot) == slot.associated_data);
    }
    CHECK(json::parse(format_config(config, secret_of(unhex(config_mac_key_hex)))) == sound_2());
}

TEST_CASE("a slot of a TPM is read, and written back the same", "[config]") {
    json document = sound_2();
    document["slots"][1]["type"] = "tpm2";
    document["slots"][1]["tpm2"] = {
        {"pcrs", {0, 7, 23}}, {"pin", true}, {"private", "0102"}, {"public", "030405"}};
    const Config config = parse_config(document.dump(), "file");
    const Slot& slot = config.slots[1];
    CHECK(slot.type == SlotType::tpm2);
    REQUIRE(slot.tpm2.has_value());
    CHECK(slot.tpm2->pcrs == std::vector<std::uint64_t>{0, 7, 23});
    CHECK(slot.tpm2->has_pin);
    CHECK(to_hex(slot.tpm2->private_area) == "0102");
    CHECK(to_hex(slot.tpm2->public_area) == "030405");
    // all of it is bound to what is encrypted
    CHECK_THAT(slot.associated_data,
               Catch::Matchers::EndsWith(R"("tpm2":{"pcrs":[0,7,23],"pin":true,"private":"0102",)"
                                         R"("public":"030405"},"type":"tpm2"})"));
    CHECK(slot_associated_data(2, slot) == slot.associated_data);
    json written = json::parse(format_config(config, secret_of(unhex(config_mac_key_hex))));
    written["mac"] = document["mac"];
    CHECK(written == document);

    const auto with = [&](const char* field, const json& value) {
        json changed = document;
        changed["slots"][1]["tpm2"][field] = value;
        return changed.dump();
    };
    for (const json& pcrs :
         {json(7), json({24}), json({-1}), json({7, 7}), json({7, 0}), json({"7"}), json({1.5})}) {
        CAPTURE(pcrs.dump());
        check_refused(with("pcrs", pcrs), "slots[1].tpm2.pcrs: must be an array of numbers from 0");
    }
    check_refused(with("pin", 1), "slots[1].tpm2.pin: must be true or false");
    for (const json& bytes : {json(""), json("0"), json("0g"), json(std::string(2050, '0'))}) {
        check_refused(with("private", bytes), "slots[1].tpm2.private: must be the hexadecimal");
    }
    CHECK_NOTHROW(parse_config(with("public", std::string(2048, '0')), "file"));
    check_refused(with("extra", 1), "unknown field slots[1].tpm2.extra");
    json changed = document;
    changed["slots"][1].erase("tpm2");
    check_refused(changed.dump(), "missing field slots[1].tpm2");
    changed = document;
    changed["slots"][1]["type"] = "keyfile";
    check_refused(changed.dump(), "unknown field slots[1].tpm2");
}

TEST_CASE("values that version 2 does not know are refused by name", "[config]") {
    const auto with = [](const char* pointer, const json& value) {
        json changed = sound_2();
        changed[json::json_pointer(pointer)] = value;
        return changed.dump();
    };
    check_refused(with("/dcryptfs", 1), "unknown field slots[0].id");
    check_refused(with("/slots/0/id", 32), "slots[0].id: must be from 0 to 31");
    check_refused(with("/slots/0/id", 3), "slots: two have the id 3");
    check_refused(with("/slots/0/type", "finger"), "known: passphrase, keyfile, recovery, tpm2");
    check_refused(with("/slots/0/kdf/name", "md5"), "known: scrypt, argon2id");
    check_refused(with("/slots/0/kdf/name", "argon2id"), "missing field slots[0].kdf.memory");
    check_refused(with("/slots/1/kdf/name", "scrypt"), "missing field slots[1].kdf.n");
    check_refused(with("/slots/1/kdf/n", 1024), "unknown field slots[1].kdf.n");
    check_refused(with("/slots/0/kdf/n", 512), "slots[0].kdf: n must");
    check_refused(with("/slots/1/kdf/memory", 8191), "slots[1].kdf: memory must be from 8 MiB");
    check_refused(with("/slots/1/kdf/memory", std::uint64_t{1} << 33U), "memory must be");
    check_refused(with("/slots/1/kdf/passes", 0), "slots[1].kdf: passes must");
    check_refused(with("/slots/1/kdf/passes", 1000000), "slots[1].kdf: passes must");
    check_refused(with("/slots/1/kdf/lanes", 0), "slots[1].kdf: lanes must");
    check_refused(with("/slots", json::array()), "1 to 32 slots");
    json many = sound_2();
    for (int i = 0; i < 30; i++) {
        many["slots"].push_back(many["slots"][0]);
    }
    check_refused(many.dump(), "1 to 32 slots");
}

TEST_CASE("text that is not JSON, or sly JSON, is refused", "[config]") {
    check_refused("", "damaged configuration");
    check_refused("{", "damaged configuration");
    check_refused("[]", "not a JSON object");
    check_refused("1", "not a JSON object");
    check_refused("\x1b[2J\n", "damaged configuration");
    check_refused(std::string("\0", 1), "damaged configuration");
    check_refused("\xff", "damaged configuration");
    check_refused(std::string(60000, '['), "nested too deeply");
    check_refused(R"({"a":)" + std::string(config_json) + "}", "missing field");
    check_refused(std::string(config_json) + "x", "damaged configuration");
    std::string twice(config_json);
    twice.insert(twice.find('{') + 1, R"("cipher": "aes-256-xts",)");
    check_refused(twice, "cipher occurs twice");
    std::string number(config_json);
    number.replace(number.find("1024"), 4, "99999999999999999999999");
    check_refused(number, "slots[0].kdf.n");
}

TEST_CASE("every cut of a configuration is refused", "[config]") {
    const std::string_view whole = config_json.substr(0, config_json.rfind('}'));
    for (std::size_t size = 0; size <= whole.size(); size += 7) {
        check_refused(whole.substr(0, size), "damaged configuration");
    }
}

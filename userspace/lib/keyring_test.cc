// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/keyring.h"

#include <keyutils.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "lib/cipher.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

bool have_keyrings() {
    if (keyctl_get_keyring_ID(KEY_SPEC_USER_KEYRING, 1) >= 0) {
        return true;
    }
    WARN("this process may not use kernel keyrings: not checked");
    return false;
}

KeyId random_id() {
    KeyId id{};
    random_bytes(id);
    return id;
}

}  // namespace

TEST_CASE("the key payload is as the contract says", "[keyring]") {
    const Config config = parse_config(config_json, "file");
    const Secret payload = make_key_payload(config, secret_of(unhex(volume_key_hex)));
    CHECK(to_hex(payload.bytes()) == "0101010100000000" + std::string(volume_key_hex));
    const Config encrypted = parse_config(encrypted_config_json(), "file");
    CHECK(to_hex(make_key_payload(encrypted, secret_of(unhex(volume_key_hex))).bytes()) ==
          "0101010200000000" + std::string(volume_key_hex));
    CHECK(key_description(config.key_id) == "dcryptfs:8397bfbfe3b46468205771041b4eaaad");
}

TEST_CASE("a key is added, found, listed and removed", "[keyring]") {
    if (!have_keyrings()) {
        return;
    }
    const KeyId id = random_id();
    const Secret payload(72);
    CHECK_FALSE(find_key(id).has_value());
    CHECK_FALSE(remove_key(id));

    const KeySerial key = add_key_to_user_keyring(id, payload);
    CHECK(find_key(id) == key);
    // The same key again is the same key.
    CHECK(add_key_to_user_keyring(id, payload) == key);
    const auto listed = list_keys();
    CHECK(std::any_of(listed.begin(), listed.end(), [&](const ListedKey& entry) {
        return entry.serial == key && entry.description == key_description(id);
    }));
    // Nobody reads it back.
    ByteArray<128> content{};
    CHECK(keyctl_read(key, reinterpret_cast<char*>(content.data()), content.size()) < 0);

    // It goes from every keyring, not just from the user's.
    make_process_keyring();
    REQUIRE(keyctl_link(key, KEY_SPEC_PROCESS_KEYRING) == 0);
    CHECK(remove_key(id));
    CHECK_FALSE(find_key(id).has_value());
    CHECK_FALSE(remove_key(id));
}

TEST_CASE("a key for this process alone is found while it is held", "[keyring]") {
    if (!have_keyrings()) {
        return;
    }
    const KeyId id = random_id();
    make_process_keyring();
    {
        const ProcessKey held = ProcessKey::add(id, Secret(72));
        CHECK(find_key(id).has_value());
        CHECK(keyctl_search(KEY_SPEC_USER_KEYRING, "logon", key_description(id).c_str(), 0) < 0);
    }
    CHECK_FALSE(find_key(id).has_value());
    const auto listed = list_keys();
    CHECK(std::none_of(listed.begin(), listed.end(), [&](const ListedKey& entry) {
        return entry.description == key_description(id);
    }));
}

TEST_CASE("a key that is linked for a while stays where it was", "[keyring]") {
    if (!have_keyrings()) {
        return;
    }
    const KeyId id = random_id();
    const auto search = [&](KeySerial keyring) {
        return keyctl_search(keyring, "logon", key_description(id).c_str(), 0);
    };
    const KeySerial key = add_key_to_user_keyring(id, Secret(72));
    {
        const ProcessKey held = ProcessKey::link(key);
        CHECK(search(KEY_SPEC_PROCESS_KEYRING) == key);
    }
    CHECK(search(KEY_SPEC_PROCESS_KEYRING) < 0);
    CHECK(search(KEY_SPEC_USER_KEYRING) == key);
    CHECK(remove_key(id));
}

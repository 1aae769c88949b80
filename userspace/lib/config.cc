// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "lib/error.h"

namespace dcryptfs {

namespace {

using nlohmann::json;

constexpr std::uint64_t oldest_config_version = 1;
constexpr std::string_view wrap_cipher_name = "aes-256-gcm";

// The type, and the field that a slot of it has besides.
constexpr std::string_view tpm2_name = "tpm2";

// By their place in SlotType, and functions by theirs in SlotCost.
constexpr std::array<NamedId, 4> slot_types = {
    {{static_cast<std::uint16_t>(SlotType::passphrase), "passphrase"},
     {static_cast<std::uint16_t>(SlotType::key_file), "keyfile"},
     {static_cast<std::uint16_t>(SlotType::recovery), "recovery"},
     {static_cast<std::uint16_t>(SlotType::tpm2), tpm2_name}}};
constexpr std::array<NamedId, 2> kdfs = {{{0, scrypt_name}, {1, argon2id_name}}};

// A JSON object and where it stands, for messages: "slots[0].kdf.".
class Reader {
  public:
    // With whatever fields it has.
    Reader(const json& value, std::string subject, std::string where)
        : value_(value), subject_(std::move(subject)), where_(std::move(where)) {
        if (!value_.is_object()) {
            reject(where_.empty() ? "not a JSON object" : where_ + ": must be an object");
        }
    }

    // With these fields, and no others.
    Reader(const json& value, std::string subject, std::string where,
           const std::vector<std::string_view>& fields)
        : Reader(value, std::move(subject), std::move(where)) {
        for (const std::string_view field : fields) {
            require(field);
        }
        for (const auto& item : value_.items()) {
            if (std::find(fields.begin(), fields.end(), item.key()) == fields.end()) {
                reject("unknown field " + path(item.key()));
            }
        }
    }

    void require(std::string_view field) const {
        if (!value_.contains(field)) {
            reject("missing field " + path(field));
        }
    }

    [[noreturn]] void reject(std::string_view reason) const {
        fail(Exit::damaged, subject_, "damaged configuration: " + printable(reason));
    }

    [[noreturn]] void reject(std::string_view field, std::string_view reason) const {
        std::string text = path(field);
        text += ": ";
        text += reason;
        reject(text);
    }

    [[nodiscard]] const json& at(std::string_view field) const {
        return value_.at(std::string(field));
    }

    [[nodiscard]] std::uint64_t integer(std::string_view field) const {
        const json& value = at(field);
        if (!value.is_number_unsigned()) {
            reject(field, "must be an integer that is not negative");
        }
        return value.get<std::uint64_t>();
    }

    [[nodiscard]] std::string text(std::string_view field) const {
        const json& value = at(field);
        if (!value.is_string()) {
            reject(field, "must be a string");
        }
        return value.get<std::string>();
    }

    void hex(std::string_view field, MutableBytes out) const {
        if (!from_hex(text(field), out)) {
            reject(field, "must be " + std::to_string(2 * out.size()) + " hexadecimal digits");
        }
    }

    // 1 to `most` bytes.
    [[nodiscard]] std::vector<std::uint8_t> some_hex(std::string_view field,
                                                     std::size_t most) const {
        const std::string digits = text(field);
        std::vector<std::uint8_t> out(digits.size() / 2);
        if (out.empty() || out.size() > most || !from_hex(digits, out)) {
            reject(field,
                   "must be the hexadecimal digits of 1 to " + std::to_string(most) + " bytes");
        }
        return out;
    }

    [[nodiscard]] bool boolean(std::string_view field) const {
        const json& value = at(field);
        if (!value.is_boolean()) {
            reject(field, "must be true or false");
        }
        return value.get<bool>();
    }

    [[nodiscard]] NamedId named(std::string_view field, std::span<const NamedId> table) const {
        const std::string name = text(field);
        const auto entry = find_name(table, name);
        if (!entry) {
            reject(field, "unknown value \"" + name + "\" (known: " + list_names(table) + ")");
        }
        return *entry;
    }

    void constant(std::string_view field, std::string_view expected) const {
        const NamedId only{0, expected};
        (void)named(field, std::span(&only, 1));
    }

    [[nodiscard]] std::string path(std::string_view field) const {
        std::string out = where_;
        out += where_.empty() ? "" : ".";
        out += field;
        return out;
    }

  private:
    const json& value_;
    std::string subject_;
    std::string where_;
};

// Refuses what the library would let pass: a key given twice in one object,
// and nesting that no configuration has.
class StructureCheck {
  public:
    bool operator()(int depth, json::parse_event_t event, const json& parsed) {
        constexpr int deepest = 5;
        if (depth > deepest) {
            throw std::invalid_argument("nested too deeply");
        }
        if (event == json::parse_event_t::object_start) {
            keys_.emplace_back();
        } else if (event == json::parse_event_t::object_end) {
            keys_.pop_back();
        } else if (event == json::parse_event_t::key &&
                   !keys_.back().insert(parsed.get<std::string>()).second) {
            throw std::invalid_argument("field " + parsed.get<std::string>() + " occurs twice");
        }
        return true;
    }

  private:
    std::vector<std::set<std::string>> keys_;
};

json parse_json(std::string_view text, const std::string& subject) {
    std::string reason;
    try {
        return json::parse(text, StructureCheck());
    } catch (const json::exception& error) {
        reason = error.what();
        // "[json.exception.parse_error.101] parse error at ..."
        if (const auto end = reason.find("] "); end != std::string::npos) {
            reason.erase(0, end + 2);
        }
    } catch (const std::invalid_argument& error) {
        reason = error.what();
    }
    fail(Exit::damaged, subject, "damaged configuration: " + printable(reason));
}

// The "kdf" object: a function by its name, and what that one takes.
void parse_kdf(const json& value, std::uint64_t version, const std::string& subject,
               const std::string& where, Slot& slot) {
    // The name before all else: each function has other fields.  Version 1 knows the first.
    const std::span known(kdfs.data(), version == oldest_config_version ? 1 : kdfs.size());
    const Reader any(value, subject, where);
    any.require("name");
    const bool is_scrypt = any.named("name", known).name == scrypt_name;
    const Reader kdf(
        value, subject, where,
        is_scrypt ? std::vector<std::string_view>{"name", "salt", "n", "r", "p"}
                  : std::vector<std::string_view>{"name", "salt", "memory", "passes", "lanes"});
    kdf.hex("salt", slot.salt);
    const char* problem = nullptr;
    if (is_scrypt) {
        const ScryptCost cost{kdf.integer("n"), kdf.integer("r"), kdf.integer("p")};
        problem = scrypt_cost_problem(cost);
        slot.cost = cost;
    } else {
        const Argon2Cost cost{kdf.integer("memory"), kdf.integer("passes"), kdf.integer("lanes")};
        problem = argon2_cost_problem(cost);
        slot.cost = cost;
    }
    if (problem != nullptr) {
        kdf.reject(where + ": " + problem);
    }
}

std::vector<std::uint64_t> parse_pcrs(const Reader& tpm2) {
    const json& array = tpm2.at("pcrs");
    std::vector<std::uint64_t> pcrs;
    bool is_sound = array.is_array();
    for (const json& value : is_sound ? array : json::array()) {
        is_sound = is_sound && value.is_number_unsigned() &&
                   value.get<std::uint64_t>() < tpm2_registers &&
                   (pcrs.empty() || value.get<std::uint64_t>() > pcrs.back());
        if (!is_sound) {
            break;
        }
        pcrs.push_back(value.get<std::uint64_t>());
    }
    if (!is_sound) {
        tpm2.reject("pcrs", "must be an array of numbers from 0 to " +
                                std::to_string(tpm2_registers - 1) + ", in rising order");
    }
    return pcrs;
}

Tpm2Object parse_tpm2(const json& value, const std::string& subject, const std::string& where) {
    const Reader tpm2(value, subject, where, {"pcrs", "pin", "private", "public"});
    return {tpm2.some_hex("public", max_tpm2_area), tpm2.some_hex("private", max_tpm2_area),
            parse_pcrs(tpm2), tpm2.boolean("pin")};
}

// The fields of a slot.  What type it is says which, so that is looked at before.
std::vector<std::string_view> slot_fields(const json& value, bool is_old) {
    std::vector<std::string_view> fields = {"kdf", "wrap"};
    if (!is_old) {
        fields.insert(fields.end(), {"id", "type"});
        if (value.is_object() && value.value("type", json()) == tpm2_name) {
            fields.push_back(tpm2_name);
        }
    }
    return fields;
}

// `index` is the slot's place, which is its id in version 1.
Slot parse_slot(const json& value, std::uint64_t version, std::size_t index,
                const std::string& subject) {
    const bool is_old = version == oldest_config_version;
    const Reader slot(value, subject, "slots[" + std::to_string(index) + "]",
                      slot_fields(value, is_old));
    Slot out;
    out.id = index;
    if (!is_old) {
        out.id = slot.integer("id");
        if (out.id >= max_slots) {
            slot.reject("id", "must be from 0 to " + std::to_string(max_slots - 1));
        }
        out.type = static_cast<SlotType>(slot.named("type", slot_types).id);
    }
    if (out.type == SlotType::tpm2) {
        out.tpm2 = parse_tpm2(slot.at(tpm2_name), subject, slot.path(tpm2_name));
    }
    parse_kdf(slot.at("kdf"), version, subject, slot.path("kdf"), out);
    const Reader wrap(slot.at("wrap"), subject, slot.path("wrap"),
                      {"cipher", "nonce", "key", "tag"});
    wrap.constant("cipher", wrap_cipher_name);
    wrap.hex("nonce", out.nonce);
    wrap.hex("key", out.key);
    wrap.hex("tag", out.tag);
    if (is_old) {
        out.associated_data = slot.at("kdf").dump();
    } else {
        json bound = value;
        bound.erase("wrap");
        out.associated_data = bound.dump();
    }
    return out;
}

std::vector<Slot> parse_slots(const Reader& reader, std::uint64_t version,
                              const std::string& subject) {
    const std::size_t most = version == oldest_config_version ? max_slots_of_version_1 : max_slots;
    const json& array = reader.at("slots");
    if (!array.is_array() || array.empty() || array.size() > most) {
        reader.reject("slots", "must be an array of 1 to " + std::to_string(most) + " slots");
    }
    std::vector<Slot> slots;
    std::set<std::uint64_t> ids;
    for (std::size_t i = 0; i < array.size(); i++) {
        slots.push_back(parse_slot(array.at(i), version, i, subject));
        if (!ids.insert(slots.back().id).second) {
            reader.reject("slots", "two have the id " + std::to_string(slots.back().id));
        }
    }
    return slots;
}

json kdf_object(const Slot& slot) {
    json kdf = {{"name", slot_cost_name(slot.cost)}, {"salt", to_hex(slot.salt)}};
    if (const auto* const cost = std::get_if<ScryptCost>(&slot.cost)) {
        kdf.update({{"n", cost->n}, {"r", cost->r}, {"p", cost->p}});
    } else {
        const auto& argon2 = std::get<Argon2Cost>(slot.cost);
        kdf.update({{"memory", argon2.memory}, {"passes", argon2.passes}, {"lanes", argon2.lanes}});
    }
    return kdf;
}

// All of the slot but "wrap".
json bound_object(std::uint64_t version, const Slot& slot) {
    json object = {{"kdf", kdf_object(slot)}};
    if (version != oldest_config_version) {
        object["id"] = slot.id;
        object["type"] = slot_type_name(slot.type);
    }
    if (slot.tpm2) {
        object[std::string(tpm2_name)] = {{"pcrs", slot.tpm2->pcrs},
                                          {"pin", slot.tpm2->has_pin},
                                          {"private", to_hex(slot.tpm2->private_area)},
                                          {"public", to_hex(slot.tpm2->public_area)}};
    }
    return object;
}

}  // namespace

Config parse_config(std::string_view text, const std::string& subject) {
    json document = parse_json(text, subject);
    // The version before all else: another version may have other fields.
    if (document.is_object() && document.contains("dcryptfs")) {
        const json& version = document.at("dcryptfs");
        if (!version.is_number_unsigned() || version.get<std::uint64_t>() < oldest_config_version ||
            version.get<std::uint64_t>() > newest_config_version) {
            fail(Exit::damaged, subject,
                 "unknown configuration version " + printable(version.dump()) +
                     "; this program knows 1 to " + std::to_string(newest_config_version) +
                     ", and a newer one may know more");
        }
    }
    const Reader reader(document, subject, "",
                        {"dcryptfs", "format", "cipher", "names", "key_id", "slots", "mac"});
    Config config;
    config.version = reader.integer("dcryptfs");
    config.format = reader.integer("format");
    if (config.format != DCRYPT_FORMAT_NATIVE) {
        reader.reject("format", "unknown format " + std::to_string(config.format));
    }
    config.suite = reader.named("cipher", known_suites);
    config.names = reader.named("names", known_names);
    reader.hex("key_id", config.key_id);
    config.slots = parse_slots(reader, config.version, subject);
    reader.hex("mac", config.mac);
    document.erase("mac");
    config.canonical_without_mac = document.dump();
    return config;
}

std::string_view slot_type_name(SlotType type) {
    return slot_types.at(static_cast<std::size_t>(type)).name;
}

std::string slot_associated_data(std::uint64_t version, const Slot& slot) {
    // dump() without indentation is the canonical form: this type of object
    // keeps its keys sorted by byte value.
    const json bound = bound_object(version, slot);
    return version == oldest_config_version ? bound.at("kdf").dump() : bound.dump();
}

std::string format_config(const Config& config, const Secret& mac_key) {
    json document = {{"dcryptfs", config.version},      {"format", config.format},
                     {"cipher", config.suite.name},     {"names", config.names.name},
                     {"key_id", to_hex(config.key_id)}, {"slots", json::array()}};
    for (const Slot& slot : config.slots) {
        json object = bound_object(config.version, slot);
        object["wrap"] = {{"cipher", wrap_cipher_name},
                          {"nonce", to_hex(slot.nonce)},
                          {"key", to_hex(slot.key)},
                          {"tag", to_hex(slot.tag)}};
        document["slots"].push_back(object);
    }
    document["mac"] = to_hex(hmac_sha256(mac_key.bytes(), as_bytes(document.dump())));
    constexpr int indent = 2;
    return document.dump(indent) + "\n";
}

}  // namespace dcryptfs

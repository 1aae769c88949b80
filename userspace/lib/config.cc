// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/config.h"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>

#include "lib/error.h"

namespace dcryptfs {

namespace {

using nlohmann::json;

constexpr std::uint64_t config_version = 1;
constexpr std::string_view kdf_name = "scrypt";
constexpr std::string_view wrap_cipher_name = "aes-256-gcm";

// A JSON object and where it stands, for messages: "slots[0].kdf.".
class Reader {
  public:
    Reader(const json& value, std::string subject, std::string where,
           std::initializer_list<std::string_view> fields)
        : value_(value), subject_(std::move(subject)), where_(std::move(where)) {
        if (!value_.is_object()) {
            reject(where_.empty() ? "not a JSON object" : where_ + ": must be an object");
        }
        for (const std::string_view field : fields) {
            if (!value_.contains(field)) {
                reject("missing field " + path(field));
            }
        }
        for (const auto& item : value_.items()) {
            if (std::find(fields.begin(), fields.end(), item.key()) == fields.end()) {
                reject("unknown field " + path(item.key()));
            }
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

Slot parse_slot(const json& value, const std::string& subject, const std::string& where) {
    const Reader slot(value, subject, where, {"kdf", "wrap"});
    const Reader kdf(slot.at("kdf"), subject, slot.path("kdf"), {"name", "salt", "n", "r", "p"});
    const Reader wrap(slot.at("wrap"), subject, slot.path("wrap"),
                      {"cipher", "nonce", "key", "tag"});
    Slot out;
    kdf.constant("name", kdf_name);
    kdf.hex("salt", out.salt);
    out.cost = {kdf.integer("n"), kdf.integer("r"), kdf.integer("p")};
    if (const char* const problem = scrypt_cost_problem(out.cost)) {
        kdf.reject(slot.path("kdf") + ": " + problem);
    }
    wrap.constant("cipher", wrap_cipher_name);
    wrap.hex("nonce", out.nonce);
    wrap.hex("key", out.key);
    wrap.hex("tag", out.tag);
    out.canonical_kdf = slot.at("kdf").dump();
    return out;
}

json kdf_object(const ScryptCost& cost, Bytes salt) {
    return {
        {"name", kdf_name}, {"salt", to_hex(salt)}, {"n", cost.n}, {"r", cost.r}, {"p", cost.p}};
}

}  // namespace

Config parse_config(std::string_view text, const std::string& subject) {
    json document = parse_json(text, subject);
    // The version before all else: another version may have other fields.
    if (document.is_object() && document.contains("dcryptfs")) {
        const json& version = document.at("dcryptfs");
        if (!version.is_number_unsigned() || version.get<std::uint64_t>() != config_version) {
            fail(Exit::damaged, subject,
                 "unknown configuration version " + printable(version.dump()));
        }
    }
    const Reader reader(document, subject, "",
                        {"dcryptfs", "format", "cipher", "names", "key_id", "slots", "mac"});
    Config config;
    config.format = reader.integer("format");
    if (config.format != DCRYPT_FORMAT_NATIVE) {
        reader.reject("format", "unknown format " + std::to_string(config.format));
    }
    config.suite = reader.named("cipher", known_suites);
    config.names = reader.named("names", known_names);
    reader.hex("key_id", config.key_id);
    const json& slots = reader.at("slots");
    if (!slots.is_array() || slots.empty() || slots.size() > max_slots) {
        reader.reject("slots", "must be an array of 1 to " + std::to_string(max_slots) + " slots");
    }
    for (std::size_t i = 0; i < slots.size(); i++) {
        config.slots.push_back(
            parse_slot(slots.at(i), subject, "slots[" + std::to_string(i) + "]"));
    }
    reader.hex("mac", config.mac);
    document.erase("mac");
    config.canonical_without_mac = document.dump();
    return config;
}

std::string canonical_kdf(const ScryptCost& cost, Bytes salt) {
    return kdf_object(cost, salt).dump();
}

std::string format_config(const Config& config, const Secret& mac_key) {
    // dump() without indentation is the canonical form: this type of object
    // keeps its keys sorted by byte value.
    json document = {{"dcryptfs", config_version},      {"format", config.format},
                     {"cipher", config.suite.name},     {"names", config.names.name},
                     {"key_id", to_hex(config.key_id)}, {"slots", json::array()}};
    for (const Slot& slot : config.slots) {
        const json wrap = {{"cipher", wrap_cipher_name},
                           {"nonce", to_hex(slot.nonce)},
                           {"key", to_hex(slot.key)},
                           {"tag", to_hex(slot.tag)}};
        document["slots"].push_back({{"kdf", kdf_object(slot.cost, slot.salt)}, {"wrap", wrap}});
    }
    document["mac"] = to_hex(hmac_sha256(mac_key.bytes(), as_bytes(document.dump())));
    constexpr int indent = 2;
    return document.dump(indent) + "\n";
}

}  // namespace dcryptfs

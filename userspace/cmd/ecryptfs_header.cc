// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs ecryptfs header: show what a lower eCryptfs file says of itself.
#include <algorithm>
#include <array>
#include <memory>

#include "cmd/ecryptfs.h"
#include "cmd/json.h"
#include "kernel/ondisk_ecryptfs.h"
#include "lib/ecryptfs_cipher.h"
#include "lib/ecryptfs_file.h"
#include "lib/ecryptfs_packet.h"
#include "lib/output.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string file;
    bool json = false;
};

struct FlagName {
    std::uint32_t flag;
    const char* name;
};

constexpr std::array flag_names = {
    FlagName{DCRYPT_ECRYPTFS_FLAG_HMAC, "hmac"},
    FlagName{DCRYPT_ECRYPTFS_FLAG_ENCRYPTED, "encrypted"},
    FlagName{DCRYPT_ECRYPTFS_FLAG_XATTR, "xattr"},
    FlagName{DCRYPT_ECRYPTFS_FLAG_NAMES, "names"},
};

std::string hex_word(std::uint32_t word) {
    constexpr unsigned byte_bits = 8;
    ByteArray<sizeof(word)> bytes{};
    for (std::size_t i = bytes.size(); i > 0; i--) {
        bytes[i - 1] = static_cast<std::uint8_t>(word);
        word >>= byte_bits;
    }
    return to_hex(bytes);
}

// What there is to say, in one order for both ways of saying it.
Json describe(const EcryptfsFile& file) {
    const EcryptfsHeader& header = file.header();
    const bool in_file = file.place() == EcryptfsHeaderPlace::file;
    Json all;
    all["file"] = printable(file.path());
    all["header_in"] = in_file ? "file" : DCRYPT_ECRYPTFS_XATTR;
    all["lower_size"] = file.lower();
    all["upper_size"] = header.size;
    all["marker"] = hex_word(header.marker);
    all["version"] = header.version;
    all["flags"] = hex_word(header.flags);
    all["flag_names"] = Json::array();
    for (const FlagName& flag : flag_names) {
        if ((header.flags & flag.flag) != 0) {
            all["flag_names"].push_back(flag.name);
        }
    }
    all["data_offset"] = in_file ? header.data_offset : 0;
    all["keys"] = Json::array();
    for (const EcryptfsKeyPacket& key : header.keys) {
        Json packet;
        packet["packet"] = packet_name(key.tag);
        packet["signature"] = to_hex(key.signature);
        if (key.tag == DCRYPT_ECRYPTFS_TAG_3) {
            packet["cipher"] = find_ecryptfs_cipher(key.cipher)->name;
            packet["key_bytes"] = key.key_size;
            packet["name"] = printable(key.name);
        }
        packet["encrypted_key_bytes"] = key.encrypted_key.size();
        all["keys"].push_back(packet);
    }
    return all;
}

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// A member's name in the lines for people.
std::string words_of(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

// Members of an object in one line, as "name value, name value".
std::string line_of(const Json& value) {
    std::string line;
    for (const auto& [name, member] : value.items()) {
        line += (line.empty() ? "" : ", ") + (value.is_array() ? "" : words_of(name) + " ") +
                text_of(member);
    }
    return line;
}

void say_lines(const Json& all) {
    for (const auto& [name, value] : all.items()) {
        if (name == "keys") {
            for (const auto& key : value) {
                say("key: " + line_of(key));
            }
        } else {
            say(words_of(name) + ": " + (value.is_array() ? line_of(value) : text_of(value)));
        }
    }
}

Exit run(const Options& options) {
    const auto all = describe(EcryptfsFile(options.file));
    if (options.json) {
        say_json(all);
    } else {
        say_lines(all);
    }
    return Exit::success;
}

}  // namespace

CommandRun setup_ecryptfs_header(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("file", options->file, "A file in a lower eCryptfs directory")
        ->type_name("LOWERFILE")
        ->required();
    add_json_option(app, options->json);
    add_examples(app, {{"A file in a lower directory", "/home/.ecryptfs/june/.Private/file"},
                       {"For a script", "--json /home/.ecryptfs/june/.Private/file"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

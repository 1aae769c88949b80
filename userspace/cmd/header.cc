// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs header: show what a lower file says of itself.
#include <memory>

#include "cmd/command.h"
#include "lib/native_file.h"
#include "lib/output.h"

namespace dcryptfs {

namespace {

Exit run(const std::string& path) {
    const NativeFile file(path);
    say_field("file", path);
    if (const auto& header = file.header()) {
        const auto suite = find_id(known_suites, header->suite);
        say_field("format", std::to_string(header->version));
        say_field("cipher", suite ? suite->name : "unknown");
        say_field("key id", to_hex(header->key_id));
        say_field("nonce", to_hex(header->nonce));
    }
    say_field("lower size", std::to_string(file.lower()));
    say_field("upper size", std::to_string(file.upper()));
    return Exit::success;
}

}  // namespace

CommandRun setup_header(CLI::App& app) {
    const auto path = std::make_shared<std::string>();
    app.add_option("file", *path, "A file in a volume's lower directory")
        ->type_name("LOWERFILE")
        ->required();
    return [path] { return run(*path); };
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs header: show what a lower file says of itself.
#include <memory>

#include "cmd/command.h"
#include "cmd/json.h"
#include "lib/native_file.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string file;
    bool json = false;
};

Exit run(const Options& options) {
    const NativeFile file(options.file);
    Json all;
    all["file"] = printable(options.file);
    if (const auto& header = file.header()) {
        const auto suite = find_id(known_suites, header->suite);
        all["format"] = header->version;
        all["cipher"] = suite ? suite->name : "unknown";
        all["key_id"] = to_hex(header->key_id);
        all["nonce"] = to_hex(header->nonce);
    }
    all["lower_size"] = file.lower();
    all["upper_size"] = file.upper();
    report(all, options.json);
    return Exit::success;
}

}  // namespace

CommandRun setup_header(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("file", options->file, "A file in a volume's lower directory")
        ->type_name("LOWERFILE")
        ->required();
    add_json_option(app, options->json);
    add_examples(app, {{"A file in a volume's lower directory", "/srv/lower/0a1b2c"},
                       {"For a script", "--json /srv/lower/0a1b2c"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs path: where below an upper file is.
#include <unistd.h>

#include <memory>

#include "cmd/command.h"
#include "lib/lower_dir.h"
#include "lib/path.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string volume;
    std::string upper;
    bool zero = false;
    SecretSource secret;
};

// The names in a path, without those that stay where they are.
std::vector<std::string> split(const std::string& path) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string name = path.substr(at, end - at);
        if (name == "..") {
            fail(Exit::usage, path, "the path is one from the volume's root, without ..");
        }
        if (!name.empty() && name != ".") {
            names.push_back(name);
        }
        at = end + 1;
    }
    return names;
}

std::string resolve(LowerDir dir, const std::vector<std::string>& names) {
    std::string path = dir.path();
    std::string upper;
    for (std::size_t i = 0; i < names.size(); i++) {
        upper = join_path(upper, names[i]);
        const std::string lower = dir.find(names[i], upper);
        path = join_path(path, lower);
        if (i + 1 < names.size()) {
            dir = dir.enter(lower, upper);
        }
    }
    return path;
}

Exit run(const Options& options) {
    const auto names = split(options.upper);
    const Volume volume = load_volume(options.volume);
    LowerDir root(volume.dir);
    const auto sealer = open_names(volume, read_secret(options.secret, volume.dir));
    root.set_volume(sealer.get(), true);
    // As it is: what reads this is a script.
    const std::string text = resolve(std::move(root), names) + (options.zero ? '\0' : '\n');
    write_all(STDOUT_FILENO, as_bytes(text), "standard output");
    return Exit::success;
}

}  // namespace

CommandRun setup_path(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("volume", options->volume, "The volume")->type_name("DIR")->required();
    app.add_option("upper", options->upper, "A path in the upper directory, from its root")
        ->type_name("UPPERPATH")
        ->required();
    app.add_flag("-0,--zero", options->zero, "A zero byte at the end in place of a newline");
    add_secret_options(app, options->secret);
    add_examples(app, {{"Where below a file is", "/srv/lower letters/june"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs ls: what a lower directory shows above, without the kernel module.
#include <memory>

#include "cmd/command.h"
#include "cmd/lister.h"
#include "lib/lower_dir.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string dir;
    std::optional<std::string> volume;
    ListOptions list;
    SecretSource secret;
};

Exit run(const Options& options) {
    // The directory first: a passphrase is not asked for in vain.
    LowerDir dir(absolute_path(options.dir));
    const Volume volume = load_volume(volume_dir_of(options.volume, dir.path()));
    const auto sealer = open_names(volume, read_secret(options.secret, volume.dir));
    dir.set_volume(sealer.get(), dir.path() == volume.dir);
    return list_tree(dir, options.list);
}

}  // namespace

CommandRun setup_ls(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("dir", options->dir, "A volume's lower directory, or one within it")
        ->type_name("LOWERDIR")
        ->required();
    add_list_options(app, options->list);
    add_volume_option(app, options->volume);
    add_secret_options(app, options->secret);
    add_examples(app, {{"All that is in a volume", "-R /srv/lower"},
                       {"A directory in it, for a script",
                        "--json --passphrase-file /root/pass /srv/lower/0a1b2c"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

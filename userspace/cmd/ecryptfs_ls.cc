// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs ecryptfs ls: what a lower eCryptfs directory shows above, without a
// kernel module.
#include <memory>

#include "cmd/ecryptfs.h"
#include "cmd/lister.h"
#include "lib/ecryptfs_names.h"
#include "lib/lower_dir.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string dir;
    ListOptions list;
    EcryptfsSecretOptions secret;
};

Exit run(const Options& options) {
    // The directory first: a passphrase is not asked for in vain.
    LowerDir dir(absolute_path(options.dir));
    const std::vector<EcryptfsKey> keys = read_keys(options.secret, dir.path());
    dir.set_names([&](const Fd& /*dir*/, const std::string& path, bool /*is_root*/) {
        return make_ecryptfs_names(keys, path);
    });
    return list_tree(dir, options.list);
}

}  // namespace

CommandRun setup_ecryptfs_ls(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("dir", options->dir, "A lower eCryptfs directory, or one within it")
        ->type_name("LOWERDIR")
        ->required();
    add_list_options(app, options->list);
    add_secret_options(app, options->secret);
    add_examples(app, {{"With the wrapped passphrase of a home directory",
                        "-R --wrapped /home/.ecryptfs/june/.ecryptfs/wrapped-passphrase "
                        "/home/.ecryptfs/june/.Private"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

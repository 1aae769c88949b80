// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs ecryptfs cat: decrypt one lower file without a kernel module.
#include <unistd.h>

#include <memory>

#include "cmd/ecryptfs.h"
#include "lib/ecryptfs_file.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string file;
    EcryptfsSecretOptions secret;
};

Exit run(const Options& options) {
    // The file first: a passphrase is not asked for in vain.
    const EcryptfsFile file(options.file);
    file.decrypt(read_keys(options.secret, options.file),
                 [](Bytes piece) { write_all(STDOUT_FILENO, piece, "standard output"); });
    return Exit::success;
}

}  // namespace

CommandRun setup_ecryptfs_cat(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("file", options->file, "A file in a lower eCryptfs directory")
        ->type_name("LOWERFILE")
        ->required();
    add_secret_options(app, options->secret);
    add_examples(app, {{"With the wrapped passphrase of a home directory",
                        "--wrapped /home/.ecryptfs/june/.ecryptfs/wrapped-passphrase "
                        "/home/.ecryptfs/june/.Private/file"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs cat: decrypt one lower file without the kernel module.
#include <unistd.h>

#include <memory>
#include <optional>

#include "cmd/command.h"
#include "lib/fd.h"
#include "lib/native_file.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string file;
    std::optional<std::string> volume;
    SecretSource secret;
};

Exit run(const Options& options) {
    // The file first: a passphrase is not asked for in vain.
    const NativeFile file(options.file);
    const Volume volume = load_volume(volume_dir_of(options.volume, options.file));
    if (!file.header()) {
        return Exit::success;  // empty
    }
    const Secret volume_key = open_volume(volume, read_secret(options.secret, volume.dir));
    file.decrypt(volume_key,
                 [](Bytes piece) { write_all(STDOUT_FILENO, piece, "standard output"); });
    return Exit::success;
}

}  // namespace

CommandRun setup_cat(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("file", options->file, "A file in a volume's lower directory")
        ->type_name("LOWERFILE")
        ->required();
    add_volume_option(app, options->volume);
    add_secret_options(app, options->secret);
    add_examples(app, {{"A file whose lower name dcryptfs ls or dcryptfs path has told",
                        "/srv/lower/0a1b2c"},
                       {"A copy that lies elsewhere", "--volume /srv/lower /backup/0a1b2c"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

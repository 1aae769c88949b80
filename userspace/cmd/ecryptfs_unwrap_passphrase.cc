// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs ecryptfs unwrap-passphrase: what ecryptfs-unwrap-passphrase does.
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "cmd/ecryptfs.h"
#include "lib/ecryptfs_wrapped.h"
#include "lib/fd.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string file;
    std::optional<std::string> salt;
    PassphraseSource wrapping;
};

Exit run(const Options& options) {
    const WrappedPassphrase wrapped = read_wrapped(options.file);
    const EcryptfsSalt salt = salt_of(options.salt);
    const Secret wrapping =
        read_ecryptfs_passphrase(options.wrapping, wrapping_passphrase, options.file);
    const Secret passphrase = unwrap_passphrase(wrapped, wrapping, salt, options.file);
    Secret line(passphrase.size() + 1);
    std::copy_n(passphrase.data(), passphrase.size(), line.data());
    line.data()[passphrase.size()] = '\n';
    write_all(STDOUT_FILENO, line.bytes(), "standard output");
    return Exit::success;
}

}  // namespace

CommandRun setup_ecryptfs_unwrap_passphrase(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("file", options->file, "The file")->type_name("FILE")->required();
    add_salt_option(app, options->salt);
    add_passphrase_kind(app, wrapping_passphrase, options->wrapping);
    add_examples(app, {{"Ask for the wrapping passphrase, which is often that of the login",
                        "/home/.ecryptfs/june/.ecryptfs/wrapped-passphrase"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

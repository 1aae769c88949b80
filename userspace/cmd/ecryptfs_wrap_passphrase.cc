// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs ecryptfs wrap-passphrase: what ecryptfs-wrap-passphrase does.
#include <memory>

#include "cmd/ecryptfs.h"
#include "cmd/json.h"
#include "lib/cipher.h"
#include "lib/ecryptfs_wrapped.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string file;
    bool json = false;
    PassphraseSource passphrase;
    PassphraseSource wrapping;
};

Exit run(const Options& options) {
    require_two_sources(options.passphrase, options.wrapping);
    require_no_wrapped(options.file);
    const Secret passphrase =
        read_new_ecryptfs_passphrase(options.passphrase, mount_passphrase, options.file);
    const Secret wrapping =
        read_new_ecryptfs_passphrase(options.wrapping, wrapping_passphrase, options.file);
    EcryptfsSalt salt{};
    random_bytes(salt);
    write_new_wrapped(options.file, wrap_passphrase(passphrase, wrapping, salt));
    report({{"wrapped", printable(options.file)}}, options.json);
    return Exit::success;
}

}  // namespace

CommandRun setup_ecryptfs_wrap_passphrase(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("file", options->file, "The file to make")->type_name("FILE")->required();
    add_passphrase_kind(app, mount_passphrase, options->passphrase);
    add_passphrase_kind(app, wrapping_passphrase, options->wrapping);
    add_json_option(app, options->json);
    add_examples(app, {{"Ask for both passphrases", "/root/wrapped-passphrase"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

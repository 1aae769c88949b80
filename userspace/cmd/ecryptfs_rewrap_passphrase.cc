// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs ecryptfs rewrap-passphrase: what ecryptfs-rewrap-passphrase does.
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
    std::optional<std::string> salt;
    PassphraseSource wrapping;
    PassphraseSource new_wrapping;
};

Exit run(const Options& options) {
    require_two_sources(options.wrapping, options.new_wrapping);
    const WrappedPassphrase wrapped = read_wrapped(options.file);
    const EcryptfsSalt old_salt = salt_of(options.salt);
    const Secret passphrase = unwrap_passphrase(
        wrapped, read_ecryptfs_passphrase(options.wrapping, wrapping_passphrase, options.file),
        old_salt, options.file);
    const Secret wrapping =
        read_new_ecryptfs_passphrase(options.new_wrapping, new_wrapping_passphrase, options.file);
    EcryptfsSalt salt{};
    random_bytes(salt);
    replace_wrapped(options.file, wrap_passphrase(passphrase, wrapping, salt));
    report({{"wrapped", printable(options.file)}}, options.json);
    return Exit::success;
}

}  // namespace

CommandRun setup_ecryptfs_rewrap_passphrase(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("file", options->file, "The file")->type_name("FILE")->required();
    add_salt_option(app, options->salt);
    add_passphrase_kind(app, wrapping_passphrase, options->wrapping);
    add_passphrase_kind(app, new_wrapping_passphrase, options->new_wrapping);
    add_json_option(app, options->json);
    add_examples(app, {{"After the login passphrase was changed",
                        "/home/.ecryptfs/june/.ecryptfs/wrapped-passphrase"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

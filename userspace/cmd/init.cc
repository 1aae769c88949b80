// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs init: make a volume of an empty directory.
#include <memory>

#include "cmd/command.h"
#include "cmd/json.h"
#include "lib/fd.h"
#include "lib/symlink.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string dir;
    std::string cipher = DCRYPT_SUITE_AES_256_XTS_NAME;
    std::string names = DCRYPT_NAMES_ENCRYPTED_NAME;
    CostOptions cost;
    SecretSource secret;
    bool json = false;
};

NamedId choose(std::string_view option, std::span<const NamedId> table, const std::string& name) {
    const auto entry = find_name(table, name);
    if (!entry) {
        fail(Exit::usage, option,
             "unknown value " + printable(name) + " (known: " + list_names(table) + ")");
    }
    return *entry;
}

// As the name of an option's type: "encrypted|plain".
std::string choices(std::span<const NamedId> table) {
    std::string text;
    for (const NamedId& entry : table) {
        text += (text.empty() ? "" : "|") + std::string(entry.name);
    }
    return text;
}

Exit run(const Options& options) {
    VolumeParameters parameters;
    parameters.suite = choose("--cipher", known_suites, options.cipher);
    parameters.names = choose("--names", known_names, options.names);
    check_cost_options(options.cost);

    const Fd dir_fd = open_dir(options.dir);
    const std::string dir = absolute_path(options.dir);
    require_empty_dir(dir_fd, dir);
    if (parameters.names.id == DCRYPT_NAMES_ENCRYPTED) {
        require_symlinks(dir_fd, dir);
    }
    const SlotSecret secret = read_first_secret(options.secret, dir);
    parameters.cost = choose_cost(options.cost);
    const NewVolume volume = make_volume(parameters, secret);
    write_config(dir_fd, dir, volume.config_text);

    Json made;
    made["volume"] = printable(dir);
    made["cipher"] = parameters.suite.name;
    made["names"] = parameters.names.name;
    made["key_id"] = to_hex(volume.key_id);
    made["next"] = "mount -t dcryptfs " + printable(dir) + " MOUNTPOINT";
    report(made, options.json);
    return Exit::success;
}

}  // namespace

CommandRun setup_init(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("dir", options->dir, "An existing, empty directory")
        ->type_name("DIR")
        ->required();
    app.add_option("--cipher", options->cipher, "Cipher for file data")
        ->type_name(choices(known_suites))
        ->capture_default_str();
    app.add_option("--names", options->names, "How names are stored: encrypted, or plain")
        ->type_name(choices(known_names))
        ->capture_default_str();
    add_cost_options(app, options->cost);
    auto* const log2n = app.add_option("--scrypt-log2n", options->cost.scrypt_log2n,
                                       "The same as --kdf scrypt --kdf-time N")
                            ->type_name("N")
                            ->check(CLI::Range(scrypt_min_log2n, scrypt_max_log2n_at_r8));
    for (const char* const other : {"--kdf", "--kdf-memory", "--kdf-time"}) {
        log2n->excludes(app.get_option(other));
    }
    add_first_secret_options(app, options->secret);
    add_json_option(app, options->json);
    add_examples(
        app,
        {{"Make a volume, and type its passphrase twice", "/srv/lower"},
         {"Under a key file, with readable names", "--key-file /root/key --names plain /srv/lower"},
         {"So that machines with little memory can open it", "--kdf-memory 64 /srv/lower"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits>

#include "cmd/command.h"

namespace dcryptfs {

namespace {

constexpr const char* new_passphrase_file_option = "--new-passphrase-file";
constexpr const char* new_passphrase_fd_option = "--new-passphrase-fd";

constexpr SecretSpelling usual_spelling = {passphrase_file_option, passphrase_fd_option,
                                           "--recovery-code-file", "--recovery-code-fd",
                                           "--tpm2-pin-file"};
// A new recovery code is made, not read.
constexpr SecretSpelling new_spelling = {
    new_passphrase_file_option, new_passphrase_fd_option, {}, {}, "--new-tpm2-pin-file"};

CLI::Option* add_file(CLI::App& app, const std::string& name, std::optional<std::string>& file,
                      const std::string& help) {
    return app.add_option(name, file, help)->type_name("FILE");
}

CLI::Option* add_fd(CLI::App& app, const std::string& name, std::optional<int>& fd,
                    const std::string& help) {
    return app.add_option(name, fd, help)
        ->type_name("N")
        ->check(CLI::Range(0, std::numeric_limits<int>::max()));
}

void exclude_each_other(const std::vector<CLI::Option*>& options) {
    for (std::size_t i = 0; i < options.size(); i++) {
        for (std::size_t j = 0; j < i; j++) {
            options[i]->excludes(options[j]);
        }
    }
}

}  // namespace

void add_first_secret_options(CLI::App& app, SecretSource& source) {
    exclude_each_other({add_file(app, passphrase_file_option, source.passphrase.file,
                                 "Read the passphrase from this file, less one final newline"),
                        add_fd(app, passphrase_fd_option, source.passphrase.fd,
                               "Read the passphrase from this open file descriptor, likewise"),
                        add_file(app, "--key-file", source.key_file,
                                 "In place of a passphrase: the whole content of this file")});
}

void add_secret_options(CLI::App& app, SecretSource& source) {
    add_first_secret_options(app, source);
    std::vector<CLI::Option*> options = {
        app.get_option(passphrase_file_option),
        app.get_option(passphrase_fd_option),
        app.get_option("--key-file"),
        app.add_flag("--recovery-code", source.is_recovery_code,
                     "In place of a passphrase: ask for a recovery code"),
        add_file(app, "--recovery-code-file", source.recovery_code.file,
                 "Read the recovery code from this file"),
        add_fd(app, "--recovery-code-fd", source.recovery_code.fd,
               "Read the recovery code from this open file descriptor"),
        app.add_flag("--tpm2", source.tpm2.is_set, "In place of a passphrase: the machine's TPM"),
        app.add_flag("--tpm2-pin", source.tpm2.ask_pin,
                     "Likewise, and ask for the PIN that it takes"),
        add_file(app, "--tpm2-pin-file", source.tpm2.pin_file,
                 "Likewise, with the PIN in this file")};
    exclude_each_other(options);
}

void add_new_secret_options(CLI::App& app, SecretSource& source) {
    const std::vector<CLI::Option*> others = {
        add_file(app, new_passphrase_file_option, source.passphrase.file,
                 "Read the new passphrase from this file, less one final newline"),
        add_fd(app, new_passphrase_fd_option, source.passphrase.fd,
               "Read the new passphrase from this open file descriptor, likewise"),
        add_file(app, "--new-key-file", source.key_file,
                 "In place of a new passphrase: the whole content of this file"),
        app.add_flag("--new-recovery-code", source.make_recovery_code,
                     "In place of a new passphrase: make a recovery code, and print it")};
    const std::vector<CLI::Option*> tpm2 = {
        app.add_flag(
            "--new-tpm2", source.tpm2.is_set,
            "In place of a new passphrase: this machine's TPM, which opens the slot alone"),
        app.add_flag("--new-tpm2-pin", source.tpm2.ask_pin,
                     "Likewise, with a PIN that is asked for"),
        add_file(app, "--new-tpm2-pin-file", source.tpm2.pin_file,
                 "Likewise, with the PIN in this file")};
    auto* const pcrs = app.add_option("--new-tpm2-pcrs", source.tpm2.pcrs,
                                      "Only while these registers of the TPM are as they are now")
                           ->type_name("N,...")
                           ->delimiter(',')
                           ->allow_extra_args(false)
                           ->check(CLI::Range(std::uint64_t{0}, tpm2_registers - 1));
    std::vector<CLI::Option*> all = others;
    all.insert(all.end(), tpm2.begin(), tpm2.end());
    exclude_each_other(all);
    for (CLI::Option* const option : others) {
        option->excludes(pcrs);
    }
}

SlotSecret read_secret(const SecretSource& source, const std::string& dir) {
    return read_slot_secret(source, dir, usual_spelling);
}

SlotSecret read_first_secret(const SecretSource& source, const std::string& dir) {
    return read_new_slot_secret(source, dir, usual_spelling);
}

SlotSecret read_new_secret(const SecretSource& source, const std::string& dir) {
    if (!source.tpm2.pcrs.empty() && !source.tpm2.is_asked()) {
        fail(Exit::usage, "--new-tpm2-pcrs",
             "goes with --new-tpm2, --new-tpm2-pin or --new-tpm2-pin-file");
    }
    return read_new_slot_secret(source, dir, new_spelling);
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits>

#include "cmd/command.h"

namespace dcryptfs {

void add_passphrase_options(CLI::App& app, PassphraseSource& source) {
    auto* const file = app.add_option(passphrase_file_option, source.file,
                                      "Read the passphrase from this file, less one final newline")
                           ->type_name("FILE");
    app.add_option(passphrase_fd_option, source.fd,
                   "Read the passphrase from this open file descriptor, likewise")
        ->type_name("N")
        ->check(CLI::Range(0, std::numeric_limits<int>::max()))
        ->excludes(file);
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/command.h"

namespace dcryptfs {

void add_jobs_option(CLI::App& app, unsigned int& jobs) {
    constexpr unsigned int most = 256;
    app.add_option("-j,--jobs", jobs, "So many files at once (default: one for each CPU)")
        ->type_name("N")
        ->check(CLI::Range(1U, most));
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// What a run of the program ended with.
#ifndef DCRYPTFS_TESTING_OUTCOME_H
#define DCRYPTFS_TESTING_OUTCOME_H

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "testing/program.h"

namespace dcryptfs::testing {

using Words = std::vector<std::string>;

inline Outcome run(const Words& arguments, const Redirections& redirections = {}) {
    return run_program("dcryptfs", arguments, redirections);
}

// One failed run: this code, one line on standard error that starts with the
// program's name, nothing on standard output.
inline void check_fails(const Outcome& outcome, int code, const std::string& message) {
    CHECK(outcome.exit_code == code);
    CHECK(outcome.out.empty());
    CHECK_THAT(outcome.err, Catch::Matchers::Contains(message));
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
    CHECK((outcome.err.starts_with("dcryptfs: ") || outcome.err.starts_with("mount.dcryptfs: ") ||
           outcome.err.starts_with("mkfs.dcryptfs: ")));
}

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_OUTCOME_H

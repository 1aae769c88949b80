// SPDX-License-Identifier: GPL-2.0-or-later
// The program, killed in the middle of what it does.
#ifndef DCRYPTFS_TESTING_STEPS_H
#define DCRYPTFS_TESTING_STEPS_H

#include <cstddef>
#include <string>
#include <vector>

namespace dcryptfs::testing {

struct Steps {
    bool was_killed = false;
    int exit_code = -1;       // if it was not
    std::vector<long> calls;  // the system calls that it got to, from the given one on
};

// Runs the program, and kills it just before the system call that is the `kill_at`-th (from
// 0) since it first came to `first_call`, if it comes to that.
Steps run_steps(const std::vector<std::string>& arguments, long first_call, std::size_t kill_at);

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_STEPS_H

// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the built program as a user would.
#ifndef DCRYPTFS_TESTING_PROGRAM_H
#define DCRYPTFS_TESTING_PROGRAM_H

#include <sys/types.h>

#include <string>
#include <vector>

namespace dcryptfs::testing {

struct Outcome {
    int exit_code = -1;  // -1 when a signal ended it
    int signal = 0;
    std::string out;
    std::string err;
};

// What is different from other runs.
struct Redirections {
    std::string stdin_path = "/dev/null";
    std::string stdout_path;  // empty: into Outcome::out
    bool close_stdout = false;
    // A system call that fails with this errno value, unless it is 0.
    int failing_call = 0;
    int failing_error = 0;
};

// Runs the program that stands beside this test program under one of its names
// ("dcryptfs", "mount.dcryptfs", "mkfs.dcryptfs", "fsck.dcryptfs") and waits for it.
Outcome run_program(const std::string& name, const std::vector<std::string>& arguments,
                    const Redirections& redirections = {});

// The path of the program under that name.
std::string program_path(const std::string& name);

// Replaces this process, which must be a fresh child, by the program, with no
// signal that ends or stops it ignored but the one given.
[[noreturn]] void exec_program(const std::string& name, const std::vector<std::string>& arguments,
                               int ignored_signal = 0);

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_PROGRAM_H

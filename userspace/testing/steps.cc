// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/steps.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "testing/program.h"

namespace dcryptfs::testing {

namespace {

constexpr int exec_failed = 127;

[[noreturn]] void start(const std::vector<std::string>& arguments) {
    const int null = open("/dev/null", O_RDWR);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        (void)dup2(null, fd);
    }
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0 || raise(SIGSTOP) != 0) {
        _exit(exec_failed);
    }
    exec_program("dcryptfs", arguments);
}

// The number of the system call that the stopped program is about to make, or -1.
long entered_call(pid_t child) {
    __ptrace_syscall_info info{};
    const long size = ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info);
    return size > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY ? static_cast<long>(info.entry.nr) : -1;
}

}  // namespace

Steps run_steps(const std::vector<std::string>& arguments, long first_call, std::size_t kill_at) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        start(arguments);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSTOPPED(status));
    REQUIRE(ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) ==
            0);
    Steps steps;
    int signal = 0;
    while (true) {
        REQUIRE(ptrace(PTRACE_SYSCALL, child, nullptr, signal) == 0);
        REQUIRE(waitpid(child, &status, 0) == child);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            steps.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
            return steps;
        }
        constexpr int syscall_stop = SIGTRAP | 0x80;
        const bool is_call = WSTOPSIG(status) == syscall_stop;
        // What is no system call and no trap of the tracer's is a signal for the program.
        signal = is_call || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
        const long call = is_call ? entered_call(child) : -1;
        if (call < 0 || (steps.calls.empty() && call != first_call)) {
            continue;
        }
        if (steps.calls.size() == kill_at) {
            steps.was_killed = true;
            REQUIRE(kill(child, SIGKILL) == 0);
            REQUIRE(waitpid(child, &status, 0) == child);
            return steps;
        }
        steps.calls.push_back(call);
    }
}

}  // namespace dcryptfs::testing

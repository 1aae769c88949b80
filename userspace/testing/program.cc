// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/program.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>

#include "testing/files.h"

namespace dcryptfs::testing {

namespace {

constexpr int exec_failed = 127;
constexpr mode_t owner_only = 0600;

// In the child, where nothing can be reported but an exit code.
void redirect(int fd, const std::string& path, int flags) {
    const int opened = open(path.c_str(), flags, owner_only);
    if (opened < 0 || dup2(opened, fd) != fd) {
        _exit(exec_failed);
    }
    if (opened != fd) {
        close(opened);
    }
}

// As if on a filesystem that fails, or lacks, this operation.
void let_call_fail(int call, int err) {
    const auto result = SECCOMP_RET_ERRNO | static_cast<unsigned>(err);
    std::array filter = {
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1),
        sock_filter BPF_STMT(BPF_RET | BPF_K, result),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program = {filter.size(), filter.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        _exit(exec_failed);
    }
}

}  // namespace

std::string program_path(const std::string& name) {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

void exec_program(const std::string& name, const std::vector<std::string>& arguments,
                  int ignored_signal) {
    // A test run in the background has some of these ignored.
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) {
        if (number != ignored_signal) {
            (void)signal(number, SIG_DFL);
        }
    }
    if (ignored_signal != 0) {
        (void)signal(ignored_signal, SIG_IGN);
    }
    // The leak checker traces its process, which the program does not allow.
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    std::string path = program_path(name);
    std::vector<std::string> words = arguments;
    std::vector<char*> argv = {path.data()};
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    execv(path.c_str(), argv.data());
    _exit(exec_failed);
}

Outcome run_program(const std::string& name, const std::vector<std::string>& arguments,
                    const Redirections& redirections) {
    const TempDir dir;
    const std::string out = dir / "out";
    const std::string err = dir / "err";
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const bool keep_out = redirections.stdout_path.empty();
        redirect(STDIN_FILENO, redirections.stdin_path, O_RDONLY);
        redirect(STDOUT_FILENO, keep_out ? out : redirections.stdout_path, O_WRONLY | O_CREAT);
        redirect(STDERR_FILENO, err, O_WRONLY | O_CREAT);
        if (redirections.close_stdout) {
            close(STDOUT_FILENO);
        }
        if (redirections.failing_error != 0) {
            let_call_fail(redirections.failing_call, redirections.failing_error);
        }
        exec_program(name, arguments);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    Outcome outcome;
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (redirections.stdout_path.empty()) {
        outcome.out = read_file(out);
    }
    outcome.err = read_file(err);
    return outcome;
}

}  // namespace dcryptfs::testing

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "lib/error.h"
#include "lib/fd.h"

namespace dcryptfs {

namespace {

// A standard descriptor that was closed is opened the wrong way round, so that
// using it still fails.
void occupy_standard_descriptors() {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) {
            continue;
        }
        const int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (open("/dev/null", flags) != fd) {
            fail_errno("/dev/null", "", errno);
        }
    }
}

}  // namespace

void harden_process() {
    occupy_standard_descriptors();
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) {
        fail_errno("core dumps", "", errno);
    }
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        fail_errno("core dumps", "", errno);
    }
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        fail_errno("SIGPIPE", "", errno);
    }
}

void allow_many_files() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

pid_t go_to_background() {
    Fd null = open_at(AT_FDCWD, "/dev/null", O_RDWR, 0, "/dev/null");
    const pid_t child = fork();
    if (child < 0) {
        fail_errno("background", "a process", errno);
    }
    if (child > 0) {
        return child;
    }
    // None of these fails here: this is no leader of a group, and the descriptors are open.
    (void)setsid();
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        (void)dup2(null.get(), fd);
    }
    null.reset();
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    if (chdir("/") != 0) {
        _exit(static_cast<int>(Exit::failure));
    }
    return 0;
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/terminal.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>

#include "lib/error.h"
#include "lib/fd.h"

namespace dcryptfs {

namespace {

constexpr std::string_view terminal_name = "terminal";

// The kernel drops, without a word, what a line has beyond this many bytes; see
// termios(3).
constexpr std::size_t longest_line = 4095;

// Those that would end or stop the program.  What it was told to ignore (by
// nohup, say) does not disturb the prompt.
sigset_t handled_signals() {
    sigset_t set{};
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) {
        struct sigaction action {};
        if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) {
            sigaddset(&set, signal);
        }
    }
    return set;
}

// Holds signals back while it lives; those that came meanwhile take effect when
// it goes.
class BlockedSignals {
  public:
    BlockedSignals() {
        const sigset_t set = handled_signals();
        if (sigprocmask(SIG_BLOCK, &set, &before_) != 0) {
            fail_errno("signals", "", errno);
        }
    }
    ~BlockedSignals() { (void)sigprocmask(SIG_SETMASK, &before_, nullptr); }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    BlockedSignals(BlockedSignals&&) = delete;
    BlockedSignals& operator=(BlockedSignals&&) = delete;

  private:
    sigset_t before_{};
};

class NoEcho {
  public:
    explicit NoEcho(int fd) : fd_(fd) {
        if (tcgetattr(fd_, &before_) != 0) {
            fail_errno(terminal_name, "", errno);
        }
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK);
        quiet.c_lflag |= ECHONL | ICANON | ISIG;
        if (tcsetattr(fd_, TCSAFLUSH, &quiet) != 0) {
            fail_errno(terminal_name, "", errno);
        }
    }
    ~NoEcho() { (void)tcsetattr(fd_, TCSAFLUSH, &before_); }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
    NoEcho(NoEcho&&) = delete;
    NoEcho& operator=(NoEcho&&) = delete;

  private:
    int fd_;
    termios before_{};
};

// Waits for input.  Returns false when a signal waits instead.
bool wait_for_input(int fd, int signal_fd) {
    std::array<pollfd, 2> fds = {{{fd, POLLIN, 0}, {signal_fd, POLLIN, 0}}};
    while (poll(fds.data(), fds.size(), -1) < 0) {
        if (errno != EINTR) {
            fail_errno(terminal_name, "", errno);
        }
    }
    return fds[1].revents == 0;
}

// One attempt; nothing when a signal came in between.
std::optional<Secret> try_read_line(int fd, std::string_view prompt) {
    // In this order, so that the terminal is itself again before a signal is
    // let through.
    const BlockedSignals blocked;
    const sigset_t set = handled_signals();
    const Fd signal_fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signal_fd.valid()) {
        fail_errno("signalfd", "", errno);
    }
    const NoEcho quiet(fd);
    write_all(STDERR_FILENO, as_bytes(prompt), "standard error");

    Secret line(longest_line);
    std::size_t used = 0;
    while (used < line.size()) {
        if (!wait_for_input(fd, signal_fd.get())) {
            return std::nullopt;
        }
        // One byte a call, straight into the locked buffer.
        if (read_full(fd, line.bytes().subspan(used, 1), terminal_name) == 0) {
            if (used == 0) {
                fail(Exit::failure, terminal_name, "end of input, no passphrase was given");
            }
            break;
        }
        if (line.data()[used] == '\n') {
            line.shrink(used);
            return line;
        }
        used++;
    }
    if (used == line.size()) {
        fail(Exit::failure, terminal_name,
             "the passphrase is too long for a terminal, which may have cut it; "
             "give it in a file");
    }
    line.shrink(used);
    return line;
}

}  // namespace

Secret read_terminal_line(int fd, std::string_view prompt) {
    while (true) {
        if (auto line = try_read_line(fd, prompt)) {
            return std::move(*line);
        }
    }
}

}  // namespace dcryptfs

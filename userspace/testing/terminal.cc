// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/terminal.h"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "testing/program.h"

namespace dcryptfs::testing {

namespace {

constexpr int patience_ms = 20000;
constexpr std::size_t piece_size = 4096;

}  // namespace

TerminalSession::TerminalSession(const std::string& name, const std::vector<std::string>& arguments,
                                 int ignored_signal) {
    int master = -1;
    child_ = forkpty(&master, nullptr, nullptr, nullptr);
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
        exec_program(name, arguments, ignored_signal);
    }
    master_ = Fd(master);
}

TerminalSession::~TerminalSession() {
    if (child_ > 0) {
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }
}

bool TerminalSession::read_more() {
    pollfd wait{master_.get(), POLLIN, 0};
    if (poll(&wait, 1, patience_ms) <= 0) {
        return false;
    }
    std::array<char, piece_size> piece{};
    // EIO: the program has closed its side.
    const ssize_t n = read(master_.get(), piece.data(), piece.size());
    if (n <= 0) {
        return false;
    }
    screen_.append(piece.data(), static_cast<std::size_t>(n));
    return true;
}

void TerminalSession::expect(const std::string& text) {
    while (true) {
        const auto at = screen_.find(text, seen_);
        if (at != std::string::npos) {
            seen_ = at + text.size();
            return;
        }
        if (!read_more()) {
            CAPTURE(screen_);
            FAIL("the screen does not show: " << text);
        }
    }
}

void TerminalSession::type(const std::string& keys) {
    write_all(master_.get(), as_bytes(keys), "terminal");
}

bool TerminalSession::echoes() const {
    termios settings{};
    REQUIRE(tcgetattr(master_.get(), &settings) == 0);
    return (settings.c_lflag & ECHO) != 0;
}

void TerminalSession::send(int signal) const {
    REQUIRE(kill(child_, signal) == 0);
}

int TerminalSession::wait_end() {
    while (read_more()) {
    }
    // Its end of the terminal is closed, or patience has run out.
    int status = 0;
    constexpr int steps = 100;
    for (int i = 0; waitpid(child_, &status, WNOHANG) != child_; i++) {
        CAPTURE(screen_);
        REQUIRE(i < steps);
        std::this_thread::sleep_for(std::chrono::milliseconds(patience_ms / steps));
    }
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace dcryptfs::testing

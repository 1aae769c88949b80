// SPDX-License-Identifier: GPL-2.0-or-later
// The program on a terminal of its own.
#ifndef DCRYPTFS_TESTING_TERMINAL_H
#define DCRYPTFS_TESTING_TERMINAL_H

#include <sys/types.h>

#include <string>
#include <vector>

#include "lib/fd.h"

namespace dcryptfs::testing {

// Starts the program with a new pseudo-terminal as its controlling terminal
// and its standard input, output and error, and with one signal ignored if one
// is given.
class TerminalSession {
  public:
    TerminalSession(const std::string& name, const std::vector<std::string>& arguments,
                    int ignored_signal = 0);
    // Kills the program if it still runs.
    ~TerminalSession();
    TerminalSession(const TerminalSession&) = delete;
    TerminalSession& operator=(const TerminalSession&) = delete;
    TerminalSession(TerminalSession&&) = delete;
    TerminalSession& operator=(TerminalSession&&) = delete;

    // Waits until the screen has the text; fails the test after 20 seconds.
    void expect(const std::string& text);
    // Types these characters.
    void type(const std::string& keys);
    // Whether what is typed shows.
    [[nodiscard]] bool echoes() const;
    // Sends a signal to the program.
    void send(int signal) const;
    // Waits for the end; the exit code, or minus the signal that ended it.
    int wait_end();
    // All that was on the screen.
    [[nodiscard]] const std::string& screen() const { return screen_; }

  private:
    bool read_more();

    Fd master_;
    pid_t child_ = -1;
    std::string screen_;
    std::size_t seen_ = 0;  // bytes of the screen that expect() is past
};

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_TERMINAL_H

// SPDX-License-Identifier: GPL-2.0-or-later
// How a command fails: one exception that carries the line to print and the
// exit code.  The codes are fixed by Documentation/cli-abi.md.
#ifndef DCRYPTFS_LIB_ERROR_H
#define DCRYPTFS_LIB_ERROR_H

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dcryptfs {

enum class Exit : int {
    success = 0,
    failure = 1,           // the system or the environment said no
    usage = 2,             // the command line is wrong
    wrong_passphrase = 3,  // no key slot opens with this passphrase
    damaged = 4,           // no volume there, or a configuration or file that is not sound
    no_key = 5,            // the key that is needed is not in a keyring
};

// The message is one line without the program's name and without a newline.
class Error : public std::runtime_error {
  public:
    Error(Exit code, const std::string& message) : std::runtime_error(message), code_(code) {}
    [[nodiscard]] Exit code() const noexcept { return code_; }

  private:
    Exit code_;
};

// Throws Error with "<subject>: <reason>"; the subject is made printable, and
// shown as two quotes when it is empty.
[[noreturn]] void fail(Exit code, std::string_view subject, std::string_view reason);

// Throws Error with "<subject>: <what>: <text of errno value err>" and
// Exit::failure; an empty `what` is left out.
[[noreturn]] void fail_errno(std::string_view subject, std::string_view what, int err = errno);

// The text of an errno value.
std::string errno_text(int err);

// The text with control characters and backslashes written as \xNN, so that a
// file name from elsewhere stays on its line and sends nothing to a terminal.
std::string printable(std::string_view text);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_ERROR_H

// SPDX-License-Identifier: GPL-2.0-or-later
// Asking for a passphrase on a terminal.
#ifndef DCRYPTFS_LIB_TERMINAL_H
#define DCRYPTFS_LIB_TERMINAL_H

#include <string_view>

#include "lib/secret.h"

namespace dcryptfs {

// Writes the prompt to standard error and reads one line from the terminal
// `fd` without echo; returns it without its newline.  The terminal is as before
// when this returns, throws, or lets a signal (SIGINT, SIGTERM, SIGHUP, SIGQUIT,
// SIGTSTP) take effect; after a stop it asks again.  Throws Error at the end of
// input before any byte, or when the line has more than 4094 bytes: a terminal
// cuts longer ones.
Secret read_terminal_line(int fd, std::string_view prompt);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_TERMINAL_H

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/passphrase.h"

#include <unistd.h>

#include <cctype>

#include "lib/error.h"
#include "lib/fd.h"
#include "lib/terminal.h"

namespace dcryptfs {

namespace {

Secret read_to_end(int fd, const std::string& subject) {
    // Room for the newline that is dropped, and for one byte too many.
    Secret text(max_passphrase_size + 2);
    std::size_t used = read_full(fd, text.bytes(), subject);
    if (used > 0 && text.data()[used - 1] == '\n') {
        used--;
    }
    if (used == 0) {
        fail(Exit::failure, subject, "the passphrase is empty");
    }
    if (used > max_passphrase_size) {
        fail(Exit::failure, subject,
             "the passphrase is longer than " + std::to_string(max_passphrase_size) + " bytes");
    }
    text.shrink(used);
    return text;
}

std::optional<Secret> read_given(const PassphraseSource& source, const PassphraseRequest& request) {
    if (source.file) {
        const Fd file = open_at(AT_FDCWD, *source.file, O_RDONLY | O_NOCTTY, 0, *source.file);
        return read_to_end(file.get(), *source.file);
    }
    if (source.fd) {
        return read_to_end(*source.fd, "file descriptor " + std::to_string(*source.fd));
    }
    if (isatty(STDIN_FILENO) == 0) {
        fail(Exit::usage, request.subject,
             "standard input is not a terminal, so no " + request.what +
                 " can be asked for; give " + request.file_option +
                 (request.fd_option.empty() ? "" : " or " + request.fd_option));
    }
    return std::nullopt;
}

Secret ask(const std::string& prompt) {
    Secret line = read_terminal_line(STDIN_FILENO, prompt);
    if (line.empty()) {
        fail(Exit::failure, "terminal", "the passphrase is empty");
    }
    return line;
}

std::string capitalized(std::string text) {
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

PassphraseRequest volume_request(const std::string& dir, std::string_view file_option,
                                 std::string_view fd_option) {
    return {dir, "passphrase", std::string(file_option), std::string(fd_option)};
}

}  // namespace

Secret read_passphrase(const PassphraseSource& source, const PassphraseRequest& request) {
    if (auto given = read_given(source, request)) {
        return std::move(*given);
    }
    return ask(capitalized(request.what) + " for " + printable(request.subject) + ": ");
}

Secret read_new_passphrase(const PassphraseSource& source, const PassphraseRequest& request) {
    if (auto given = read_given(source, request)) {
        return std::move(*given);
    }
    Secret first = ask("New " + request.what + " for " + printable(request.subject) + ": ");
    const Secret second = ask("The same again: ");
    if (!equal_constant_time(first.bytes(), second.bytes())) {
        fail(Exit::failure, request.subject, "the two passphrases differ; nothing was changed");
    }
    return first;
}

Secret read_passphrase(const PassphraseSource& source, const std::string& dir,
                       std::string_view file_option, std::string_view fd_option) {
    return read_passphrase(source, volume_request(dir, file_option, fd_option));
}

Secret read_new_passphrase(const PassphraseSource& source, const std::string& dir,
                           std::string_view file_option, std::string_view fd_option) {
    return read_new_passphrase(source, volume_request(dir, file_option, fd_option));
}

}  // namespace dcryptfs

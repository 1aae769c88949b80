// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/output.h"

#include <unistd.h>

#include <exception>

#include "lib/bytes.h"
#include "lib/error.h"
#include "lib/fd.h"

namespace dcryptfs {

namespace {

std::string& name_storage() {
    static std::string name = "dcryptfs";
    return name;
}

}  // namespace

void set_program_name(std::string_view name) {
    name_storage() = name;
}

const std::string& program_name() {
    return name_storage();
}

void say(std::string_view line) {
    std::string text(line);
    text += '\n';
    write_all(STDOUT_FILENO, as_bytes(text), "standard output");
}

void say_field(std::string_view name, std::string_view value) {
    std::string line(name);
    line += ": ";
    line += printable(value);
    say(line);
}

void complain(std::string_view line) noexcept {
    try {
        std::string text = program_name();
        text += ": ";
        text += line;
        text += '\n';
        write_all(STDERR_FILENO, as_bytes(text), "standard error");
    } catch (const std::exception&) {
        // There is nowhere left to say it; the exit code still tells.
        return;
    }
}

void warn(std::string_view line) {
    std::string text = "warning: ";
    text += line;
    complain(text);
}

}  // namespace dcryptfs

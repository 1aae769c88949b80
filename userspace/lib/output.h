// SPDX-License-Identifier: GPL-2.0-or-later
// What the program says: results on standard output, all else on standard error.
#ifndef DCRYPTFS_LIB_OUTPUT_H
#define DCRYPTFS_LIB_OUTPUT_H

#include <string>
#include <string_view>

namespace dcryptfs {

// The name that starts every line on standard error: "dcryptfs" unless set.
void set_program_name(std::string_view name);
const std::string& program_name();

// Writes the text and a newline to standard output.  Throws Error when that
// fails.
void say(std::string_view line);

// Writes "name: value" to standard output; the value is made printable.
void say_field(std::string_view name, std::string_view value);

// Writes "<program>: <line>" to standard error, as far as that is possible.
void complain(std::string_view line) noexcept;

// As complain(), marked as a warning.
void warn(std::string_view line);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_OUTPUT_H

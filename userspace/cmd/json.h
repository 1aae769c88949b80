// SPDX-License-Identifier: GPL-2.0-or-later
// What commands report, as one JSON object or as lines.
#ifndef DCRYPTFS_CMD_JSON_H
#define DCRYPTFS_CMD_JSON_H

#include <nlohmann/json.hpp>
#include <string>

namespace dcryptfs {

using Json = nlohmann::ordered_json;

// The text of an object, in one line unless `indent` is a number of blanks.  JSON can't hold
// bytes that are no UTF-8: they are written as \xNN, as printable() does with others, so
// that a name does not become that of another file.
std::string json_text(Json all, int indent = -1);

// Writes the object to standard output.
void say_json(const Json& all);

// Writes the members of a flat object to standard output, each as a line "name: value", with
// blanks for the underscores of the name; or with `json` the object as it is.
void report(const Json& all, bool json);

}  // namespace dcryptfs

#endif  // DCRYPTFS_CMD_JSON_H

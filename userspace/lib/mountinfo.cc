// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/mountinfo.h"

#include <algorithm>
#include <sstream>

#include "lib/text_file.h"

namespace dcryptfs {

namespace {

std::string undo_escapes(std::string_view text) {
    constexpr std::size_t escape_length = 4;  // \ooo
    constexpr unsigned octal_bits = 3;
    std::string out;
    while (!text.empty()) {
        const std::string_view digits = text.substr(1).substr(0, escape_length - 1);
        const bool escaped =
            text[0] == '\\' && digits.size() == escape_length - 1 &&
            std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '7'; });
        if (escaped) {
            unsigned value = 0;
            for (const char c : digits) {
                value = value << octal_bits | static_cast<unsigned>(c - '0');
            }
            out += static_cast<char>(value);
            text.remove_prefix(escape_length);
        } else {
            out += text[0];
            text.remove_prefix(1);
        }
    }
    return out;
}

}  // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
    std::vector<Mount> mounts;
    std::istringstream lines{std::string(text)};
    std::string line;
    while (std::getline(lines, line)) {
        // id parent major:minor root target options [optional...] - type source super
        std::istringstream words(line);
        std::string skipped;
        Mount mount;
        words >> skipped >> skipped >> mount.device >> skipped >> mount.target >>
            mount.mount_options;
        std::string word;
        while (words >> word && word != "-") {
        }
        std::string type;
        words >> type >> mount.source >> mount.super_options;
        if (!words || type != "dcryptfs") {
            continue;
        }
        mount.target = undo_escapes(mount.target);
        mount.source = undo_escapes(mount.source);
        mounts.push_back(mount);
    }
    return mounts;
}

std::vector<Mount> list_mounts() {
    return parse_mountinfo(read_text_file("/proc/self/mountinfo"));
}

std::optional<std::string> option_value(std::string_view options, std::string_view name) {
    while (!options.empty()) {
        const std::string_view option = options.substr(0, options.find(','));
        options.remove_prefix(std::min(option.size() + 1, options.size()));
        if (option.starts_with(name) && option.substr(name.size()).starts_with('=')) {
            return std::string(option.substr(name.size() + 1));
        }
    }
    return std::nullopt;
}

}  // namespace dcryptfs

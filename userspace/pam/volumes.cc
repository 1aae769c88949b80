// SPDX-License-Identifier: GPL-2.0-or-later
#include "pam/volumes.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <sstream>
#include <vector>

#include "lib/error.h"
#include "lib/fd.h"
#include "lib/text_file.h"

namespace dcryptfs {

namespace {

constexpr std::string_view every_user = "*";
constexpr std::string_view user_mark = "%u";

// USER LOWER UPPER [OPTIONS]
constexpr std::size_t min_fields = 3;
constexpr std::size_t max_fields = 4;

[[noreturn]] void reject(std::size_t number, std::string_view reason) {
    fail(Exit::failure, volumes_path,
         "line " + std::to_string(number) + ": " + std::string(reason));
}

std::vector<std::string> split(const std::string& line) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::vector<std::string> fields;
    for (std::string word; words >> word;) {
        fields.push_back(word);
    }
    return fields;
}

std::string with_user(std::string path, const std::string& user) {
    for (std::size_t at = 0; (at = path.find(user_mark, at)) != std::string::npos;) {
        path.replace(at, user_mark.size(), user);
        at += user.size();
    }
    return path;
}

// A name that goes into paths must be one component of them.
bool is_component(const std::string& user) {
    return !user.empty() && user != "." && user != ".." && user.find('/') == std::string::npos;
}

MountOptions parse_options(const std::string& list, std::size_t number) {
    MountOptions options = [&] {
        try {
            return parse_mount_options({"nosuid,nodev", list});
        } catch (const Error& error) {
            reject(number, error.what());
        }
    }();
    if (count_sources(options.secret) != 0) {
        reject(number, "the volume is opened by the login passphrase, and by nothing else");
    }
    if (options.remount) {
        reject(number, "remount makes no sense here");
    }
    return options;
}

}  // namespace

std::optional<UserVolume> parse_volumes(std::string_view text, const std::string& user,
                                        bool is_root) {
    std::optional<UserVolume> found;
    std::istringstream lines{std::string(text)};
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        const std::vector<std::string> fields = split(line);
        if (fields.empty()) {
            continue;
        }
        if (fields.size() < min_fields || fields.size() > max_fields) {
            reject(number, "not: USER LOWER UPPER [OPTIONS]");
        }
        if (!fields[1].starts_with('/') || !fields[2].starts_with('/')) {
            reject(number, "a path does not start with /");
        }
        MountOptions options = parse_options(fields.size() > min_fields ? fields[3] : "", number);
        const bool is_for_all = fields[0] == every_user && !is_root && is_component(user);
        if (!found && (fields[0] == user || is_for_all)) {
            found = UserVolume{with_user(fields[1], user), with_user(fields[2], user),
                               std::move(options)};
        }
    }
    return found;
}

std::optional<UserVolume> find_user_volume(const std::string& user, bool is_root) {
    struct stat info {};
    if (stat(volumes_path, &info) != 0) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        fail_errno(volumes_path, "", errno);
    }
    // What it says is done with the rights of root.
    if (info.st_uid != 0 || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        fail(Exit::failure, volumes_path,
             "it is not used, as others than root can write it: chown root, chmod go-w");
    }
    return parse_volumes(read_text_file(volumes_path), user, is_root);
}

}  // namespace dcryptfs

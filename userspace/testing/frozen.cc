// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/frozen.h"

#include <sys/xattr.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>

namespace dcryptfs::testing {

namespace {

// Takes the part in front of the first tab.
std::string take_word(std::string& line) {
    const std::size_t tab = line.find('\t');
    std::string word = line.substr(0, tab);
    line.erase(0, tab + 1);
    return word;
}

// Takes the part behind the last tab.
std::string take_last_word(std::string& line) {
    const std::size_t tab = line.rfind('\t');
    std::string word = line.substr(tab + 1);
    line.erase(tab);
    return word;
}

}  // namespace

Frozen::Frozen() {
    const std::string command = "tar -C " + dir_.path() +
                                " --xattrs --warning=none -xf " DCRYPTFS_TOP
                                "/tests/images/ecryptfs/stock.tar.xz 2>" +
                                (dir_ / "errors");
    // The paths are this program's own.  Where attributes can't be had, tar says so
    // and goes on.
    const int status = std::system(command.c_str());  // NOLINT(cert-env33-c)
    INFO("tar: " << status);
    std::istringstream lines(read_file(dir_ / "LIST"));
    std::string line;
    while (std::getline(lines, line)) {
        FrozenEntry entry;
        entry.volume = take_word(line);
        entry.type = take_word(line)[0];
        entry.size = take_word(line);
        entry.digest = take_last_word(line);
        entry.lower = take_last_word(line);
        entry.upper = line;  // which may have tabs
        entries_.push_back(entry);
    }
    REQUIRE_FALSE(entries_.empty());
}

const Frozen& Frozen::get() {
    static const Frozen frozen;
    return frozen;
}

bool Frozen::has_attributes() const {
    return getxattr((path("xattr") + "/size-1").c_str(), "user.ecryptfs", nullptr, 0) > 0;
}

}  // namespace dcryptfs::testing

// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/files.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace dcryptfs::testing {

namespace fs = std::filesystem;

TempDir::TempDir() {
    std::string name = fs::temp_directory_path() / "dcryptfs-test-XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = fs::canonical(name);
}

TempDir::~TempDir() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string TempDir::operator/(std::string_view name) const {
    return fs::path(path_) / name;
}

void write_file(const std::string& path, Bytes content) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(content.data()),
               static_cast<std::streamsize>(content.size()));
    file.close();
    REQUIRE(file.good());
}

void write_file(const std::string& path, std::string_view content) {
    write_file(path, as_bytes(content));
}

std::string read_file(const std::string& path) {
    const std::ifstream file(path, std::ios::binary);
    REQUIRE(file.good());
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

std::vector<std::string> list_dir(const std::string& path) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path)) {
        names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace dcryptfs::testing

// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/command.h"
#include "lib/volume.h"

namespace dcryptfs {

void add_volume_option(CLI::App& app, std::optional<std::string>& volume) {
    app.add_option("--volume", volume, "The volume (default: found by walking up)")
        ->type_name("DIR");
}

std::string volume_dir_of(const std::optional<std::string>& given, const std::string& path) {
    if (given) {
        return *given;
    }
    const auto dir = find_volume_dir(path);
    if (!dir) {
        fail(Exit::damaged, path,
             "no directory above it has a " + std::string(config_name) +
                 "; name the volume with --volume DIR");
    }
    return *dir;
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/known_volume.h"

#include <filesystem>

#include "testing/vectors.h"

namespace dcryptfs::testing {

KnownVolume::KnownVolume() {
    std::filesystem::create_directory(path);
    write_file(dir / "v/dcryptfs.json", config_json);
    write_file(pass, std::string(passphrase) + "\n");
    write_file(wrong, "wrong\n");
}

NamesVolume::NamesVolume() {
    write_file(path + "/dcryptfs.json", encrypted_config_json());
}

}  // namespace dcryptfs::testing

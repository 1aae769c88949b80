// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/lower_tree.h"

#include <filesystem>

#include "lib/cipher.h"
#include "lib/dir_id.h"
#include "lib/names.h"
#include "lib/path.h"
#include "lib/sealed_value.h"
#include "testing/files.h"
#include "testing/name_vectors.h"
#include "testing/vectors.h"

namespace dcryptfs::testing {

namespace fs = std::filesystem;

Sealer known_sealer() {
    return Sealer(secret_of(unhex(volume_key_hex)));
}

LowerTree::LowerTree(std::string path) : path_(std::move(path)) {
    random_bytes(nonce_);
    fs::create_symlink(make_dir_id(known_sealer(), nonce_), join_path(path_, dir_id_name));
}

std::string LowerTree::add_name(std::string_view upper) const {
    const LowerName lower = encode_name(known_sealer(), nonce_, upper);
    if (lower.sidecar) {
        fs::create_symlink(lower.sidecar->target, join_path(path_, lower.sidecar->name));
    }
    return join_path(path_, lower.name);
}

std::string add_file(const LowerTree& dir, std::string_view upper) {
    std::string path = dir.add_name(upper);
    write_file(path, "");
    return path;
}

std::string add_link(const LowerTree& dir, std::string_view upper, std::string_view target) {
    std::string path = dir.add_name(upper);
    fs::create_symlink(seal_target(known_sealer(), link_nonce, target), path);
    return path;
}

LowerTree LowerTree::add_dir(std::string_view upper) const {
    const std::string path = add_name(upper);
    fs::create_directory(path);
    return LowerTree(path);
}

}  // namespace dcryptfs::testing

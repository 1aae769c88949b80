// SPDX-License-Identifier: GPL-2.0-or-later
// A volume: a lower directory with a dcryptfs.json, and its key.
#ifndef DCRYPTFS_LIB_VOLUME_H
#define DCRYPTFS_LIB_VOLUME_H

#include <memory>
#include <optional>
#include <string>

#include "lib/config.h"
#include "lib/fd.h"
#include "lib/ondisk.h"
#include "lib/seal.h"
#include "lib/secret.h"

namespace dcryptfs {

struct Volume {
    std::string dir;          // absolute, without symbolic links
    std::string config_path;  // dir/dcryptfs.json, for messages
    Config config;            // read, its MAC not checked
};

// Reads the configuration of the volume in `dir`.  Throws Error: Exit::damaged
// when there is none or it is damaged, Exit::failure when it can't be read.
Volume load_volume(const std::string& dir);

// The directory at `path`, or the nearest one above it, that holds a dcryptfs.json,
// or nothing.  Throws Error when the path can't be resolved.
std::optional<std::string> find_volume_dir(const std::string& path);

// The volume key, once a slot has opened and the key identifier and the MAC have
// been found right.  Throws Error: Exit::wrong_passphrase when no slot opens,
// Exit::damaged when what opened does not fit the configuration.
Secret open_volume(const Volume& volume, const Secret& passphrase);

// What opens the names of the volume: nullptr when they are plain.  The passphrase
// is checked in either case, and so is the MAC that says which of them it is.
// Throws Error as open_volume().
std::unique_ptr<Sealer> open_names(const Volume& volume, const Secret& passphrase);

struct VolumeParameters {
    NamedId suite{};
    NamedId names{};
    ScryptCost cost;
};

// A new volume key and the text of the dcryptfs.json that holds it, wrapped
// under `passphrase`.
struct NewVolume {
    KeyId key_id{};
    std::string config_text;
};
NewVolume make_volume(const VolumeParameters& parameters, const Secret& passphrase);

// Throws Error unless the open directory has no entries at all, and is not in a
// dcryptfs mount.
void require_empty_dir(const Fd& dir_fd, const std::string& dir);

// Puts the configuration into place: it is there whole, on stable storage, with
// mode 0600, or it is not there.  Never replaces one.
void write_config(const Fd& dir_fd, const std::string& dir, const std::string& text);

// The path without symbolic links and dots, from the root; throws Error when it
// can't be resolved.
std::string absolute_path(const std::string& path);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_VOLUME_H

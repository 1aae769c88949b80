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
#include "lib/slot_secret.h"

namespace dcryptfs {

struct Volume {
    std::string dir;          // absolute, without symbolic links
    std::string config_path;  // dir/dcryptfs.json, for messages
    Config config;            // read, its MAC not checked
};

// The text of the dcryptfs.json in the open directory `dir`, whose path is `path`.  Throws
// Error as load_volume().
std::string read_config_text(const Fd& dir_fd, const std::string& dir, const std::string& path);

// Reads the configuration of the volume in `dir`.  Throws Error: Exit::damaged
// when there is none or it is damaged, Exit::failure when it can't be read.
Volume load_volume(const std::string& dir);

// The directory at `path`, or the nearest one above it, that holds a dcryptfs.json,
// or nothing.  Throws Error when the path can't be resolved.
std::optional<std::string> find_volume_dir(const std::string& path);

// A volume whose key is known.
struct OpenedVolume {
    Secret volume_key;
    std::size_t slot = 0;  // which one opened: its place in the configuration
    Secret wrap_key;       // what that slot's function made of the secret
};

// Tries the slots of the secret's type in their order; one has opened, and the key
// identifier and the MAC have been found right.  Throws Error: Exit::wrong_passphrase when
// no slot opens, Exit::damaged when what opened does not fit the configuration,
// Exit::failure when none opens and one was left out for lack of memory, or a TPM is missing.
OpenedVolume open_slot(const Volume& volume, const SlotSecret& secret);

// The volume key alone.  Throws Error as open_slot().
Secret open_volume(const Volume& volume, const SlotSecret& secret);
// The same with a passphrase.
Secret open_volume(const Volume& volume, const Secret& passphrase);

// What opens the names of the volume: nullptr when they are plain.  The secret
// is checked in either case, and so is the MAC that says which of them it is.
// Throws Error as open_slot().
std::unique_ptr<Sealer> open_names(const Volume& volume, const SlotSecret& secret);
std::unique_ptr<Sealer> open_names(const Volume& volume, const Secret& passphrase);

struct VolumeParameters {
    NamedId suite{};
    NamedId names{};
    SlotCost cost;
};

// A new volume key and the text of the dcryptfs.json that holds it, in one slot that
// opens with the secret.
struct NewVolume {
    KeyId key_id{};
    std::string config_text;
};
NewVolume make_volume(const VolumeParameters& parameters, const SlotSecret& secret);

// Throws Error unless the open directory has no entries at all, and is not in a
// dcryptfs mount.
void require_empty_dir(const Fd& dir_fd, const std::string& dir);

// Puts the configuration into place: it is there whole, on stable storage, with
// mode 0600, or it is not there.  Never replaces one.
void write_config(const Fd& dir_fd, const std::string& dir, const std::string& text);

// The configuration that was there before its slots were changed, and what a new one is
// called until it is whole: names that are hidden from above.
inline constexpr std::string_view config_backup_name = DCRYPT_HIDDEN_PREFIX "json.backup";
inline constexpr std::string_view new_config_prefix = DCRYPT_HIDDEN_PREFIX "json.new.";

enum class Backup { keep, none };

// The volume of a directory, read while nobody else changes its configuration.
class LockedVolume {
  public:
    // Waits until no other program changes it.  Throws Error as load_volume().
    explicit LockedVolume(const std::string& dir);

    [[nodiscard]] const Volume& volume() const noexcept { return volume_; }

    // Puts another configuration into its place, with its owner and mode.  Whenever this is
    // cut off, the old one is there or the new one, whole and on stable storage.  The old
    // one is kept as config_backup_name, or no such file is.
    void replace(const std::string& text, Backup backup);

  private:
    void write(const std::string& text, std::string_view name) const;

    Fd dir_fd_;
    Volume volume_;
    std::string text_;
    struct stat info_ {};
};

// The path without symbolic links and dots, from the root; throws Error when it
// can't be resolved.
std::string absolute_path(const std::string& path);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_VOLUME_H

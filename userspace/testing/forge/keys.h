// SPDX-License-Identifier: GPL-2.0-or-later
// The keys of a volume, in all the shapes in which they lie in memory.
#ifndef DCRYPTFS_TESTING_FORGE_KEYS_H
#define DCRYPTFS_TESTING_FORGE_KEYS_H

#include <span>
#include <string>

#include "lib/secret.h"
#include "lib/volume.h"

namespace dcryptfs {

// Lines of a name and of bytes in hexadecimal: the keys of the volume, and those of
// the files that have the given headers.
std::string list_keys_in_memory(const Volume& volume, const Secret& passphrase,
                                std::span<char*> headers);

// The same for eCryptfs: the keys that the passphrase gives with the usual salts, and
// those of the lower files.
std::string list_ecryptfs_keys_in_memory(const Secret& passphrase, std::span<char*> files);

}  // namespace dcryptfs

#endif  // DCRYPTFS_TESTING_FORGE_KEYS_H

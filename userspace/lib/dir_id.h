// SPDX-License-Identifier: GPL-2.0-or-later
// The nonce of a directory, as the target of the link .dcryptfs.dir tells it.
#ifndef DCRYPTFS_LIB_DIR_ID_H
#define DCRYPTFS_LIB_DIR_ID_H

#include <string>
#include <string_view>

#include "lib/base64url.h"
#include "lib/ondisk.h"
#include "lib/seal.h"

namespace dcryptfs {

// Every such target has as many characters.
inline constexpr std::size_t dir_id_characters = base64url_size(sizeof(dcrypt_dir_id));

// The target for a nonce.
std::string make_dir_id(const Sealer& sealer, const SealNonce& nonce);

// The nonce in a target.  Throws Error (Exit::damaged) with a line about
// `subject`, the link, when the target is not make_dir_id()'s.
SealNonce parse_dir_id(const Sealer& sealer, std::string_view target, const std::string& subject);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_DIR_ID_H

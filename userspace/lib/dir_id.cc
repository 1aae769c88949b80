// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/dir_id.h"

#include <algorithm>
#include <cstddef>

#include "lib/error.h"

namespace dcryptfs {

std::string make_dir_id(const Sealer& sealer, const SealNonce& nonce) {
    const ByteArray<1> version = {DCRYPT_DIR_ID_VERSION};
    return to_base64url(concat({version, nonce, sealer.seal(SealKind::dir, nonce, {})}));
}

SealNonce parse_dir_id(const Sealer& sealer, std::string_view target, const std::string& subject) {
    const auto id = from_base64url(target);
    // The version before the size, which another version may have changed.
    if (id && !id->empty() && id->front() != DCRYPT_DIR_ID_VERSION) {
        fail(Exit::damaged, subject,
             "unknown version " + std::to_string(id->front()) + " of a directory's nonce");
    }
    if (!id || id->size() != sizeof(dcrypt_dir_id)) {
        fail(Exit::damaged, subject, "damaged: its target is not the nonce of a directory");
    }
    const Bytes bytes(*id);
    SealNonce nonce{};
    const Bytes stored = bytes.subspan(offsetof(dcrypt_dir_id, nonce), nonce.size());
    std::copy(stored.begin(), stored.end(), nonce.begin());
    if (!sealer.open(SealKind::dir, nonce, bytes.subspan(offsetof(dcrypt_dir_id, tag)))) {
        fail(Exit::damaged, subject, "damaged, edited, or of a volume with another key");
    }
    return nonce;
}

}  // namespace dcryptfs

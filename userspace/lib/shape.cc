// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/shape.h"

#include <algorithm>
#include <climits>

#include "lib/base64url.h"
#include "lib/names.h"
#include "lib/ondisk.h"
#include "lib/seal.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

constexpr std::size_t nonce_size = DCRYPT_SEAL_NONCE_SIZE;

// A tag, and what is padded to blocks.
bool is_sealed_size(std::size_t size, std::size_t shortest) {
    return size >= sealed_size(SealKind::name, shortest) &&
           (size - seal_tag_size) % seal_padding == 0;
}

}  // namespace

bool looks_like_dir_id(std::string_view target) {
    const auto id = from_base64url(target);
    return id && id->size() == sizeof(dcrypt_dir_id) && id->front() == DCRYPT_DIR_ID_VERSION;
}

bool looks_like_sidecar_of(std::string_view lower, std::string_view target) {
    const auto sealed = from_base64url(target);
    const auto tag = from_base64url(lower.substr(long_prefix.size()));
    return sealed && tag && is_sealed_size(sealed->size(), short_name_max + 1) &&
           sealed->size() <= sealed_size(SealKind::name, name_max) &&
           tag->size() == DCRYPT_LONG_TAG_SIZE &&
           std::equal(tag->begin(), tag->begin() + seal_tag_size, sealed->begin());
}

bool looks_like_target(std::string_view target) {
    const auto bytes = from_base64url(target);
    return bytes && target.size() < PATH_MAX && bytes->size() > nonce_size &&
           is_sealed_size(bytes->size() - nonce_size, 1);
}

std::size_t sealed_value_min() {
    return nonce_size + sealed_size(SealKind::xattr, 0);
}

bool is_temporary_name(std::string_view lower) {
    constexpr std::size_t digits = 16;
    constexpr std::string_view hex = "0123456789abcdef";
    if (!lower.starts_with(hidden_prefix)) {
        return false;
    }
    lower.remove_prefix(lower.starts_with(new_config_prefix) ? new_config_prefix.size()
                                                             : hidden_prefix.size());
    return lower.size() >= digits &&
           lower.substr(0, digits).find_first_not_of(hex) == std::string_view::npos &&
           lower.find_first_not_of('-', digits) == std::string_view::npos;
}

}  // namespace dcryptfs

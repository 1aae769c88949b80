// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/names.h"

#include "lib/base64url.h"
#include "lib/error.h"

namespace dcryptfs {

namespace {

constexpr std::size_t long_tag_characters = base64url_size(DCRYPT_LONG_TAG_SIZE);
static_assert(DCRYPT_LONG_TAG_SIZE == mac_size);

std::string join(std::string_view prefix, std::string_view rest) {
    std::string text(prefix);
    text += rest;
    return text;
}

// A text of base64url that opens to a name.
std::optional<std::string> open_name(const Sealer& sealer, const SealNonce& dir,
                                     std::string_view text) {
    const auto sealed = from_base64url(text);
    if (!sealed) {
        return std::nullopt;
    }
    const auto plaintext = sealer.open(SealKind::name, dir, *sealed);
    if (!plaintext) {
        return std::nullopt;
    }
    std::string name(plaintext->begin(), plaintext->end());
    // Who has the keys could have sealed anything.
    if (!is_name(name)) {
        return std::nullopt;
    }
    return name;
}

bool looks_like_short_name(std::string_view lower) {
    const auto sealed = from_base64url(lower);
    return sealed && sealed->size() > seal_tag_size &&
           sealed->size() <= sealed_size(SealKind::name, short_name_max) &&
           (sealed->size() - seal_tag_size) % seal_padding == 0;
}

bool looks_like_long_name(std::string_view lower) {
    if (!lower.starts_with(long_prefix)) {
        return false;
    }
    lower.remove_prefix(long_prefix.size());
    return lower.size() == long_tag_characters && from_base64url(lower);
}

}  // namespace

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= name_max && name != "." && name != ".." &&
           name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

LowerName encode_name(const Sealer& sealer, const SealNonce& dir, std::string_view upper) {
    if (!is_name(upper)) {
        fail_errno(upper, "", upper.size() > name_max ? ENAMETOOLONG : EINVAL);
    }
    const Bytes plaintext = as_bytes(upper);
    std::string sealed = to_base64url(sealer.seal(SealKind::name, dir, plaintext));
    if (upper.size() <= short_name_max) {
        return {std::move(sealed), std::nullopt};
    }
    const std::string tag = to_base64url(sealer.full_tag(SealKind::name, dir, plaintext));
    return {join(long_prefix, tag), Sidecar{join(sidecar_prefix, tag), std::move(sealed)}};
}

LowerKind kind_of_lower_name(std::string_view lower) {
    if (looks_like_long_name(lower)) {
        return LowerKind::long_name;
    }
    if (lower.starts_with(long_prefix)) {
        return LowerKind::foreign;
    }
    if (lower.starts_with(hidden_prefix)) {
        return LowerKind::own;
    }
    return looks_like_short_name(lower) ? LowerKind::short_name : LowerKind::foreign;
}

std::string sidecar_of(std::string_view lower) {
    return join(sidecar_prefix, lower.substr(long_prefix.size()));
}

std::size_t sidecar_target_max() {
    return base64url_size(sealed_size(SealKind::name, name_max));
}

std::optional<std::string> decode_short_name(const Sealer& sealer, const SealNonce& dir,
                                             std::string_view lower) {
    auto name = open_name(sealer, dir, lower);
    if (!name || name->size() > short_name_max) {
        return std::nullopt;
    }
    return name;
}

std::optional<std::string> decode_long_name(const Sealer& sealer, const SealNonce& dir,
                                            std::string_view lower,
                                            std::string_view sidecar_target) {
    auto name = open_name(sealer, dir, sidecar_target);
    // The sidecar of another name of the same directory opens as well.
    if (!name || encode_name(sealer, dir, *name).name != lower) {
        return std::nullopt;
    }
    return name;
}

}  // namespace dcryptfs

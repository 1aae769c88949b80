// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sealed_value.h"

#include <algorithm>

#include "lib/base64url.h"

namespace dcryptfs {

namespace {

constexpr std::size_t nonce_size = std::tuple_size_v<SealNonce>;

std::vector<std::uint8_t> xattr_context(Bytes nonce, std::string_view name) {
    const ByteArray<1> terminator = {0};
    return concat({nonce, as_bytes(name), terminator});
}

}  // namespace

std::string seal_target(const Sealer& sealer, const SealNonce& nonce, std::string_view target) {
    return to_base64url(concat({nonce, sealer.seal(SealKind::link, nonce, as_bytes(target))}));
}

std::optional<std::string> open_target(const Sealer& sealer, std::string_view lower) {
    const auto bytes = from_base64url(lower);
    if (!bytes || bytes->size() < nonce_size) {
        return std::nullopt;
    }
    const Bytes nonce = Bytes(*bytes).first(nonce_size);
    const auto target = sealer.open(SealKind::link, nonce, Bytes(*bytes).subspan(nonce_size));
    // Who has the keys could have sealed anything.
    if (!target || std::find(target->begin(), target->end(), 0) != target->end()) {
        return std::nullopt;
    }
    return std::string(target->begin(), target->end());
}

std::vector<std::uint8_t> seal_xattr(const Sealer& sealer, const SealNonce& nonce,
                                     std::string_view name, Bytes value) {
    return concat({nonce, sealer.seal(SealKind::xattr, xattr_context(nonce, name), value)});
}

std::optional<std::vector<std::uint8_t>> open_xattr(const Sealer& sealer, std::string_view name,
                                                    Bytes lower) {
    if (lower.size() < nonce_size) {
        return std::nullopt;
    }
    return sealer.open(SealKind::xattr, xattr_context(lower.first(nonce_size), name),
                       lower.subspan(nonce_size));
}

}  // namespace dcryptfs

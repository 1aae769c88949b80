// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/ondisk.h"

#include <algorithm>
#include <climits>

namespace dcryptfs {

std::optional<NamedId> find_name(std::span<const NamedId> table, std::string_view name) {
    const auto* const it = std::find_if(table.data(), table.data() + table.size(),
                                        [&](const NamedId& e) { return e.name == name; });
    return it == table.data() + table.size() ? std::nullopt : std::optional(*it);
}

std::optional<NamedId> find_id(std::span<const NamedId> table, std::uint16_t id) {
    const auto* const it = std::find_if(table.data(), table.data() + table.size(),
                                        [&](const NamedId& e) { return e.id == id; });
    return it == table.data() + table.size() ? std::nullopt : std::optional(*it);
}

std::string list_names(std::span<const NamedId> table) {
    std::string list;
    for (const NamedId& entry : table) {
        list += list.empty() ? "" : ", ";
        list += entry.name;
    }
    return list;
}

std::uint64_t load_le(Bytes bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; i--) {
        value = value << CHAR_BIT | bytes[i - 1];
    }
    return value;
}

void store_le(MutableBytes bytes, std::uint64_t value) {
    for (std::uint8_t& byte : bytes) {
        byte = static_cast<std::uint8_t>(value);
        value >>= CHAR_BIT;
    }
}

}  // namespace dcryptfs

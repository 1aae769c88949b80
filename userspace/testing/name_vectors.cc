// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/name_vectors.h"

namespace dcryptfs::testing {

std::string vector_name(std::size_t size) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
    std::string name;
    while (name.size() < size) {
        name += letters[name.size() % letters.size()];
    }
    return name;
}

}  // namespace dcryptfs::testing

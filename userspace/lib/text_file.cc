// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/text_file.h"

#include <array>

#include "lib/fd.h"

namespace dcryptfs {

std::string read_text_file(const std::string& path) {
    constexpr std::size_t piece_size = 4096;
    const Fd file = open_at(AT_FDCWD, path, O_RDONLY, 0, path);
    std::string text;
    ByteArray<piece_size> piece{};
    while (true) {
        const std::size_t n = read_full(file.get(), piece, path);
        text.append(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(n));
        if (n < piece.size()) {
            return text;
        }
    }
}

}  // namespace dcryptfs

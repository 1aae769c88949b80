// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/native_file.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <vector>

#include "lib/cipher.h"
#include "lib/error.h"
#include "lib/kdf.h"
#include "lib/upper_tree.h"

namespace dcryptfs {

namespace {

constexpr std::uint64_t largest_file = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t blocks_per_piece = 64;

[[noreturn]] void damaged(const std::string& subject, std::string_view reason) {
    fail(Exit::damaged, subject, reason);
}

void decrypt_or_hole(XtsDecryptor& cipher, std::uint64_t n, Bytes in, MutableBytes out) {
    if (all_zero(in)) {
        std::fill(out.begin(), out.end(), std::uint8_t{0});
    } else {
        cipher.decrypt_block(n, in, out);
    }
}

void read_exactly(int fd, MutableBytes buffer, std::uint64_t offset, const std::string& subject) {
    if (pread_full(fd, buffer, offset, subject) != buffer.size()) {
        fail(Exit::failure, subject, "became shorter while it was read");
    }
}

}  // namespace

std::optional<std::uint64_t> lower_size(std::uint64_t upper) {
    if (upper == 0) {
        return 0;
    }
    const std::uint64_t extra = upper % block_size == 0 ? header_size : header_size + block_size;
    if (upper > largest_file - extra) {
        return std::nullopt;
    }
    return upper + extra;
}

std::optional<std::uint64_t> upper_size(std::uint64_t lower) {
    if (lower == 0 || lower == header_size) {
        return 0;
    }
    if (lower > largest_file) {
        return std::nullopt;
    }
    if (lower % block_size == 0) {
        return lower - header_size;
    }
    if (lower > header_size + block_size) {
        return lower - header_size - block_size;
    }
    return std::nullopt;
}

NativeHeader parse_header(Bytes block, const std::string& subject) {
    // The magic first, so that a short file of another kind is called that.
    const Bytes magic = as_bytes(std::string_view(DCRYPT_NATIVE_MAGIC, DCRYPT_NATIVE_MAGIC_SIZE));
    const Bytes start = block.first(std::min(magic.size(), block.size()));
    if (!std::equal(start.begin(), start.end(), magic.begin())) {
        damaged(subject, "not a dcryptfs file (foreign magic)");
    }
    if (block.size() != header_size) {
        damaged(subject, "truncated within the header");
    }
    NativeHeader header;
    const Bytes fields = block.first(sizeof(dcrypt_native_fields));
    std::copy(fields.begin(), fields.end(), header.fields.begin());
    const auto number = [&](std::size_t offset, std::size_t size) {
        return load_le(fields.subspan(offset, size));
    };
    header.version = static_cast<std::uint16_t>(
        number(offsetof(dcrypt_native_fields, version), sizeof(header.version)));
    if (header.version != DCRYPT_FORMAT_NATIVE) {
        damaged(subject, "unknown format version " + std::to_string(header.version));
    }
    header.suite = static_cast<std::uint16_t>(
        number(offsetof(dcrypt_native_fields, suite), sizeof(header.suite)));
    if (!find_id(known_suites, header.suite)) {
        damaged(subject, "unknown cipher suite " + std::to_string(header.suite));
    }
    header.features = static_cast<std::uint32_t>(
        number(offsetof(dcrypt_native_fields, features), sizeof(header.features)));
    if (header.features != 0) {
        damaged(subject, "unknown feature bits " + std::to_string(header.features));
    }
    if (!all_zero(block.subspan(fields.size()))) {
        damaged(subject, "reserved bytes of the header are not zero");
    }
    std::copy_n(fields.begin() + offsetof(dcrypt_native_fields, key_id), header.key_id.size(),
                header.key_id.begin());
    std::copy_n(fields.begin() + offsetof(dcrypt_native_fields, nonce), header.nonce.size(),
                header.nonce.begin());
    return header;
}

NativeFile::NativeFile(const std::string& path) : path_(path) {
    struct stat info {};
    fd_ = open_regular(AT_FDCWD, path, 0, path, &info);
    // A file that shows its plaintext is not a lower file.
    if (is_in_upper_tree(fd_)) {
        damaged(path_,
                "lies in a mounted dcryptfs, where it is already decrypted; "
                "give its file in the lower directory");
    }
    lower_ = static_cast<std::uint64_t>(info.st_size);
    if (lower_ == 0 || lower_ == header_size) {
        return;
    }
    // The header first: what is not ours at all should be called that, whatever
    // its size.
    ByteArray<header_size> block{};
    const std::size_t got = pread_full(fd_.get(), block, 0, path_);
    header_ = parse_header(Bytes(block).first(got), path_);
    const auto upper = upper_size(lower_);
    if (!upper) {
        damaged(path_, "a lower size of " + std::to_string(lower_) +
                           " bytes, which the format can't produce");
    }
    upper_ = *upper;
}

void NativeFile::decrypt(const Secret& volume_key, const std::function<void(Bytes)>& sink) const {
    if (!header_) {
        return;
    }
    const KeyId volume_id = derive_key_id(volume_key);
    if (header_->key_id != volume_id) {
        fail(Exit::no_key, path_,
             "encrypted under the key " + to_hex(header_->key_id) + ", and the volume's is " +
                 to_hex(volume_id));
    }
    XtsDecryptor cipher(derive_file_key(volume_key, header_->fields));

    const std::uint64_t blocks = (upper_ + block_size - 1) / block_size;
    std::vector<std::uint8_t> in(blocks_per_piece * block_size);
    Secret out(in.size());

    // What the last block holds past the end, and what follows it, may be
    // anything after a crash or a shrink: it is not looked at.
    for (std::uint64_t first = 0; first < blocks; first += blocks_per_piece) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(blocks_per_piece, blocks - first));
        const MutableBytes piece = MutableBytes(in).first(count * block_size);
        read_exactly(fd_.get(), piece, header_size + first * block_size, path_);
        for (std::size_t i = 0; i < count; i++) {
            decrypt_or_hole(cipher, first + i, piece.subspan(i * block_size, block_size),
                            out.bytes().subspan(i * block_size, block_size));
        }
        const std::uint64_t left = upper_ - first * block_size;
        sink(out.bytes().first(
            static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), left))));
    }
}

}  // namespace dcryptfs

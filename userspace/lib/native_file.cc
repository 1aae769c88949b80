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

namespace dcryptfs {

namespace {

constexpr std::uint64_t largest_file = std::numeric_limits<std::int64_t>::max();

[[noreturn]] void damaged(const std::string& subject, std::string_view reason) {
    fail(Exit::damaged, subject, reason);
}

void read_exactly(int fd, MutableBytes buffer, std::uint64_t offset, const std::string& subject) {
    if (pread_full(fd, buffer, offset, subject) != buffer.size()) {
        fail(Exit::failure, subject, "became shorter while it was read");
    }
}

void decrypt_piece(XtsDecryptor& cipher, std::uint64_t first, Bytes in, MutableBytes out) {
    for (std::size_t at = 0; at < in.size(); at += block_size) {
        cipher.decrypt_block(first + at / block_size, in.subspan(at, block_size),
                             out.subspan(at, block_size));
    }
}

// How many blocks at the beginning of the piece are alike: all holes, or all none.
struct Run {
    std::size_t bytes = 0;
    bool hole = false;
};
Run next_run(Bytes piece) {
    Run run;
    run.hole = all_zero(piece.first(block_size));
    do {
        run.bytes += block_size;
    } while (run.bytes < piece.size() &&
             all_zero(piece.subspan(run.bytes, block_size)) == run.hole);
    return run;
}

std::uint64_t round_up(std::uint64_t size) {
    return (size + block_size - 1) / block_size * block_size;
}

bool same_time(const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
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
    fd_ = open_regular(AT_FDCWD, path, 0, path, &info_);
    if (is_on_dcryptfs(fd_)) {
        damaged(path_,
                "lies in a mounted dcryptfs, where it is already decrypted; "
                "give its file in the lower directory");
    }
    check_start();
}

NativeFile::NativeFile(int dir_fd, const std::string& name, const std::string& path) : path_(path) {
    fd_ = open_regular(dir_fd, name, O_NOFOLLOW, path, &info_);
    // That it is read leaves no trace, where whose it is allows that.
    (void)fcntl(fd_.get(), F_SETFL, O_NOATIME);
    check_start();
}

void NativeFile::check_start() {
    if (lower() == 0 || lower() == header_size) {
        return;
    }
    // The header first: what is not ours at all should be called that, whatever
    // its size.
    ByteArray<header_size> block{};
    const std::size_t got = pread_full(fd_.get(), block, 0, path_);
    header_ = parse_header(Bytes(block).first(got), path_);
    const auto upper = upper_size(lower());
    if (!upper) {
        damaged(path_, "a lower size of " + std::to_string(lower()) +
                           " bytes, which the format can't produce");
    }
    upper_ = *upper;
}

void NativeFile::require_unchanged() const {
    struct stat now {};
    if (fstat(fd_.get(), &now) != 0) {
        fail_errno(path_, "", errno);
    }
    if (now.st_size != info_.st_size || !same_time(now.st_mtim, info_.st_mtim)) {
        fail(Exit::failure, path_, "was changed while it was read; run this again");
    }
}

Secret NativeFile::file_key(const Secret& volume_key) const {
    const KeyId volume_id = derive_key_id(volume_key);
    if (header_->key_id != volume_id) {
        fail(Exit::no_key, path_,
             "encrypted under the key " + to_hex(header_->key_id) + ", and the volume's is " +
                 to_hex(volume_id));
    }
    return derive_file_key(volume_key, header_->fields);
}

Range NativeFile::next_data(std::uint64_t offset) const {
    if (offset >= upper_) {
        return {upper_, upper_};
    }
    const std::uint64_t end = header_size + round_up(upper_);
    const Range lower = dcryptfs::next_data(fd_, header_size + offset, end, path_);
    // Filesystems with smaller blocks have smaller holes.
    const std::uint64_t start =
        std::max(lower.start / block_size * block_size - header_size, offset);
    return {std::min(start, upper_), std::min(round_up(lower.end) - header_size, upper_)};
}

void NativeFile::decrypt(XtsDecryptor& cipher, Range range, const DecryptBuffers& buffers,
                         const std::function<void(std::uint64_t, Bytes)>& sink) const {
    while (range.start < range.end) {
        // What the last block holds past the end, and what follows it, may be
        // anything after a crash or a shrink: it is not handed on.
        const auto size = static_cast<std::size_t>(
            std::min<std::uint64_t>(buffers.encrypted.size(), round_up(range.end) - range.start));
        const MutableBytes piece = buffers.encrypted.first(size);
        read_exactly(fd_.get(), piece, header_size + range.start, path_);
        for (std::size_t at = 0; at < size;) {
            const Run run = next_run(piece.subspan(at));
            const std::uint64_t offset = range.start + at;
            if (!run.hole) {
                const MutableBytes plain = buffers.plain.first(run.bytes);
                decrypt_piece(cipher, offset / block_size, piece.subspan(at, run.bytes), plain);
                sink(offset, plain.first(static_cast<std::size_t>(
                                 std::min<std::uint64_t>(run.bytes, range.end - offset))));
            }
            at += run.bytes;
        }
        range.start += size;
    }
}

void NativeFile::decrypt(const Secret& volume_key, const std::function<void(Bytes)>& sink) const {
    if (!header_) {
        return;
    }
    XtsDecryptor cipher(file_key(volume_key));
    std::vector<std::uint8_t> encrypted(decrypt_buffer_size);
    Secret plain(encrypted.size());
    const std::vector<std::uint8_t> zeros(decrypt_buffer_size);
    std::uint64_t done = 0;
    const auto fill_up_to = [&](std::uint64_t offset) {
        while (done < offset) {
            const Bytes piece = Bytes(zeros).first(
                static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), offset - done)));
            sink(piece);
            done += piece.size();
        }
    };
    for (Range range = next_data(0); range.start < range.end; range = next_data(range.end)) {
        decrypt(cipher, range, {encrypted, plain.bytes()}, [&](std::uint64_t offset, Bytes piece) {
            fill_up_to(offset);
            sink(piece);
            done += piece.size();
        });
    }
    fill_up_to(upper_);
}

}  // namespace dcryptfs

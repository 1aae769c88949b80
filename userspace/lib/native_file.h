// SPDX-License-Identifier: GPL-2.0-or-later
// A regular file in native format 1: its sizes, its header, its plaintext.
// Written from Documentation/on-disk-format.md, independently of the kernel.
#ifndef DCRYPTFS_LIB_NATIVE_FILE_H
#define DCRYPTFS_LIB_NATIVE_FILE_H

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "lib/bytes.h"
#include "lib/cipher.h"
#include "lib/fd.h"
#include "lib/file_copy.h"
#include "lib/ondisk.h"
#include "lib/secret.h"

namespace dcryptfs {

// The lower size for an upper size, both in bytes, or nothing when a file
// can't be that large (2^63 - 1 is the limit of the lower file).
std::optional<std::uint64_t> lower_size(std::uint64_t upper);

// The upper size for a lower size, or nothing when the format can't produce
// that lower size.
std::optional<std::uint64_t> upper_size(std::uint64_t lower);

struct NativeHeader {
    std::uint16_t version = 0;
    std::uint16_t suite = 0;
    std::uint32_t features = 0;
    KeyId key_id{};
    ByteArray<DCRYPT_NONCE_SIZE> nonce{};
    NativeFields fields{};  // all of the above and the magic, as stored
};

// Reads the header_size bytes of a header block.  Throws Error (Exit::damaged)
// with a line about `subject` when any byte of it is not as the format says.
NativeHeader parse_header(Bytes block, const std::string& subject);

// What data passes through; both have a multiple of block_size bytes, and as many.
struct DecryptBuffers {
    MutableBytes encrypted;
    MutableBytes plain;  // in a Secret
};
inline constexpr std::size_t decrypt_buffer_size = std::size_t{256} * 1024;

// An open lower file whose size and header have been checked.
class NativeFile {
  public:
    // Throws Error: Exit::damaged for a file that is not in the format,
    // Exit::failure when it can't be read.
    explicit NativeFile(const std::string& path);
    // The same of an entry of the open directory `dir_fd`, whose last component is
    // not followed; `path` is what messages call it.
    NativeFile(int dir_fd, const std::string& name, const std::string& path);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    // As it was when it was opened.
    [[nodiscard]] const struct stat& info() const noexcept { return info_; }
    // Throws Error (Exit::failure) if it is another now.
    void require_unchanged() const;
    // Both in bytes.
    [[nodiscard]] std::uint64_t lower() const noexcept {
        return static_cast<std::uint64_t>(info_.st_size);
    }
    [[nodiscard]] std::uint64_t upper() const noexcept { return upper_; }
    // Nothing for an upper size of 0, whose header, if any, has no meaning.
    [[nodiscard]] const std::optional<NativeHeader>& header() const noexcept { return header_; }

    // The key of a file with a header.  Throws Error: Exit::no_key when the file
    // belongs to another volume key.
    [[nodiscard]] Secret file_key(const Secret& volume_key) const;

    // The next upper range at or after an offset, a multiple of block_size, that is
    // no hole as far as the filesystem below tells; empty at the end.
    [[nodiscard]] Range next_data(std::uint64_t offset) const;

    // Decrypts a range that starts at a multiple of block_size and ends at another or
    // at the end, and hands it to `sink` in order, in pieces that fit the buffers,
    // with the offset of each.  Holes are left out.  What lies past the end is not
    // looked at.  Throws Error: Exit::failure when it can't be read to its end.
    void decrypt(XtsDecryptor& cipher, Range range, const DecryptBuffers& buffers,
                 const std::function<void(std::uint64_t, Bytes)>& sink) const;

    // Decrypts the whole file and hands it to `sink` in order, in pieces of at
    // most 256 KiB, holes as zeros.  Throws Error as the three above.
    void decrypt(const Secret& volume_key, const std::function<void(Bytes)>& sink) const;

  private:
    void check_start();

    std::string path_;
    Fd fd_;
    struct stat info_ {};
    std::uint64_t upper_ = 0;
    std::optional<NativeHeader> header_;
};

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_NATIVE_FILE_H

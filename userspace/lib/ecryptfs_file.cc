// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/ecryptfs_file.h"

#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "kernel/ondisk_ecryptfs.h"
#include "lib/ecryptfs_cipher.h"
#include "lib/error.h"
#include "lib/openssl.h"

namespace dcryptfs {

namespace {

constexpr std::size_t extent_size = DCRYPT_ECRYPTFS_EXTENT_SIZE;
constexpr std::size_t extents_per_piece = 16;
constexpr std::size_t digest_size = DCRYPT_ECRYPTFS_IV_SIZE;  // MD5

// For the IVs, which are no secret and need not be more than different.
ByteArray<digest_size> md5(Bytes data) {
    ByteArray<digest_size> digest{};
    std::size_t size = 0;
    const int ok =
        EVP_Q_digest(nullptr, "MD5", nullptr, data.data(), data.size(), digest.data(), &size);
    openssl_check(ok == 1 && size == digest.size(), "MD5");
    return digest;
}

// The IV of an extent: MD5 of the root IV, which is MD5 of the file's key, and the
// extent's number as decimal digits in 16 bytes.
ByteArray<digest_size> extent_iv(const ByteArray<digest_size>& root, std::uint64_t n) {
    ByteArray<2 * digest_size> text{};
    std::copy(root.begin(), root.end(), text.begin());
    const std::string digits = std::to_string(n);
    // An extent's number is at most 2^51, which has 16 digits: the kernel's last
    // byte is always the zero behind them.
    std::copy_n(digits.begin(), std::min(digits.size(), digest_size - 1),
                text.begin() + digest_size);
    return md5(text);
}

Secret decrypt_file_key(const EcryptfsKeyPacket& packet, const EcryptfsCipher& cipher,
                        const EcryptfsKey& key, const std::string& subject) {
    EcryptfsDecryptor decryptor(cipher, EcryptfsMode::ecb, key.key.bytes().first(packet.key_size),
                                subject);
    Secret file_key(packet.encrypted_key.size());
    decryptor.decrypt({}, packet.encrypted_key, file_key.bytes());
    file_key.shrink(packet.key_size);
    return file_key;
}

std::vector<std::uint8_t> read_attribute(const Fd& file, const std::string& subject) {
    // The kernel writes at most a page, and 64 KiB is the most that an attribute has.
    constexpr std::size_t largest_value = std::size_t{64} * 1024;
    std::vector<std::uint8_t> value(largest_value);
    const ssize_t size = fgetxattr(file.get(), DCRYPT_ECRYPTFS_XATTR, value.data(), value.size());
    if (size < 0 && errno != ENODATA && errno != EOPNOTSUPP) {
        fail_errno(subject, DCRYPT_ECRYPTFS_XATTR, errno);
    }
    value.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return value;
}

}  // namespace

EcryptfsFile::EcryptfsFile(const std::string& path) : path_(path) {
    struct stat info {};
    fd_ = open_regular(AT_FDCWD, path, 0, path, &info);
    lower_ = static_cast<std::uint64_t>(info.st_size);
    read_header();
}

void EcryptfsFile::read_header() {
    std::vector<std::uint8_t> start(extent_size);
    start.resize(pread_full(fd_.get(), start, 0, path_));
    if (has_ecryptfs_marker(start)) {
        header_ = parse_ecryptfs_header(start, place_, path_);
        return;
    }
    const auto attribute = read_attribute(fd_, path_);
    if (!attribute.empty()) {
        place_ = EcryptfsHeaderPlace::attribute;
        header_ = parse_ecryptfs_header(attribute, place_, path_);
        return;
    }
    fail(Exit::damaged, path_,
         lower_ == 0 ? "not an eCryptfs file: it is empty, and has no header"
                     : "not an eCryptfs file: no header in it, nor an attribute "
                       "" DCRYPT_ECRYPTFS_XATTR);
}

const EcryptfsKeyPacket& EcryptfsFile::find_packet(std::span<const EcryptfsKey> keys,
                                                   const EcryptfsKey** key) const {
    std::string wanted;
    for (const EcryptfsKeyPacket& packet : header_.keys) {
        if (packet.tag != DCRYPT_ECRYPTFS_TAG_3) {
            continue;
        }
        const auto found = std::find_if(keys.begin(), keys.end(), [&](const EcryptfsKey& each) {
            return each.signature == packet.signature;
        });
        if (found != keys.end()) {
            *key = &*found;
            return packet;
        }
        wanted += (wanted.empty() ? "" : " or ") + to_hex(packet.signature);
    }
    if (wanted.empty()) {
        fail(Exit::failure, path_, "encrypted for public keys only, which this can't open");
    }
    std::string given;
    for (const EcryptfsKey& each : keys) {
        given += (given.empty() ? "" : " and ") + to_hex(each.signature);
    }
    fail(Exit::wrong_passphrase, path_,
         "wrong passphrase or salt: it takes the key with the signature " + wanted +
             ", and the passphrase gives " + given);
}

Secret EcryptfsFile::file_key(std::span<const EcryptfsKey> keys) const {
    const EcryptfsKey* key = nullptr;
    const EcryptfsKeyPacket& packet = find_packet(keys, &key);
    return decrypt_file_key(packet, *find_ecryptfs_cipher(packet.cipher), *key, path_);
}

void EcryptfsFile::decrypt(std::span<const EcryptfsKey> keys,
                           const std::function<void(Bytes)>& sink) const {
    const EcryptfsKey* key = nullptr;
    const EcryptfsKeyPacket& packet = find_packet(keys, &key);
    const EcryptfsCipher& cipher = *find_ecryptfs_cipher(packet.cipher);
    const Secret file_key = decrypt_file_key(packet, cipher, *key, path_);
    const auto root_iv = md5(file_key.bytes());
    EcryptfsDecryptor decryptor(cipher, EcryptfsMode::cbc, file_key.bytes(), path_);

    const std::uint64_t start = place_ == EcryptfsHeaderPlace::attribute ? 0 : header_.data_offset;
    const std::uint64_t size = header_.size;
    const std::uint64_t extents = size / extent_size + (size % extent_size == 0 ? 0 : 1);
    if (lower_ < start || (lower_ - start) / extent_size < extents) {
        fail(Exit::damaged, path_,
             "damaged: " + std::to_string(size) + " bytes by its header, but there are only " +
                 std::to_string(lower_ < start ? 0 : lower_ - start) + " bytes of data");
    }
    std::vector<std::uint8_t> in(extents_per_piece * extent_size);
    Secret out(in.size());
    for (std::uint64_t first = 0; first < extents; first += extents_per_piece) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(extents_per_piece, extents - first));
        const MutableBytes piece = MutableBytes(in).first(count * extent_size);
        if (pread_full(fd_.get(), piece, start + first * extent_size, path_) != piece.size()) {
            fail(Exit::failure, path_, "became shorter while it was read");
        }
        for (std::size_t i = 0; i < count; i++) {
            decryptor.decrypt(extent_iv(root_iv, first + i),
                              piece.subspan(i * extent_size, extent_size),
                              out.bytes().subspan(i * extent_size, extent_size));
        }
        const std::uint64_t left = size - first * extent_size;
        sink(out.bytes().first(
            static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), left))));
    }
}

}  // namespace dcryptfs

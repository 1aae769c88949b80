// SPDX-License-Identifier: GPL-2.0-or-later
// A regular file of a lower eCryptfs directory: its header and its plaintext.
// Written from how the files of the kernel's eCryptfs look, independently of ours.
#ifndef DCRYPTFS_LIB_ECRYPTFS_FILE_H
#define DCRYPTFS_LIB_ECRYPTFS_FILE_H

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "lib/bytes.h"
#include "lib/ecryptfs_header.h"
#include "lib/ecryptfs_key.h"
#include "lib/fd.h"
#include "lib/secret.h"

namespace dcryptfs {

// An open lower file whose header has been checked.
class EcryptfsFile {
  public:
    // Throws Error: Exit::damaged for a file that eCryptfs did not make, or whose
    // header is not sound, Exit::failure when it can't be read.
    explicit EcryptfsFile(const std::string& path);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::uint64_t lower() const noexcept { return lower_; }  // bytes
    [[nodiscard]] EcryptfsHeaderPlace place() const noexcept { return place_; }
    [[nodiscard]] const EcryptfsHeader& header() const noexcept { return header_; }

    // The file's own key, by the first of the keys that fits.  Throws Error:
    // Exit::wrong_passphrase when none does, Exit::failure when OpenSSL lacks the
    // cipher.
    [[nodiscard]] Secret file_key(std::span<const EcryptfsKey> keys) const;

    // Decrypts the whole file with the first of the keys that fits, and hands it to
    // `sink` in order, in pieces of at most 64 KiB.  Throws Error:
    // Exit::wrong_passphrase when none fits, Exit::damaged when the data is shorter
    // than the header says, Exit::failure when it can't be read or OpenSSL lacks
    // the cipher.  Whether what comes out is what was written can't be told.
    void decrypt(std::span<const EcryptfsKey> keys, const std::function<void(Bytes)>& sink) const;

  private:
    void read_header();
    [[nodiscard]] const EcryptfsKeyPacket& find_packet(std::span<const EcryptfsKey> keys,
                                                       const EcryptfsKey** key) const;

    std::string path_;
    Fd fd_;
    std::uint64_t lower_ = 0;
    EcryptfsHeaderPlace place_ = EcryptfsHeaderPlace::file;
    EcryptfsHeader header_;
};

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_ECRYPTFS_FILE_H

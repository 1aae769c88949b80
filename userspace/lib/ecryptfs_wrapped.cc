// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/ecryptfs_wrapped.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "lib/cipher.h"
#include "lib/error.h"
#include "lib/fd.h"
#include "lib/openssl.h"
#include "lib/temporary_file.h"

namespace dcryptfs {

namespace {

constexpr ByteArray<2> version_2 = {':', 2};
constexpr std::size_t signature_digits = 2 * ecryptfs_signature_size;
constexpr std::size_t cipher_block = 16;

[[noreturn]] void damaged(const std::string& subject, const std::string& reason) {
    fail(Exit::damaged, subject, reason);
}

enum class Direction { decrypt = 0, encrypt = 1 };

// AES-128-ECB of whole blocks, under the key's first bytes.
void aes_128_ecb(const Secret& key, Direction direction, Bytes in, MutableBytes out) {
    const CipherPtr cipher = fetch_cipher("AES-128-ECB");
    const CipherCtxPtr ctx = make_cipher_ctx();
    int done = 0;
    const bool ok =
        EVP_CipherInit_ex2(ctx.get(), cipher.get(), key.data(), nullptr,
                           static_cast<int>(direction), nullptr) == 1 &&
        EVP_CIPHER_CTX_set_padding(ctx.get(), 0) == 1 &&
        EVP_CipherUpdate(ctx.get(), out.data(), &done, in.data(), static_cast<int>(in.size())) == 1;
    openssl_check(ok && static_cast<std::size_t>(done) == in.size(), "AES-128-ECB");
}

// The directory and the name of a path whose last part need not exist.
struct Place {
    Fd dir;
    std::string name;
};

Place place_of(const std::filesystem::path& path) {
    const auto dir = path.parent_path();
    return {open_dir(dir.empty() ? "." : dir.string()), path.filename().string()};
}

constexpr std::string_view temporary_prefix = ".wrapped-passphrase.";

}  // namespace

WrappedPassphrase parse_wrapped(Bytes content, const std::string& subject) {
    WrappedPassphrase wrapped;
    if (content.size() >= version_2.size() &&
        std::equal(version_2.begin(), version_2.end(), content.begin())) {
        content = content.subspan(version_2.size());
        if (content.size() < ecryptfs_salt_size) {
            damaged(subject, "not a whole wrapped passphrase: cut within the salt");
        }
        wrapped.salt.emplace();
        std::copy_n(content.begin(), ecryptfs_salt_size, wrapped.salt->begin());
        content = content.subspan(ecryptfs_salt_size);
    }
    const Bytes digits = content.first(std::min(content.size(), signature_digits));
    const std::string signature(digits.begin(), digits.end());
    if (!from_hex(signature, wrapped.signature)) {
        damaged(subject, content.size() < signature_digits
                             ? "not a whole wrapped passphrase: cut within the signature"
                             : "not a wrapped passphrase: no signature in it");
    }
    const Bytes text = content.subspan(signature_digits);
    if (text.empty() || text.size() > ecryptfs_max_passphrase_size ||
        text.size() % cipher_block != 0) {
        damaged(subject, "not a whole wrapped passphrase: " + std::to_string(text.size()) +
                             " bytes follow the signature, and 16, 32, 48 or 64 should");
    }
    wrapped.text.assign(text.begin(), text.end());
    return wrapped;
}

std::vector<std::uint8_t> wrap_passphrase(const Secret& passphrase, const Secret& wrapping,
                                          const EcryptfsSalt& salt) {
    const EcryptfsKey key = derive_ecryptfs_key(wrapping, salt);
    Secret padded((passphrase.size() + cipher_block - 1) / cipher_block * cipher_block);
    std::copy_n(passphrase.data(), passphrase.size(), padded.data());
    std::vector<std::uint8_t> text(padded.size());
    aes_128_ecb(key.key, Direction::encrypt, padded.bytes(), text);
    return concat({version_2, salt, as_bytes(to_hex(key.signature)), text});
}

Secret unwrap_passphrase(const WrappedPassphrase& wrapped, const Secret& wrapping,
                         const EcryptfsSalt& old_salt, const std::string& subject) {
    const EcryptfsKey key = derive_ecryptfs_key(wrapping, wrapped.salt.value_or(old_salt));
    if (key.signature != wrapped.signature) {
        std::string reason = "wrong wrapping passphrase";
        if (!wrapped.salt) {
            reason += ", or not the salt that it was made with (see --salt)";
        }
        fail(Exit::wrong_passphrase, subject, reason);
    }
    Secret passphrase(wrapped.text.size());
    aes_128_ecb(key.key, Direction::decrypt, wrapped.text, passphrase.bytes());
    const Bytes bytes = passphrase.bytes();
    const auto end = std::find(bytes.begin(), bytes.end(), std::uint8_t{0});
    if (end == bytes.begin() || !all_zero(Bytes(end, bytes.end()))) {
        damaged(subject, "the wrapping passphrase is right, but what it opens is damaged");
    }
    passphrase.shrink(static_cast<std::size_t>(end - bytes.begin()));
    return passphrase;
}

WrappedPassphrase read_wrapped(const std::string& path) {
    struct stat info {};
    const Fd file = open_regular(AT_FDCWD, path, 0, path, &info);
    ByteArray<max_wrapped_size + 1> content{};
    const std::size_t size = read_full(file.get(), content, path);
    return parse_wrapped(Bytes(content).first(size), path);
}

void require_no_wrapped(const std::string& path) {
    struct stat info {};
    if (lstat(path.c_str(), &info) == 0) {
        fail(Exit::failure, path,
             "there is something of that name already; nothing was changed; to change the wrapping "
             "passphrase use dcryptfs ecryptfs rewrap-passphrase, or else give another name");
    }
    if (errno != ENOENT) {
        fail_errno(path, "", errno);
    }
}

void write_new_wrapped(const std::string& path, Bytes content) {
    const Place place = place_of(path);
    TemporaryFile file(place.dir.get(), temporary_prefix, path);
    file.write_and_sync(content);
    file.rename_to_new(place.name);
}

void replace_wrapped(const std::string& path, Bytes content) {
    // Where the file is that a symbolic link leads to.
    const Place place = place_of(std::filesystem::canonical(path));
    struct stat old {};
    const Fd old_file = open_regular(place.dir.get(), place.name, O_NOFOLLOW, path, &old);
    TemporaryFile file(place.dir.get(), temporary_prefix, path);
    struct stat now {};
    if (fstat(file.fd(), &now) != 0) {
        fail_errno(path, "", errno);
    }
    if ((now.st_uid != old.st_uid || now.st_gid != old.st_gid) &&
        fchown(file.fd(), old.st_uid, old.st_gid) != 0) {
        fail_errno(path, "keeping its owner; nothing was changed", errno);
    }
    file.write_and_sync(content);
    file.rename_over(place.name);
}

}  // namespace dcryptfs

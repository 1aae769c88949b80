// SPDX-License-Identifier: GPL-2.0-or-later
// Files and names that the kernel's own eCryptfs made: see tests/images/ecryptfs.
#include "lib/ecryptfs_file.h"

#include <openssl/evp.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "lib/ecryptfs_names.h"
#include "lib/lower_dir.h"
#include "testing/errors.h"
#include "testing/frozen.h"
#include "testing/lower_file.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

std::vector<EcryptfsKey> keys_of(std::string_view passphrase) {
    std::vector<EcryptfsKey> keys;
    keys.push_back(derive_ecryptfs_key(secret_of(as_bytes(passphrase)), ecryptfs_default_salt));
    keys.push_back(derive_ecryptfs_key(secret_of(as_bytes(passphrase)), ecryptfs_name_salt));
    return keys;
}

const std::vector<EcryptfsKey>& frozen_keys() {
    static const auto keys = keys_of(frozen_passphrase);
    return keys;
}

std::vector<std::uint8_t> plaintext_of(const std::string& path,
                                       const std::vector<EcryptfsKey>& keys) {
    std::vector<std::uint8_t> plaintext;
    EcryptfsFile(path).decrypt(
        keys, [&](Bytes piece) { plaintext.insert(plaintext.end(), piece.begin(), piece.end()); });
    return plaintext;
}

std::string sha256(Bytes bytes) {
    ByteArray<32> digest{};
    std::size_t size = 0;
    REQUIRE(EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(), digest.data(),
                         &size) == 1);
    return to_hex(digest);
}

bool openssl_has(const std::string& volume) {
    return volume.find("twofish") == std::string::npos && volume.find("cast6") == std::string::npos;
}

LowerDir open_names_of(const std::string& volume) {
    LowerDir dir(Frozen::get().path(volume));
    dir.set_names([](const Fd& /*dir*/, const std::string& path, bool /*is_root*/) {
        return make_ecryptfs_names(frozen_keys(), path);
    });
    return dir;
}

// Holds what is listed against what eCryptfs showed.
void compare_names(const LowerDir& dir, const std::string& volume, const std::string& upper,
                   std::set<std::string>& seen) {
    const LowerListing listing = dir.list();
    CHECK(listing.problems.empty());
    for (const LowerEntry& entry : listing.entries) {
        const std::string path = upper.empty() ? entry.upper : upper + "/" + entry.upper;
        seen.insert(path);
        const auto& all = Frozen::get().entries();
        const auto expected = std::find_if(all.begin(), all.end(), [&](const FrozenEntry& each) {
            return each.volume == volume && each.upper == path;
        });
        INFO(volume << ": " << path);
        REQUIRE(expected != all.end());
        CHECK((expected->type == 'd') == (entry.type == S_IFDIR));
        if (expected->type == 'l') {
            CHECK(entry.target == expected->digest);
        }
        if (entry.type == S_IFDIR) {
            compare_names(dir.enter(entry.lower, path), volume, path, seen);
        }
    }
}

}  // namespace

TEST_CASE("files of the kernel's eCryptfs decrypt to what it showed", "[ecryptfs]") {
    const Frozen& frozen = Frozen::get();
    unsigned checked = 0;
    for (const FrozenEntry& entry : frozen.entries()) {
        if (entry.type != 'f' || !openssl_has(entry.volume)) {
            continue;
        }
        if (entry.volume == "xattr" && !frozen.has_attributes()) {
            continue;
        }
        INFO(entry.volume << ": " << entry.upper);
        const std::string path = frozen.path(entry.volume) + "/" + entry.lower;
        CHECK(std::to_string(EcryptfsFile(path).header().size) == entry.size);
        const auto plaintext = plaintext_of(path, frozen_keys());
        CHECK(std::to_string(plaintext.size()) == entry.size);
        CHECK(sha256(plaintext) == entry.digest);
        checked++;
    }
    CHECK(checked >= 55);
    if (!frozen.has_attributes()) {
        WARN("no attributes on the filesystem of temporary files: those not checked");
    }
    // Once not by a digest.
    CHECK(plaintext_of(frozen.path("aes-32") + "/file", frozen_keys()) == make_plaintext(5000));
}

TEST_CASE("names of the kernel's eCryptfs decrypt to what it showed", "[ecryptfs]") {
    std::set<std::string> volumes;
    for (const FrozenEntry& entry : Frozen::get().entries()) {
        if (entry.volume.starts_with("names") && openssl_has(entry.volume)) {
            volumes.insert(entry.volume);
        }
    }
    CHECK(volumes.size() == 9);
    for (const std::string& volume : volumes) {
        std::set<std::string> seen;
        compare_names(open_names_of(volume), volume, "", seen);
        for (const FrozenEntry& entry : Frozen::get().entries()) {
            if (entry.volume == volume) {
                INFO(volume << ": " << entry.upper);
                CHECK(seen.contains(entry.upper));
            }
        }
    }
}

TEST_CASE("a file with two keys opens with either", "[ecryptfs]") {
    const std::string path = Frozen::get().path("two-keys") + "/file";
    CHECK(EcryptfsFile(path).header().keys.size() == 2);
    CHECK(plaintext_of(path, frozen_keys()) == make_plaintext(5000));
    CHECK(plaintext_of(path, keys_of(frozen_second_passphrase)) == make_plaintext(5000));
    const Error error = error_of([&] { (void)plaintext_of(path, keys_of("another")); });
    CHECK(error.code() == Exit::wrong_passphrase);
    CHECK_THAT(
        error.what(),
        Contains("it takes the key with the signature ffd652511eaff04a or d4b232fd92154ad5"));
}

TEST_CASE("what a file says of itself is read", "[ecryptfs]") {
    const Frozen& frozen = Frozen::get();
    const auto key_of = [&](const std::string& volume) {
        return EcryptfsFile(frozen.path(volume) + "/file").header().keys.at(0);
    };
    CHECK(key_of("aes-24").key_size == 24);
    CHECK(key_of("aes-24").encrypted_key.size() == 32);
    CHECK(key_of("blowfish-56").key_size == 56);
    CHECK(key_of("twofish-32").key_size == 32);
    CHECK(key_of("cast6-32").key_size == 32);
    CHECK(to_hex(key_of("cast5-16").signature) == "ffd652511eaff04a");
    const EcryptfsFile file(frozen.path("aes-16") + "/file");
    CHECK(file.place() == EcryptfsHeaderPlace::file);
    CHECK(file.lower() == 8192 + 8192);
    CHECK(file.header().data_offset == 8192);
    if (frozen.has_attributes()) {
        const EcryptfsFile other(frozen.path("xattr") + "/size-17");
        CHECK(other.place() == EcryptfsHeaderPlace::attribute);
        CHECK(other.lower() == 4096);
        CHECK(other.header().size == 17);
    }
}

TEST_CASE("a file that eCryptfs did not make, or that is damaged, is refused", "[ecryptfs]") {
    const Frozen& frozen = Frozen::get();
    const TempDir dir;
    const std::string path = dir / "file";
    const std::string whole = read_file(frozen.path("aes-16") + "/file");
    const auto complaint = [&](const std::string& content) {
        write_file(path, std::string_view(content));
        const Error error = error_of([&] { (void)plaintext_of(path, frozen_keys()); });
        CHECK(error.code() == Exit::damaged);
        return std::string(error.what());
    };
    CHECK_THAT(complaint(""), Contains(path + ": not an eCryptfs file: it is empty"));
    CHECK_THAT(complaint("plain text"), Contains("not an eCryptfs file: no header"));
    CHECK_THAT(complaint(whole.substr(0, 100)), Contains("damaged"));
    CHECK_THAT(complaint(whole.substr(0, 8192)),
               Contains("damaged: 5000 bytes by its header, but there are only 0 bytes of data"));
    CHECK_THAT(complaint(whole.substr(0, 16383)), Contains("only 8191 bytes of data"));
    std::string large = whole;
    large[1] = '\x7f';
    CHECK_THAT(complaint(large), Contains("bytes by its header, but there are only 8192"));
    std::string far = whole;
    far.replace(20, 6, 6, '\xff');
    CHECK_THAT(complaint(far), Contains("but there are only 0 bytes of data"));

    const Error no_cipher =
        error_of([&] { (void)plaintext_of(frozen.path("twofish-32") + "/file", frozen_keys()); });
    CHECK(no_cipher.code() == Exit::failure);
    CHECK_THAT(no_cipher.what(),
               Contains("encrypted with twofish, which OpenSSL doesn't have; mount"));
}

TEST_CASE("names that do not decrypt are told of, and the rest is listed", "[ecryptfs]") {
    const TempDir dir;
    const std::string sound =
        "ECRYPTFS_FNEK_ENCRYPTED.FWahUNOtaI92ukYEBph7xZZlOkDtACtDSHVEn2mjKxcLnsczQZ0dSVTYZ---";
    const auto touch = [&](const std::string& name) { write_file(dir / name, ""); };
    touch(sound);  // "n"
    touch("plain");
    touch("ECRYPTFS_FNEK_ENCRYPTED.");
    touch("ECRYPTFS_FNEK_ENCRYPTED.F_");
    touch("ECRYPTFS_FNEK_ENCRYPTED.zzzz");
    touch(sound.substr(0, 60));
    std::string edited = sound;
    edited[70] = edited[70] == 'a' ? 'b' : 'a';
    touch(edited);
    LowerDir lower(dir.path());
    const auto other_keys = keys_of("another");
    const auto list_with = [&](const std::vector<EcryptfsKey>& keys) {
        lower.set_names([&](const Fd& /*dir*/, const std::string& path, bool /*is_root*/) {
            return make_ecryptfs_names(keys, path);
        });
        return lower.list();
    };
    const LowerListing listing = list_with(frozen_keys());
    REQUIRE(listing.entries.size() == 2);
    CHECK(listing.entries[0].upper == "n");
    CHECK(listing.entries[1].upper == "plain");
    CHECK(listing.problems.size() == 5);
    for (const std::string& problem : listing.problems) {
        CHECK_THAT(problem, Contains("not an encrypted name") || Contains("does not decrypt") ||
                                Contains("damaged: "));
    }
    const LowerListing closed = list_with(other_keys);
    CHECK(closed.entries.size() == 1);
    REQUIRE_FALSE(closed.problems.empty());
    CHECK(std::any_of(closed.problems.begin(), closed.problems.end(), [](const std::string& text) {
        return text.find("takes the key with the signature ad8196b99942c4eb") != std::string::npos;
    }));
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/slot_secret.h"

#include <algorithm>
#include <set>

#include "lib/error.h"
#include "lib/fd.h"
#include "lib/kdf.h"
#include "lib/recovery_code.h"

namespace dcryptfs {

namespace {

// So that no passphrase is the secret of a key file, whatever is in that.
constexpr std::string_view key_file_label = "dcryptfs/2 key-file";
constexpr std::size_t key_file_secret_size = 64;

// The bytes that are worth room for, which is locked memory.
std::size_t room_for(const Fd& file, const std::string& path) {
    struct stat info {};
    if (fstat(file.get(), &info) != 0) {
        fail_errno(path, "", errno);
    }
    const auto size = static_cast<std::size_t>(std::max<off_t>(info.st_size, 0));
    const bool is_known = S_ISREG(info.st_mode) && size <= max_key_file_size;
    return (is_known ? size : max_key_file_size) + 1;
}

}  // namespace

std::string_view describe(SlotType type) {
    switch (type) {
        case SlotType::passphrase:
            return "passphrase";
        case SlotType::key_file:
            return "key file";
        case SlotType::recovery:
            return "recovery code";
        case SlotType::tpm2:
            return "TPM";
    }
    return "secret";
}

SlotSecret read_key_file(const std::string& path) {
    const Fd file = open_at(AT_FDCWD, path, O_RDONLY | O_NOCTTY, 0, path);
    Secret content(room_for(file, path));
    const std::size_t size = read_full(file.get(), content.bytes(), path);
    if (size > max_key_file_size) {
        fail(Exit::failure, path,
             "longer than a key file may be, " + std::to_string(max_key_file_size) + " bytes");
    }
    if (size == content.size()) {
        fail(Exit::failure, path, "it grew while it was read; try again");
    }
    if (size < min_key_file_size) {
        fail(Exit::failure, path,
             "too short for a key file: it has " + std::to_string(size) + " bytes, and " +
                 std::to_string(min_key_file_size) +
                 " are the least; make one with: head -c 64 /dev/urandom");
    }
    content.shrink(size);
    return {SlotType::key_file,
            hkdf_sha512(content.bytes(), as_bytes(key_file_label), key_file_secret_size)};
}

int count_sources(const SecretSource& source) {
    int count = 0;
    for (const bool is_set :
         {source.passphrase.file.has_value(), source.passphrase.fd.has_value(),
          source.key_file.has_value(), source.recovery_code.file.has_value(),
          source.recovery_code.fd.has_value(), source.is_recovery_code, source.make_recovery_code,
          source.tpm2.is_set, source.tpm2.ask_pin, source.tpm2.pin_file.has_value()}) {
        count += is_set ? 1 : 0;
    }
    return count;
}

namespace {

PassphraseRequest pin_request(const std::string& dir, const SecretSpelling& spelling) {
    return {dir, "PIN of the TPM", std::string(spelling.tpm2_pin_file), {}};
}

}  // namespace

SlotSecret read_slot_secret(const SecretSource& source, const std::string& dir,
                            const SecretSpelling& spelling) {
    if (source.key_file) {
        return read_key_file(*source.key_file);
    }
    if (source.is_recovery_code || source.recovery_code.file || source.recovery_code.fd) {
        const Secret typed =
            read_passphrase(source.recovery_code, {dir, std::string(describe(SlotType::recovery)),
                                                   std::string(spelling.recovery_code_file),
                                                   std::string(spelling.recovery_code_fd)});
        return {SlotType::recovery, parse_recovery_code(typed.bytes(), dir)};
    }
    if (source.tpm2.is_asked()) {
        return {SlotType::tpm2, source.tpm2.is_set
                                    ? Secret()
                                    : read_passphrase({source.tpm2.pin_file, std::nullopt},
                                                      pin_request(dir, spelling))};
    }
    return {SlotType::passphrase, read_passphrase(source.passphrase, dir, spelling.passphrase_file,
                                                  spelling.passphrase_fd)};
}

SlotSecret read_new_slot_secret(const SecretSource& source, const std::string& dir,
                                const SecretSpelling& spelling) {
    if (source.make_recovery_code) {
        return {SlotType::recovery, make_recovery_code()};
    }
    if (source.key_file) {
        return read_key_file(*source.key_file);
    }
    if (source.tpm2.is_asked()) {
        const std::set<std::uint64_t> pcrs(source.tpm2.pcrs.begin(), source.tpm2.pcrs.end());
        return {SlotType::tpm2,
                source.tpm2.is_set ? Secret()
                                   : read_new_passphrase({source.tpm2.pin_file, std::nullopt},
                                                         pin_request(dir, spelling)),
                {pcrs.begin(), pcrs.end()}};
    }
    return {SlotType::passphrase,
            read_new_passphrase(source.passphrase, dir, spelling.passphrase_file,
                                spelling.passphrase_fd)};
}

}  // namespace dcryptfs

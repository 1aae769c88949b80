// SPDX-License-Identifier: GPL-2.0-or-later
// What opens a key slot, and where it comes from.
#ifndef DCRYPTFS_LIB_SLOT_SECRET_H
#define DCRYPTFS_LIB_SLOT_SECRET_H

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config.h"
#include "lib/passphrase.h"
#include "lib/secret.h"

namespace dcryptfs {

// The bytes that a slot's key derivation function gets; see on-disk-format.md.  Of a TPM, which
// keeps those itself, the PIN that it takes for them, or nothing.
struct SlotSecret {
    SlotType type = SlotType::passphrase;
    Secret bytes;
    std::vector<std::uint64_t> tpm2_pcrs{};  // of a new slot
};

// How many bytes a key file has.
inline constexpr std::size_t min_key_file_size = 32;
inline constexpr std::size_t max_key_file_size = std::size_t{1024} * 1024;

// The machine's TPM, with a PIN from the one that is set, or without.
struct Tpm2Source {
    bool is_set = false;
    bool ask_pin = false;
    std::optional<std::string> pin_file;
    std::vector<std::uint64_t> pcrs;  // only for new secrets

    [[nodiscard]] bool is_asked() const { return is_set || ask_pin || pin_file; }
};

// Of a volume: the one that is set, or else the passphrase, from the terminal.
struct SecretSource {
    PassphraseSource passphrase;
    std::optional<std::string> key_file;
    PassphraseSource recovery_code;
    bool is_recovery_code = false;    // with no source of it: the terminal is asked for it
    bool make_recovery_code = false;  // only for new secrets
    Tpm2Source tpm2;
};

// How many of them are set.
int count_sources(const SecretSource& source);

// How the sources are spelt, for the message when there is no terminal.
struct SecretSpelling {
    std::string_view passphrase_file;
    std::string_view passphrase_fd;
    std::string_view recovery_code_file;
    std::string_view recovery_code_fd;
    std::string_view tpm2_pin_file;
};

// "passphrase", "key file", "recovery code" or "TPM", for messages.
std::string_view describe(SlotType type);

// What opens the volume in `dir`.
SlotSecret read_slot_secret(const SecretSource& source, const std::string& dir,
                            const SecretSpelling& spelling);

// What a new slot is to open with: a terminal is asked twice.  A recovery code is made here,
// and its secret is the text to be printed.
SlotSecret read_new_slot_secret(const SecretSource& source, const std::string& dir,
                                const SecretSpelling& spelling);

// What a key file gives.  Throws Error when it can't be read, or when it has less than
// min_key_file_size or more than max_key_file_size bytes.
SlotSecret read_key_file(const std::string& path);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_SLOT_SECRET_H

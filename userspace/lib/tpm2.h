// SPDX-License-Identifier: GPL-2.0-or-later
// A TPM 2.0 that keeps the secret of a key slot: what it has made can be opened by it alone,
// if asked for with a PIN, and if the machine has booted as it did then.
#ifndef DCRYPTFS_LIB_TPM2_H
#define DCRYPTFS_LIB_TPM2_H

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "lib/secret.h"

namespace dcryptfs {

// The secret that is sealed, bytes.
inline constexpr std::size_t tpm2_secret_size = 32;

// How many registers a TPM has, of the one bank that is used, SHA-256.
inline constexpr std::uint64_t tpm2_registers = 24;

// What the TPM has made; TPM 2.0 Library, Part 2: TPM2B_PUBLIC and TPM2B_PRIVATE, big-endian.
struct Tpm2Object {
    std::vector<std::uint8_t> public_area;
    std::vector<std::uint8_t> private_area;
    std::vector<std::uint64_t> pcrs;  // that have to be as they were; in rising order
    bool has_pin = false;
};

// The longest of the two areas, in bytes, that is read or written.
inline constexpr std::size_t max_tpm2_area = 1024;

struct Tpm2Sealed {
    Tpm2Object object;
    Secret secret;
};

// Why the TPM does not give the secret.
enum class Tpm2Refusal : std::uint8_t { other_tpm, wrong_pin, changed_pcrs, no_pin };

// Makes a new secret, for this PIN if it is not empty, and for what these registers, in rising
// order, hold now. Throws Error (Exit::failure) when there is no TPM, or it says no.
Tpm2Sealed tpm2_seal(const Secret& pin, const std::vector<std::uint64_t>& pcrs);

// The secret again.  A wrong PIN counts: after some, the TPM takes none for a while, and that
// is an Error (Exit::failure), as it is when there is no TPM.  The PIN is not looked at where the
// object has none.
std::variant<Secret, Tpm2Refusal> tpm2_unseal(const Tpm2Object& object, const Secret& pin);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_TPM2_H

// SPDX-License-Identifier: GPL-2.0-or-later
// tpm2.h where the libraries of tpm2-tss were not there when this was compiled.
#include "lib/error.h"
#include "lib/tpm2.h"

namespace dcryptfs {

namespace {

[[noreturn]] void fail_without() {
    fail(Exit::failure, "TPM",
         "this dcryptfs was compiled without the libraries for it (tpm2-tss); open the volume with "
         "another secret");
}

}  // namespace

Tpm2Sealed tpm2_seal(const Secret& /*pin*/, const std::vector<std::uint64_t>& /*pcrs*/) {
    fail_without();
}

std::variant<Secret, Tpm2Refusal> tpm2_unseal(const Tpm2Object& /*object*/, const Secret& /*pin*/) {
    fail_without();
}

}  // namespace dcryptfs

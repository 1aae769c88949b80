// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/munmap_spy.h"

#include "lib/bytes.h"

namespace dcryptfs::testing {

namespace {

Unmapped& record() {
    static Unmapped last;
    return last;
}

}  // namespace

const Unmapped& last_unmapped() {
    return record();
}

}  // namespace dcryptfs::testing

extern "C" {
// The linker's --wrap fixes these two names.
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
int __real_munmap(void* address, std::size_t size);
int __wrap_munmap(void* address, std::size_t size);
int __wrap_munmap(void* address, std::size_t size) {
    const dcryptfs::Bytes bytes(static_cast<const std::uint8_t*>(address), size);
    dcryptfs::testing::record() = {address, size, dcryptfs::all_zero(bytes)};
    return __real_munmap(address, size);
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/secret.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <utility>

#include "lib/error.h"
#include "lib/output.h"

namespace dcryptfs {

namespace {

std::size_t round_to_pages(std::size_t size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return (size + page - 1) / page * page;
}

// The soft limit on locked memory is often lower than need be.
bool raise_lock_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == limit.rlim_max) {
        return false;
    }
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_MEMLOCK, &limit) == 0;
}

void lock_or_warn(void* address, std::size_t size) {
    if (mlock(address, size) == 0 || (raise_lock_limit() && mlock(address, size) == 0)) {
        return;
    }
    static std::atomic<bool> warned = false;
    if (!warned.exchange(true)) {
        warn("memory for secrets can't be locked (" + errno_text(errno) +
             "), it may reach swap; see ulimit -l");
    }
}

}  // namespace

Secret::Secret(std::size_t size) : size_(size), mapped_(round_to_pages(size)) {
    if (size == 0) {
        return;
    }
    void* const address =
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED) {
        fail_errno("memory for a secret", "", errno);
    }
    data_ = static_cast<std::uint8_t*>(address);
    lock_or_warn(address, mapped_);
    // Both are a second line of defence behind a process that can't dump core
    // and does not fork while it holds a secret.
    (void)madvise(address, mapped_, MADV_DONTDUMP);
    (void)madvise(address, mapped_, MADV_DONTFORK);
}

Secret::~Secret() {
    release();
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        release();
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
        mapped_ = std::exchange(other.mapped_, 0);
    }
    return *this;
}

void Secret::shrink(std::size_t size) noexcept {
    assert(size <= size_);
    if (size < size_) {
        OPENSSL_cleanse(data_ + size, size_ - size);
    }
    size_ = size;
}

void Secret::release() noexcept {
    if (data_ == nullptr) {
        return;
    }
    OPENSSL_cleanse(data_, mapped_);
    (void)munmap(data_, mapped_);  // unlocks too; fails only for a wrong address
    data_ = nullptr;
    size_ = 0;
    mapped_ = 0;
}

bool equal_constant_time(Bytes a, Bytes b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace dcryptfs

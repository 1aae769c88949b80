// SPDX-License-Identifier: GPL-2.0-or-later
// Memory for passphrases and keys.
#ifndef DCRYPTFS_LIB_SECRET_H
#define DCRYPTFS_LIB_SECRET_H

#include <cstddef>
#include <cstdint>

#include "lib/bytes.h"

namespace dcryptfs {

// A buffer in pages of its own: locked in RAM, left out of core dumps and of
// forked children, and overwritten with zeros before it is given back.  It can
// be moved, never copied.  Where the system refuses to lock it, a warning is
// printed once and the buffer is used all the same.
class Secret {
  public:
    // Holds nothing and owns no memory.
    Secret() noexcept = default;
    // Holds `size` zero bytes.  Throws Error when there is no memory.
    explicit Secret(std::size_t size);
    ~Secret();
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    // What is moved from is empty afterwards.
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::uint8_t* data() noexcept { return data_; }
    [[nodiscard]] Bytes bytes() const noexcept { return {data_, size_}; }
    [[nodiscard]] MutableBytes bytes() noexcept { return {data_, size_}; }

    // Keeps the first `size` bytes and wipes the rest; `size` must not be above
    // size().
    void shrink(std::size_t size) noexcept;

  private:
    void release() noexcept;

    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t mapped_ = 0;  // bytes, whole pages
};

// Whether two ranges hold the same bytes, in a time that depends only on their
// sizes.
bool equal_constant_time(Bytes a, Bytes b) noexcept;

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_SECRET_H

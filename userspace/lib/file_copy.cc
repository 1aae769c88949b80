// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/file_copy.h"

#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "lib/error.h"

namespace dcryptfs {

namespace {

constexpr std::size_t piece_size = std::size_t{1024} * 1024;
constexpr std::uint64_t direct_alignment = 4096;

void read_piece(const Fd& file, MutableBytes piece, std::uint64_t offset,
                const std::string& subject) {
    if (pread_full(file.get(), piece, offset, subject) != piece.size()) {
        fail(Exit::failure, subject, "became shorter while it was read");
    }
}

// A buffer as direct I/O needs it.
class AlignedBuffer {
  public:
    AlignedBuffer() {
        void* const address =
            mmap(nullptr, piece_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (address == MAP_FAILED) {
            fail_errno("memory", "", errno);
        }
        data_ = static_cast<std::uint8_t*>(address);
    }
    ~AlignedBuffer() { (void)munmap(data_, piece_size); }
    AlignedBuffer(const AlignedBuffer&) = delete;
    AlignedBuffer& operator=(const AlignedBuffer&) = delete;
    AlignedBuffer(AlignedBuffer&&) = delete;
    AlignedBuffer& operator=(AlignedBuffer&&) = delete;

    [[nodiscard]] MutableBytes bytes() const noexcept { return {data_, piece_size}; }

  private:
    std::uint8_t* data_ = nullptr;
};

// Opens the copy so that reads come from where it is stored.
Fd open_past_cache(const std::string& path, const std::string& subject) {
    const int fd = open(path.c_str(), O_RDONLY | O_DIRECT | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        return Fd(fd);
    }
    Fd file = open_at(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0, subject);
    (void)posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    return file;
}

// The names one after the other, each with a zero byte at its end.
std::vector<char> list_attributes(const std::string& path, const std::string& subject) {
    while (true) {
        const ssize_t size = llistxattr(path.c_str(), nullptr, 0);
        if (size < 0) {
            if (errno == EOPNOTSUPP) {
                return {};
            }
            fail_errno(subject, "its attributes", errno);
        }
        std::vector<char> names(static_cast<std::size_t>(size));
        const ssize_t got = llistxattr(path.c_str(), names.data(), names.size());
        if (got >= 0) {
            names.resize(static_cast<std::size_t>(got));
            return names;
        }
        if (errno != ERANGE) {
            fail_errno(subject, "its attributes", errno);
        }
    }
}

// Takes away what the copy has from the defaults of the directory it was made in.
void remove_inherited(const std::vector<std::string>& names, const std::string& to,
                      const std::string& subject) {
    for (const auto* const name : {"system.posix_acl_access", "system.posix_acl_default"}) {
        if (std::ranges::find(names, name) == names.end() && lremovexattr(to.c_str(), name) != 0 &&
            errno != ENODATA && errno != EOPNOTSUPP && errno != EACCES && errno != EPERM) {
            fail_errno(subject, std::string("the attribute ") + name + " of the copy", errno);
        }
    }
}

// Does one thing of several that have to be done.  What it throws is the rules' to take.
void attempt(const MetadataRules& rules, const std::function<void()>& action) {
    if (!rules.problem) {
        action();
        return;
    }
    try {
        action();
    } catch (const Error& error) {
        rules.problem(error);
    }
}

void copy_attribute(const std::string& from, const std::string& to, const std::string& name,
                    const std::string& subject, const MetadataRules& rules) {
    auto value = attribute_value(from, name, subject);
    if (value && rules.value_of) {
        value = rules.value_of(name, *value);
    }
    if (value && lsetxattr(to.c_str(), name.c_str(), value->data(), value->size(), 0) != 0) {
        fail_errno(subject, "its attribute " + printable(name) + " in the copy", errno);
    }
}

void copy_attributes(const std::string& from, const std::string& to, const std::string& subject,
                     const MetadataRules& rules) {
    const std::vector<std::string> names = attribute_names(from, subject);
    attempt(rules, [&] { remove_inherited(names, to, subject); });
    for (const std::string& name : names) {
        attempt(rules, [&] { copy_attribute(from, to, name, subject, rules); });
    }
}

}  // namespace

std::string entry_path(const Fd& dir, const std::string& name) {
    return "/proc/self/fd/" + std::to_string(dir.get()) + "/" + name;
}

std::vector<std::string> attribute_names(const std::string& path, const std::string& subject) {
    const std::vector<char> list = list_attributes(path, subject);
    std::vector<std::string> names;
    for (std::size_t at = 0; at < list.size(); at += names.back().size() + 1) {
        names.emplace_back(list.data() + at);
    }
    return names;
}

std::optional<std::vector<std::uint8_t>> attribute_value(const std::string& path,
                                                         const std::string& name,
                                                         const std::string& subject) {
    constexpr std::size_t largest_value = std::size_t{64} * 1024;
    std::vector<std::uint8_t> value(largest_value);
    const ssize_t size = lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (size < 0) {
        if (errno == ENODATA) {
            return std::nullopt;  // removed meanwhile
        }
        fail_errno(subject, "its attribute " + printable(name), errno);
    }
    value.resize(static_cast<std::size_t>(size));
    return value;
}

Range next_data(const Fd& file, std::uint64_t offset, std::uint64_t size,
                const std::string& subject) {
    const off_t start = lseek(file.get(), static_cast<off_t>(offset), SEEK_DATA);
    if (start < 0) {
        if (errno == ENXIO) {
            return {size, size};
        }
        if (errno == EINVAL || errno == EOPNOTSUPP) {
            return {offset, size};  // the filesystem doesn't know holes
        }
        fail_errno(subject, "", errno);
    }
    const off_t end = lseek(file.get(), start, SEEK_HOLE);
    if (end < 0) {
        fail_errno(subject, "", errno);
    }
    return {std::min<std::uint64_t>(static_cast<std::uint64_t>(start), size),
            std::min<std::uint64_t>(static_cast<std::uint64_t>(end), size)};
}

void pwrite_all(const Fd& file, Bytes data, std::uint64_t offset, const std::string& subject) {
    while (!data.empty()) {
        const ssize_t n = pwrite(file.get(), data.data(), data.size(), static_cast<off_t>(offset));
        if (n > 0) {
            data = data.subspan(static_cast<std::size_t>(n));
            offset += static_cast<std::uint64_t>(n);
        } else if (n == 0) {
            fail(Exit::failure, subject, "nothing could be written");
        } else if (errno != EINTR) {
            fail_errno(subject, "writing the copy", errno);
        }
    }
}

void copy_data(const Fd& from, const Fd& to, std::uint64_t size, const std::string& subject,
               const BytesDone& done) {
    std::vector<std::uint8_t> buffer(piece_size);
    std::uint64_t at = 0;
    while (at < size) {
        const Range range = next_data(from, at, size, subject);
        done(range.start - at);
        for (at = range.start; at < range.end;) {
            const MutableBytes piece = MutableBytes(buffer).first(
                static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, range.end - at)));
            read_piece(from, piece, at, subject);
            pwrite_all(to, piece, at, subject);
            at += piece.size();
            done(piece.size());
        }
    }
    if (ftruncate(to.get(), static_cast<off_t>(size)) != 0) {
        fail_errno(subject, "the size of the copy", errno);
    }
    if (fsync(to.get()) != 0) {
        fail_errno(subject, "fsync of the copy", errno);
    }
}

void compare_data(const Fd& from, const std::string& to_path, std::uint64_t size,
                  const std::string& subject) {
    const Fd to = open_past_cache(to_path, subject);
    const AlignedBuffer copy;
    std::vector<std::uint8_t> original(piece_size);
    for (std::uint64_t at = 0; at < size; at += piece_size) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, size - at));
        read_piece(from, MutableBytes(original).first(count), at, subject);
        // Whole blocks, and so with direct I/O up to the end of the file.
        const std::uint64_t whole =
            (count + direct_alignment - 1) / direct_alignment * direct_alignment;
        const std::size_t got =
            pread_full(to.get(), copy.bytes().first(static_cast<std::size_t>(whole)), at, subject);
        if (got != count || std::memcmp(original.data(), copy.bytes().data(), count) != 0) {
            fail(Exit::failure, subject,
                 "the copy differs from it when it is read again, within " + std::to_string(count) +
                     " bytes from " + std::to_string(at) +
                     ": it was changed meanwhile, or a disk fails");
        }
    }
}

void copy_metadata(const std::string& from_path, const struct stat& from,
                   const std::string& to_path, const std::string& subject,
                   const MetadataRules& rules) {
    constexpr mode_t mode_bits = 07777;
    constexpr mode_t owners_bits = S_ISUID | S_ISGID;
    struct stat to {};
    if (lstat(to_path.c_str(), &to) != 0) {
        fail_errno(subject, "the copy", errno);
    }
    mode_t mode = from.st_mode & mode_bits;
    // The owner before the mode, as it takes bits of that away, and before the
    // attributes, of which it takes file capabilities away.
    if (from.st_uid != to.st_uid || from.st_gid != to.st_gid) {
        bool owned = false;
        attempt(rules, [&] {
            if (lchown(to_path.c_str(), from.st_uid, from.st_gid) != 0) {
                fail_errno(subject, "the owner of the copy", errno);
            }
            owned = true;
        });
        // They would give away the rights of who made the copy.
        mode &= owned ? mode_bits : ~owners_bits;
    }
    attempt(rules, [&] { copy_attributes(from_path, to_path, subject, rules); });
    attempt(rules, [&] {
        // With an access control list these bits are its mask, so this changes nothing.
        if (!S_ISLNK(from.st_mode) && chmod(to_path.c_str(), mode) != 0) {
            fail_errno(subject, "the mode of the copy", errno);
        }
    });
    attempt(rules, [&] {
        const std::array<timespec, 2> times = {from.st_atim, from.st_mtim};
        if (utimensat(AT_FDCWD, to_path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0) {
            fail_errno(subject, "the times of the copy", errno);
        }
    });
}

}  // namespace dcryptfs

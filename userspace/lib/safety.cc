// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/safety.h"

#include <fcntl.h>

#include <cerrno>
#include <sstream>

#include "lib/error.h"
#include "lib/fd.h"
#include "lib/slot_cost.h"

namespace dcryptfs {

namespace {

#if defined(__x86_64__) || defined(__i386__)
constexpr const char* aes_driver_advice = "modprobe aesni_intel, and mount it again";
#else
constexpr const char* aes_driver_advice =
    "load the module of the kernel that uses them, and mount it again";
#endif

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

bool has_aes_instructions(std::string_view cpuinfo) {
    std::istringstream lines{std::string(cpuinfo)};
    std::string line;
    while (std::getline(lines, line)) {
        // of x86, and of ARM
        if (line.starts_with("flags") || line.starts_with("Features")) {
            line += ' ';
            if (contains(line, " aes ")) {
                return true;
            }
        }
    }
    return false;
}

std::optional<std::string> driver_problem(std::string_view driver, bool cpu_has_aes) {
    if (!contains(driver, "-generic") && !contains(driver, "-fixed-time")) {
        return std::nullopt;
    }
    std::string text = "its cipher driver " + printable(driver) + " is plain C, which is slow";
    if (!contains(driver, "aes")) {
        return text;
    }
    text += cpu_has_aes
                ? std::string(", and this CPU has instructions for AES: ") + aes_driver_advice
                : "; this CPU has no instructions for AES";
    return text;
}

bool is_weak(const Slot& slot) {
    return slot.type == SlotType::passphrase && is_weak(slot.cost);
}

std::string weak_slot_problem(const Slot& slot, const std::string& volume_dir) {
    return "slot " + std::to_string(slot.id) + " is weak (" + describe(slot.cost) +
           "): a guess at its passphrase costs less than is usual; dcryptfs slot change " +
           printable(volume_dir) + " makes it cost more";
}

std::optional<bool> takes_direct_io(const std::string& file) {
    const Fd fd(open(file.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC | O_NOFOLLOW));
    if (fd.valid()) {
        return true;
    }
    return errno == EINVAL ? std::optional(false) : std::nullopt;
}

std::optional<bool> moved_directly(const MountStats& stats) {
    const auto moved = [&](std::string_view name) {
        const auto found = stats.find(name);
        return found != stats.end() && found->second > 0;
    };
    if (moved("lower_direct")) {
        return true;
    }
    return moved("lower_buffered") ? std::optional(false) : std::nullopt;
}

const char* const no_direct_io_problem =
    "the filesystem below has no direct I/O: all data goes through its cache, with O_DIRECT as "
    "well, and is cached twice; put the volume on another filesystem";

}  // namespace dcryptfs

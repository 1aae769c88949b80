// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/mount_stats.h"

#include <array>
#include <charconv>
#include <iomanip>
#include <sstream>

#include "lib/dir_entries.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text_file.h"

namespace dcryptfs {

namespace {

std::uint64_t counter(const MountStats& stats, std::string_view name) {
    const auto found = stats.find(name);
    return found == stats.end() ? 0 : found->second;
}

// "1 time", "2 times".
std::string times(std::uint64_t n) {
    return std::to_string(n) + (n == 1 ? " time" : " times");
}

std::string moved(const MountStats& stats, std::string_view read, std::string_view written) {
    return human_bytes(counter(stats, read)) + " read, " + human_bytes(counter(stats, written)) +
           " written";
}

std::string below(const MountStats& stats) {
    const std::uint64_t buffered = counter(stats, "lower_buffered");
    const std::uint64_t direct = counter(stats, "lower_direct");
    if (buffered == 0) {
        return human_bytes(direct) + ", all of it direct";
    }
    return human_bytes(direct) + " direct, " + human_bytes(buffered) +
           " through the lower filesystem's own cache";
}

std::string workers(const MountStats& stats) {
    const std::uint64_t runs = counter(stats, "queued_runs");
    if (runs == 0) {
        return "none had to go on with a request";
    }
    constexpr std::uint64_t ns_in_us = 1000;
    return "went on with " + std::to_string(runs) + (runs == 1 ? " piece" : " pieces") +
           " of requests, " + std::to_string(counter(stats, "queued_ns") / runs / ns_in_us) +
           " us after the disk was done with it on average";
}

}  // namespace

std::string human_bytes(std::uint64_t bytes) {
    constexpr std::uint64_t step = 1024;
    constexpr std::array<const char*, 7> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < step) {
        return std::to_string(bytes) + " B";
    }
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    // 1023.95 and more would be written as 1024.0
    constexpr double limit = 1023.95;
    while (value >= limit && unit + 1 < units.size()) {
        value /= step;
        unit++;
    }
    std::ostringstream out;
    out << std::fixed << std::setprecision(1) << value << ' ' << units.at(unit);
    return out.str();
}

MountStats read_mount_stats(const std::string& dir) {
    MountStats stats;
    for (const std::string& name : sorted_names(open_dir(dir), dir)) {
        const std::string text = read_text_file(join_path(dir, name));
        const std::string_view digits = std::string_view(text).substr(0, text.find('\n'));
        std::uint64_t value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error == std::errc() && end == digits.data() + digits.size()) {
            stats.emplace(name, value);
        }
    }
    return stats;
}

MountStats mount_stats(std::string_view device) {
    return read_mount_stats("/sys/fs/dcryptfs/" + std::string(device));
}

std::optional<bool> is_locked(const MountStats& stats) {
    const auto found = stats.find("locked");
    return found == stats.end() ? std::nullopt : std::optional(found->second != 0);
}

std::vector<std::string> describe(const MountStats& stats) {
    std::vector<std::string> lines{
        "direct I/O: " + moved(stats, "direct_read", "direct_written"),
        "through the cache: " + moved(stats, "cached_read", "cached_written"),
        "below: " + below(stats),
        "blocks read and written again because a write covered a part: " +
            std::to_string(counter(stats, "merged_blocks")),
        "memory for data on its way: " + human_bytes(counter(stats, "bounce_used")) + " now, " +
            human_bytes(counter(stats, "bounce_peak")) + " at most, limit " +
            human_bytes(counter(stats, "bounce_max")) + "; waited for " +
            times(counter(stats, "bounce_waits")),
        "workers: " + workers(stats),
    };
    if (const std::uint64_t skipped = counter(stats, "names_skipped"); skipped != 0) {
        lines.push_back("entries not shown because their names are not this volume's: " +
                        std::to_string(skipped));
    }
    return lines;
}

}  // namespace dcryptfs

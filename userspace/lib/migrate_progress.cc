// SPDX-License-Identifier: GPL-2.0-or-later
// The part of migrate.h that tells how far it is.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "lib/migrate.h"

namespace dcryptfs {

namespace {

// What an entry costs beside its bytes, as about so many of them.
constexpr double bytes_per_entry = 16384;

double weight(const MigrateCounts& counts) {
    return static_cast<double>(counts.bytes) +
           bytes_per_entry * static_cast<double>(counts.entries);
}

std::string with_one_decimal(double value) {
    constexpr std::size_t longest = 32;
    std::array<char, longest> text{};
    (void)std::snprintf(text.data(), text.size(), "%.1f", value);  // NOLINT(cert-err33-c)
    return text.data();
}

std::string clock_time(double seconds) {
    constexpr unsigned long minute = 60;
    constexpr unsigned long ten = 10;
    const auto whole = static_cast<unsigned long>(std::lround(seconds));
    const auto two_digits = [](unsigned long n) {
        return (n < ten ? "0" : "") + std::to_string(n);
    };
    const unsigned long hours = whole / (minute * minute);
    const unsigned long minutes = whole / minute % minute;
    return (hours > 0 ? std::to_string(hours) + ":" + two_digits(minutes)
                      : std::to_string(minutes)) +
           ":" + two_digits(whole % minute);
}

}  // namespace

std::string human_size(std::uint64_t bytes) {
    constexpr double step = 1024;
    constexpr std::array units = {"KiB", "MiB", "GiB", "TiB"};
    if (static_cast<double>(bytes) < step) {
        return std::to_string(bytes) + " B";
    }
    double value = static_cast<double>(bytes) / step;
    std::size_t unit = 0;
    while (value >= step && unit + 1 < units.size()) {
        value /= step;
        unit++;
    }
    return with_one_decimal(value) + " " + units.at(unit);
}

std::string progress_line(const MigrateCounts& done, const MigrateCounts& all, double seconds) {
    constexpr std::size_t width = 20;
    constexpr double soon = 1.0;
    const double part = all.entries == 0 ? 1 : std::min(1.0, weight(done) / weight(all));
    const auto filled = static_cast<std::size_t>(part * static_cast<double>(width));
    std::string line = "[" + std::string(filled, '#') + std::string(width - filled, ' ') + "] " +
                       std::to_string(done.entries) + " of " + std::to_string(all.entries) +
                       " files, " + human_size(done.bytes) + " of " + human_size(all.bytes);
    // At first there is nothing to tell from.
    if (seconds >= soon && part > 0) {
        const auto rate = static_cast<std::uint64_t>(static_cast<double>(done.bytes) / seconds);
        line +=
            ", " + human_size(rate) + "/s, " + clock_time(seconds * (1 - part) / part) + " left";
    }
    return line;
}

}  // namespace dcryptfs

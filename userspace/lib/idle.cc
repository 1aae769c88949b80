// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/idle.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace dcryptfs {

namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr seconds max_idle_time = std::chrono::days(30);
constexpr seconds min_interval{1};
constexpr seconds max_interval{30};
constexpr int intervals = 10;

// Of the unit that the text ends with, which is taken off.
seconds take_unit(std::string_view& text) {
    constexpr std::array<std::pair<char, seconds>, 3> units{
        {{'s', seconds(1)}, {'m', std::chrono::minutes(1)}, {'h', std::chrono::hours(1)}}};
    for (const auto& [name, unit] : units) {
        if (text.ends_with(name)) {
            text.remove_suffix(1);
            return unit;
        }
    }
    return seconds(1);
}

// The counters without those that are a state: a pool of memory may shrink by itself.
MountStats uses_in(MountStats stats) {
    for (const char* const state : {"bounce_used", "bounce_peak", "bounce_max", "locked"}) {
        stats.erase(state);
    }
    return stats;
}

class Watch {
  public:
    Watch(const IdleMount& mount, seconds limit)
        : mount_(mount), limit_(limit), interval_(idle_interval(limit)) {}

    IdleEnd run() {
        std::optional<IdleEnd> end = look();
        while (!end) {
            mount_.wait(time_to_wait());
            end = look();
            if (!end && time_left() <= nanoseconds(0)) {
                end = lock();
            }
        }
        return *end;
    }

  private:
    [[nodiscard]] nanoseconds time_left() const { return last_use_ + limit_ - mount_.now(); }

    [[nodiscard]] nanoseconds time_to_wait() const {
        const nanoseconds left = time_left();
        return left > nanoseconds(0) ? std::min<nanoseconds>(left, interval_) : interval_;
    }

    // Whether it was used since it was last looked at.
    std::optional<IdleEnd> look() {
        const auto stats = mount_.stats();
        if (!stats) {
            return IdleEnd::gone;
        }
        if (is_locked(*stats) == true) {
            return IdleEnd::locked_by_others;
        }
        MountStats uses = uses_in(*stats);
        if (uses != uses_) {
            uses_ = std::move(uses);
            last_use_ = mount_.now();
        }
        return std::nullopt;
    }

    std::optional<IdleEnd> lock() {
        switch (mount_.lock()) {
            case LockAttempt::locked:
                return IdleEnd::locked;
            case LockAttempt::gone:
                return IdleEnd::gone;
            case LockAttempt::busy:
                break;
        }
        // What the attempt itself has written is no use.
        uses_ = uses_in(mount_.stats().value_or(MountStats()));
        return std::nullopt;
    }

    const IdleMount& mount_;
    nanoseconds limit_;
    nanoseconds interval_;
    std::optional<MountStats> uses_;
    nanoseconds last_use_{0};
};

}  // namespace

std::optional<seconds> parse_idle_time(std::string_view text) {
    const seconds unit = take_unit(text);
    seconds::rep number = 0;
    const char* const text_end = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), text_end, number);
    if (error != std::errc() || end != text_end || number < 1 || number > max_idle_time / unit) {
        return std::nullopt;
    }
    return number * unit;
}

seconds idle_interval(seconds limit) {
    return std::clamp(limit / intervals, min_interval, max_interval);
}

IdleEnd lock_when_idle(const IdleMount& mount, seconds limit) {
    return Watch(mount, limit).run();
}

}  // namespace dcryptfs

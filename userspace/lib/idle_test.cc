// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/idle.h"

#include <catch2/catch.hpp>
#include <map>
#include <vector>

using namespace dcryptfs;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using std::chrono::seconds;

namespace {

// A mount whose counters change at the given times.
struct Scene {
    std::map<seconds, MountStats> changes;
    seconds gone_at = 1000h;
    std::vector<LockAttempt> attempts;  // what is said to them, and then that it is locked
    MountStats changed_by_attempt;

    nanoseconds time{0};
    std::vector<nanoseconds> locked_at;
    std::vector<nanoseconds> waits;

    IdleEnd run(seconds limit) {
        return lock_when_idle(
            {[&] { return stats(); }, [&] { return lock(); }, [&] { return time; },
             [&](nanoseconds wait) {
                 REQUIRE(wait > 0ns);
                 waits.push_back(wait);
                 time += wait;
             }},
            limit);
    }

  private:
    [[nodiscard]] std::optional<MountStats> stats() const {
        if (time >= gone_at) {
            return std::nullopt;
        }
        MountStats all = {{"key_uses", 0}, {"locked", 0}, {"bounce_used", 0}};
        for (const auto& [when, stats] : changes) {
            for (const auto& [name, value] : stats) {
                if (when <= time) {
                    all[name] = value;
                }
            }
        }
        return all;
    }

    LockAttempt lock() {
        locked_at.push_back(time);
        if (locked_at.size() > attempts.size()) {
            return LockAttempt::locked;
        }
        changes[std::chrono::duration_cast<seconds>(time)] = changed_by_attempt;
        return attempts[locked_at.size() - 1];
    }
};

}  // namespace

TEST_CASE("times to be idle have a unit or none", "[idle]") {
    CHECK(parse_idle_time("1") == 1s);
    CHECK(parse_idle_time("90") == 90s);
    CHECK(parse_idle_time("90s") == 90s);
    CHECK(parse_idle_time("15m") == 900s);
    CHECK(parse_idle_time("2h") == 7200s);
    CHECK(parse_idle_time("720h") == 720h);
    CHECK(parse_idle_time("2592000") == 720h);
    for (const char* const wrong :
         {"", "0", "0h", "s", "-1", "+1", " 1", "1 ", "1.5h", "1d", "1ms", "0x10", "1h30m", "721h",
          "43201m", "2592001", "18446744073709551615h", "18446744073709551616",
          "5124095576030432h"}) {
        INFO(wrong);
        CHECK_FALSE(parse_idle_time(wrong).has_value());
    }
}

TEST_CASE("counters are looked at ten times, from each second to each half minute", "[idle]") {
    CHECK(idle_interval(1s) == 1s);
    CHECK(idle_interval(19s) == 1s);
    CHECK(idle_interval(90s) == 9s);
    CHECK(idle_interval(5min) == 30s);
    CHECK(idle_interval(720h) == 30s);
}

TEST_CASE("what nobody uses is locked when its time is over, not before", "[idle]") {
    Scene scene;
    CHECK(scene.run(95s) == IdleEnd::locked);
    CHECK(scene.locked_at == std::vector<nanoseconds>{95s});
    REQUIRE(!scene.waits.empty());
    CHECK(scene.waits.front() == 9s);
    CHECK(scene.waits.back() == 5s);
}

TEST_CASE("any use begins the time anew", "[idle]") {
    Scene scene;
    SECTION("the key") {
        scene.changes = {{42s, {{"key_uses", 1}}}, {110s, {{"key_uses", 2}}}};
    }
    SECTION("data, and a counter that is new") {
        scene.changes = {{42s, {{"direct_read", 4096}}}, {110s, {{"frobs", 1}}}};
    }
    SECTION("in counters that begin anew, as those of another mount of it") {
        scene.changes = {{42s, {{"key_uses", 9}}}, {110s, {{"key_uses", 0}}}};
    }
    // Seen at 50 s and at 110 s.
    CHECK(scene.run(100s) == IdleEnd::locked);
    CHECK(scene.locked_at == std::vector<nanoseconds>{210s});
}

TEST_CASE("memory that is given back is no use", "[idle]") {
    Scene scene;
    scene.changes = {{42s, {{"bounce_used", 4096}}}};
    CHECK(scene.run(100s) == IdleEnd::locked);
    CHECK(scene.locked_at == std::vector<nanoseconds>{100s});
}

TEST_CASE("a mount that is gone or locked ends the watch", "[idle]") {
    Scene scene;
    SECTION("gone from the start") {
        scene.gone_at = 0s;
        CHECK(scene.run(100s) == IdleEnd::gone);
        CHECK(scene.waits.empty());
    }
    SECTION("gone later, even in the last moment") {
        scene.gone_at = 100s;
        CHECK(scene.run(100s) == IdleEnd::gone);
    }
    SECTION("locked by somebody else") {
        scene.changes = {{42s, {{"locked", 1}}}};
        CHECK(scene.run(100s) == IdleEnd::locked_by_others);
        CHECK(scene.time == 50s);
    }
    CHECK(scene.locked_at.empty());
}

TEST_CASE("a mount that is gone when it is to be locked ends the watch", "[idle]") {
    Scene scene;
    scene.attempts = {LockAttempt::gone};
    CHECK(scene.run(100s) == IdleEnd::gone);
}

TEST_CASE("what is busy is tried again after an interval", "[idle]") {
    Scene scene;
    scene.attempts = {LockAttempt::busy, LockAttempt::busy};
    // What the attempt writes back is no use of the mount.
    scene.changed_by_attempt = {{"lower_direct", 4096}};
    CHECK(scene.run(100s) == IdleEnd::locked);
    CHECK(scene.locked_at == std::vector<nanoseconds>{100s, 110s, 120s});
}

TEST_CASE("what is busy and used has all its time again", "[idle]") {
    Scene scene;
    scene.attempts = {LockAttempt::busy};
    scene.changes = {{105s, {{"key_uses", 1}}}};
    CHECK(scene.run(100s) == IdleEnd::locked);
    CHECK(scene.locked_at == std::vector<nanoseconds>{100s, 210s});
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/workers.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <stdexcept>

using namespace dcryptfs;

TEST_CASE("every job is done, by as many threads as were asked for", "[workers]") {
    Workers workers(3);
    CHECK(workers.count() == 3);
    std::atomic<int> done = 0;
    std::atomic<bool> known = true;
    for (int i = 0; i < 1000; i++) {
        workers.add([&](std::size_t worker) {
            known = known && worker < 3;
            done++;
        });
    }
    workers.finish();
    CHECK(done == 1000);
    CHECK(known);
    // And once more.
    workers.add([&](std::size_t) { done++; });
    workers.finish();
    CHECK(done == 1001);
}

TEST_CASE("a job can have parts, which are waited for as well", "[workers]") {
    Workers workers(2);
    std::atomic<int> done = 0;
    for (int i = 0; i < 100; i++) {
        workers.add([&](std::size_t) {
            for (int part = 0; part < 10; part++) {
                workers.add_part([&](std::size_t) { done++; });
            }
        });
    }
    workers.finish();
    CHECK(done == 1000);
}

TEST_CASE("what a job throws ends the work", "[workers]") {
    Workers workers(1);
    std::atomic<int> done = 0;
    workers.add([](std::size_t) { throw std::runtime_error("no more"); });
    for (int i = 0; i < 1000; i++) {
        workers.add([&](std::size_t) { done++; });
    }
    CHECK_THROWS_WITH(workers.finish(), "no more");
    CHECK(done < 1000);
}

TEST_CASE("there is a CPU to use", "[workers]") {
    CHECK(usable_cpus() >= 1);
}

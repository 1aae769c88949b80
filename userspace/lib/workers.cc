// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/workers.h"

#include <sched.h>

#include <algorithm>
#include <utility>

namespace dcryptfs {

namespace {

// Enough for a thread to find one, and few enough that they take no memory to speak of.
constexpr std::size_t waiting_per_thread = 16;

}  // namespace

unsigned int usable_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        return static_cast<unsigned int>(std::max(CPU_COUNT(&set), 1));
    }
    return std::max(std::thread::hardware_concurrency(), 1U);
}

Workers::Workers(unsigned int threads) {
    threads_.reserve(threads);
    try {
        for (unsigned int i = 0; i < threads; i++) {
            threads_.emplace_back([this, i] { work(i); });
        }
    } catch (...) {
        stop();
        throw;
    }
}

Workers::~Workers() {
    stop();
}

void Workers::add(Job job) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock,
                  [&] { return thrown_ || jobs_.size() < waiting_per_thread * threads_.size(); });
    // Nobody would do it; finish() tells why.
    if (!thrown_) {
        jobs_.push_back(std::move(job));
        changed_.notify_all();
    }
}

void Workers::add_part(Job job) {
    const std::lock_guard lock(mutex_);
    if (!thrown_) {
        jobs_.push_front(std::move(job));
        changed_.notify_all();
    }
}

void Workers::finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return busy_ == 0 && (thrown_ || jobs_.empty()); });
    if (thrown_) {
        std::rethrow_exception(std::exchange(thrown_, nullptr));
    }
}

void Workers::work(std::size_t worker) {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
        if (stopping_) {
            return;
        }
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        busy_++;
        lock.unlock();
        changed_.notify_all();
        std::exception_ptr thrown;
        try {
            job(worker);
        } catch (...) {
            thrown = std::current_exception();
        }
        job = nullptr;  // what it holds on to goes before it counts as done
        lock.lock();
        busy_--;
        if (thrown && !thrown_) {
            thrown_ = thrown;
            jobs_.clear();
        }
        changed_.notify_all();
    }
}

void Workers::stop() noexcept {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        jobs_.clear();
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

}  // namespace dcryptfs

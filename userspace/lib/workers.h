// SPDX-License-Identifier: GPL-2.0-or-later
// Threads that do jobs beside the one that finds them.
#ifndef DCRYPTFS_LIB_WORKERS_H
#define DCRYPTFS_LIB_WORKERS_H

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dcryptfs {

// The number of CPUs that this process may use; at least 1.
unsigned int usable_cpus();

class Workers {
  public:
    // What is done by one of the threads, which is told which of them it is, from 0.
    // What it throws ends the work: finish() throws it again.
    using Job = std::function<void(std::size_t worker)>;

    explicit Workers(unsigned int threads);
    // Jobs that nobody began are dropped.
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    Workers(Workers&&) = delete;
    Workers& operator=(Workers&&) = delete;

    [[nodiscard]] std::size_t count() const noexcept { return threads_.size(); }

    // Hands a job over, and waits while there are many that nobody has begun.  Not
    // from within a job, which would wait for itself.
    void add(Job job);

    // From within a job: hands over what is begun before all else, and waits for
    // nothing.
    void add_part(Job job);

    // Waits until all that was handed over is done.
    void finish();

  private:
    void work(std::size_t worker);
    void stop() noexcept;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    std::size_t busy_ = 0;
    bool stopping_ = false;
    std::exception_ptr thrown_;
    std::vector<std::thread> threads_;
};

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_WORKERS_H

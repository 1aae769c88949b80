// SPDX-License-Identifier: GPL-2.0-or-later
// How far it is, for whoever sits at a terminal.
#ifndef DCRYPTFS_CMD_PROGRESS_H
#define DCRYPTFS_CMD_PROGRESS_H

#include <chrono>

#include "lib/migrate.h"

namespace dcryptfs {

// A line on standard error that is written again and again; none where that is no
// terminal.
class ProgressBar {
  public:
    // Whether there is one: else nobody need count what there is to do.
    static bool is_shown();

    explicit ProgressBar(const MigrateCounts& all) : all_(all), shown_(is_shown()) {}

    void show(const MigrateCounts& done);

    // Takes the line away, for another to be written.
    void clear();

  private:
    using Clock = std::chrono::steady_clock;

    MigrateCounts all_;
    bool shown_;
    bool dirty_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_;
};

}  // namespace dcryptfs

#endif  // DCRYPTFS_CMD_PROGRESS_H

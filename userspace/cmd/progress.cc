// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/progress.h"

#include <unistd.h>

#include "lib/bytes.h"
#include "lib/fd.h"

namespace dcryptfs {

bool ProgressBar::is_shown() {
    return isatty(STDERR_FILENO) != 0;
}

void ProgressBar::show(const MigrateCounts& done) {
    constexpr std::chrono::milliseconds interval(200);
    const auto now = Clock::now();
    if (!shown_ || now - last_ < interval) {
        return;
    }
    last_ = now;
    const std::chrono::duration<double> seconds = now - start_;
    const std::string line = "\r" + progress_line(done, all_, seconds.count()) + "\x1b[K";
    write_all(STDERR_FILENO, as_bytes(line), "standard error");
    dirty_ = true;
}

void ProgressBar::clear() {
    if (dirty_) {
        write_all(STDERR_FILENO, as_bytes("\r\x1b[K"), "standard error");
        dirty_ = false;
    }
}

}  // namespace dcryptfs

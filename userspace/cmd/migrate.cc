// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs migrate: copy a tree into a mounted volume, and prove the copy.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "cmd/command.h"
#include "lib/fd.h"
#include "lib/migrate.h"
#include "lib/output.h"

namespace dcryptfs {

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::string old_dir;
    std::string new_dir;
};

// A line on standard error that is written again and again; none where that is no
// terminal.
class ProgressBar {
  public:
    explicit ProgressBar(const MigrateCounts& all)
        : all_(all), shown_(isatty(STDERR_FILENO) != 0) {}

    void show(const MigrateCounts& done) {
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

    void clear() {
        if (dirty_) {
            write_all(STDERR_FILENO, as_bytes("\r\x1b[K"), "standard error");
        }
    }

  private:
    MigrateCounts all_;
    bool shown_;
    bool dirty_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_;
};

bool lies_within(const std::filesystem::path& path, const std::filesystem::path& dir) {
    const auto relative = path.lexically_relative(dir);
    return !relative.empty() && *relative.begin() != "..";
}

void check_dirs(const Options& options) {
    const Fd old_dir = open_dir(options.old_dir);
    const Fd new_dir = open_dir(options.new_dir);
    if (!is_on_dcryptfs(new_dir)) {
        fail(Exit::failure, options.new_dir,
             "not in a mounted dcryptfs; nothing was copied; mount the volume and give the upper "
             "directory");
    }
    const auto old_path = std::filesystem::canonical(options.old_dir);
    const auto new_path = std::filesystem::canonical(options.new_dir);
    if (lies_within(old_path, new_path) || lies_within(new_path, old_path)) {
        fail(Exit::usage, options.new_dir, "the old and the new tree lie one in the other");
    }
}

Exit run(const Options& options) {
    check_dirs(options);
    const MigrateCounts all = count_tree(options.old_dir);
    ProgressBar bar(all);
    const MigrateResult result = migrate_tree(options.old_dir, options.new_dir,
                                              [&](const MigrateCounts& done) { bar.show(done); });
    bar.clear();
    for (const std::string& problem : result.problems) {
        complain(problem);
    }
    say_field("copied", std::to_string(result.done.entries));
    say_field("bytes", std::to_string(result.done.bytes));
    say_field("already there", std::to_string(result.already.entries));
    say_field("not copied", std::to_string(result.problems.size()));
    return result.problems.empty() ? Exit::success : Exit::failure;
}

}  // namespace

CommandRun setup_migrate(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("old", options->old_dir, "The tree to copy: a mounted eCryptfs, or any other")
        ->type_name("OLD")
        ->required();
    app.add_option("new", options->new_dir, "A directory in a mounted dcryptfs volume")
        ->type_name("NEW")
        ->required();
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

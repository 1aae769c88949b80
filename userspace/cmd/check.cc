// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs check, which is fsck.dcryptfs: look at all that lies below.
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cmd/command.h"
#include "cmd/json.h"
#include "cmd/progress.h"
#include "lib/check.h"
#include "lib/export.h"
#include "lib/mounted.h"
#include "lib/output.h"
#include "lib/path.h"
#include "lib/process.h"
#include "lib/volume.h"
#include "lib/workers.h"

namespace dcryptfs {

namespace {

// Those of fsck(8), which are or-ed.
constexpr int fsck_repaired = 1;
constexpr int fsck_damaged = 4;
constexpr int fsck_failed = 8;
constexpr int fsck_cancelled = 32;

struct Options {
    std::string dir;
    std::optional<std::string> volume;
    bool no_key = false;
    bool repair = false;
    bool dry_run = false;
    bool json = false;
    unsigned int jobs = usable_cpus();
    SecretSource secret;
};

std::atomic<bool> signalled = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void catch_signals() {
    struct sigaction action {};
    action.sa_handler = [](int /*number*/) { signalled = true; };
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before {};
        if (sigaction(number, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) {
            (void)sigaction(number, &action, nullptr);
        }
    }
}

// The clock that files below have their times from.
std::timespec file_clock() {
    std::timespec now{};
    (void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now;
}

// What was found, told at once, or in the end as one JSON object.
class Report {
  public:
    explicit Report(const Options& options) : options_(options) {}

    void add(const Finding& finding) {
        (finding.repaired ? repaired_ : damaged_)++;
        if (options_.json) {
            findings_.push_back(finding);
            return;
        }
        std::string line = printable(finding.path) + ": " + finding.text;
        if (finding.repaired) {
            line += "; removed";
        } else if (finding.harmless && !options_.repair) {
            line += "; --repair removes it";
        }
        say(line);
    }

    // One thing that a reader would take for checked.
    void add_unchecked(const std::string& path, const std::string& reason) {
        failed_ = true;
        add_limit(printable(path) + ": " + reason);
    }

    // What no run like this checks.
    void add_limit(const std::string& text) {
        if (options_.json) {
            unchecked_.push_back(text);
        } else {
            say("not checked: " + text);
        }
    }

    void fail() { failed_ = true; }

    [[nodiscard]] int finish(const MigrateCounts& checked, bool cancelled) {
        const int code = (repaired_ > 0 ? fsck_repaired : 0) | (damaged_ > 0 ? fsck_damaged : 0) |
                         (failed_ ? fsck_failed : 0) | (cancelled ? fsck_cancelled : 0);
        if (options_.json) {
            say_json(checked, code);
            return code;
        }
        say_field("checked", std::to_string(checked.entries));
        say_field("bytes", std::to_string(checked.bytes));
        say_field("damaged", std::to_string(damaged_));
        say_field("repaired", std::to_string(repaired_));
        if (cancelled) {
            complain("cancelled: the rest was not checked");
        }
        return code;
    }

  private:
    void say_json(const MigrateCounts& checked, int code) {
        std::ranges::sort(findings_, {}, &Finding::path);
        Json all;
        all["checked"] = checked.entries;
        all["bytes"] = checked.bytes;
        all["findings"] = Json::array();
        for (const Finding& finding : findings_) {
            Json one;
            one["path"] = printable(finding.path);
            one["kind"] = finding.kind;
            one["problem"] = finding.text;
            one["repaired"] = finding.repaired;
            all["findings"].push_back(one);
        }
        all["not_checked"] = unchecked_;
        all["exit_code"] = code;
        dcryptfs::say_json(all);
    }

    const Options& options_;
    std::uint64_t damaged_ = 0;
    std::uint64_t repaired_ = 0;
    bool failed_ = false;
    std::vector<Finding> findings_;
    std::vector<std::string> unchecked_;
};

// A volume that is opened as far as the options say.
struct Opened {
    Volume volume;
    std::unique_ptr<Sealer> sealer;
    Fd lock;  // of a volume to be repaired, as long as it is
};

// Who changes the configuration has the lock, and a temporary file that is not left over.
Fd lock_to_repair(const std::string& dir) {
    Fd fd = open_dir(dir);
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        fail(Exit::failure, dir,
             errno == EWOULDBLOCK ? std::string("the volume is being changed; nothing was "
                                                "checked; run this again when that is done")
                                  : "lock: " + errno_text(errno));
    }
    return fd;
}

Opened open_for_check(const Options& options, const std::string& volume_dir) {
    Opened opened;
    opened.volume = load_volume(volume_dir);
    if (const auto mount =
            find_mount(list_mounts(), opened.volume.dir, opened.volume.config.key_id)) {
        const std::string where = "the volume is mounted on " + printable(mount->target);
        if (options.repair) {
            fail(Exit::failure, options.dir,
                 where + "; nothing was checked; unmount it and run this again");
        }
        warn(where + ": what is written there meanwhile may look damaged");
    }
    if (options.repair) {
        opened.lock = lock_to_repair(opened.volume.dir);
    }
    if (!options.no_key) {
        opened.sealer = open_names(opened.volume, read_secret(options.secret, opened.volume.dir));
    }
    return opened;
}

// What the format, or who asks, leaves unknown.
void say_limits(const Options& options, bool encrypted_names, Report& report) {
    report.add_limit(
        "what files hold, and the nonces in their headers: format 1 does not authenticate them");
    if (options.no_key) {
        report.add_limit(encrypted_names ? "names, targets and values beyond their shape, and the "
                                           "MAC of dcryptfs.json: there is no key"
                                         : "the MAC of dcryptfs.json: there is no key");
    }
    if (encrypted_names && geteuid() != 0) {
        report.add_limit("attributes in the namespace trusted: only root sees them");
    }
}

int check(const Options& options) {
    const std::timespec start = file_clock();
    LowerDir dir(absolute_path(options.dir));
    const std::string volume_dir = absolute_path(volume_dir_of(options.volume, dir.path()));
    const std::string config_path = join_path(volume_dir, config_name);
    Report report(options);
    Opened opened;
    try {
        opened = open_for_check(options, volume_dir);
    } catch (const Error& error) {
        struct stat info {};
        if (error.code() != Exit::damaged || lstat(config_path.c_str(), &info) != 0) {
            throw;
        }
        std::string text = error.what();
        text.erase(0, std::min(text.size(), printable(config_path).size() + 2));
        report.add({config_path, "configuration", text, false, false});
        report.add_unchecked(dir.path(), "nothing below is, without a sound configuration");
        return report.finish({}, false);
    }
    const Config& config = opened.volume.config;
    const bool encrypted_names = config.names.id == DCRYPT_NAMES_ENCRYPTED;
    const CheckRules rules = {
        .key_id = config.key_id,
        .encrypted_names = encrypted_names,
        .is_root = dir.path() == opened.volume.dir,
        .sealer = opened.sealer.get(),
        .repair = options.repair,
        .before = start,
    };
    catch_signals();
    allow_many_files();
    ProgressBar bar(ProgressBar::is_shown() ? count_lower(dir) : MigrateCounts{});
    const CheckEvents events = {
        .progress = [&](const MigrateCounts& done) { bar.show(done); },
        .finding =
            [&](const Finding& finding) {
                bar.clear();
                report.add(finding);
            },
        .unchecked =
            [&](const std::string& path, const std::string& reason) {
                bar.clear();
                report.add_unchecked(path, reason);
            },
        .cancelled = [] { return signalled.load(); },
    };
    const MigrateCounts checked = check_tree(std::move(dir), rules, options.jobs, events);
    bar.clear();
    say_limits(options, encrypted_names, report);
    return report.finish(checked, signalled);
}

Exit run(const Options& options) {
    int code = fsck_failed;
    try {
        code = check(options);
    } catch (const Error& error) {
        complain(error.what());
        code = error.code() == Exit::usage ? static_cast<int>(fsck_usage) : fsck_failed;
    } catch (const std::exception& error) {
        complain(printable(error.what()));
    }
    return static_cast<Exit>(code);
}

}  // namespace

CommandRun setup_check(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("dir", options->dir, "A volume's lower directory, or one within it")
        ->type_name("DIR")
        ->required();
    auto* const repair = app.add_flag("-a,-p,-y,--repair", options->repair,
                                      "Remove what has no meaning: temporary files that were left "
                                      "over, and .dcryptfs.name.* without their names");
    app.add_flag("-n,--dry-run", options->dry_run, "Change nothing (the default)")
        ->excludes(repair);
    add_json_option(app, options->json);
    add_jobs_option(app, options->jobs);
    add_volume_option(app, options->volume);
    add_secret_options(app, options->secret);
    auto* const no_key = app.add_flag("--no-key", options->no_key,
                                      "Check what can be checked without what opens the volume");
    for (const char* const name :
         {passphrase_file_option, passphrase_fd_option, "--key-file", "--recovery-code",
          "--recovery-code-file", "--recovery-code-fd"}) {
        no_key->excludes(name);
    }
    add_examples(app, {{"A whole volume", "/srv/lower"},
                       {"A backup of it, without what opens it", "--no-key /backup/lower"},
                       {"Remove what an interruption left over", "--repair /srv/lower"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs export: decrypt a whole tree without the kernel module.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>

#include "cmd/command.h"
#include "cmd/json.h"
#include "cmd/progress.h"
#include "lib/dir_entries.h"
#include "lib/export.h"
#include "lib/mounted.h"
#include "lib/output.h"
#include "lib/path.h"
#include "lib/process.h"
#include "lib/volume.h"
#include "lib/workers.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string lower;
    std::string out;
    std::optional<std::string> volume;
    unsigned int jobs = usable_cpus();
    SecretSource secret;
    bool json = false;
};

// Where the export goes: a directory that is there and empty, or one to be made.
class Target {
  public:
    Target(const std::string& path, const Volume& volume, const std::string& lower)
        : path_(path), exists_(access(path.c_str(), F_OK) == 0) {
        if (exists_) {
            require_empty();
        }
        const std::string absolute = exists_ ? absolute_path(path) : future_path();
        if (lies_within(absolute, volume.dir) || lies_within(absolute, lower)) {
            fail(Exit::usage, path_, "lies in the lower tree; give a directory elsewhere");
        }
    }

    // The directory, which is for its owner alone until all is there.
    [[nodiscard]] Fd open() const {
        constexpr mode_t owner_only = 0700;
        if (!exists_ && mkdir(path_.c_str(), owner_only) != 0) {
            fail_errno(path_, "", errno);
        }
        Fd dir =
            open_at(AT_FDCWD, path_, O_RDONLY | O_DIRECTORY | (exists_ ? 0 : O_NOFOLLOW), 0, path_);
        if (fchmod(dir.get(), owner_only) != 0) {
            fail_errno(path_, "its mode", errno);
        }
        return dir;
    }

  private:
    void require_empty() const {
        for_each_name(open_dir(path_), path_, [&](const std::string& name) -> bool {
            fail(Exit::failure, path_,
                 "not an empty directory: it holds " + printable(name) +
                     "; nothing was exported; give an empty one, or one that is not there");
        });
    }

    [[nodiscard]] std::string future_path() const {
        std::string path = path_;
        while (path.size() > 1 && path.ends_with('/')) {
            path.pop_back();
        }
        const std::size_t slash = path.rfind('/');
        if (slash == std::string::npos) {
            return join_path(absolute_path("."), path);
        }
        return join_path(absolute_path(path.substr(0, slash + 1)), path.substr(slash + 1));
    }

    const std::string& path_;
    bool exists_;
};

void warn_if_mounted(const Volume& volume) {
    if (const auto mount = find_mount(list_mounts(), volume.dir, volume.config.key_id)) {
        warn("the volume is mounted on " + printable(mount->target) +
             ": what is written there meanwhile is exported in part, or not at all");
    }
}

Exit run(const Options& options) {
    // The directories first: a passphrase is not asked for in vain.
    LowerDir dir(absolute_path(options.lower));
    const Volume volume = load_volume(volume_dir_of(options.volume, dir.path()));
    const Target target(options.out, volume, dir.path());
    const Secret volume_key = open_volume(volume, read_secret(options.secret, volume.dir));
    const auto sealer = volume.config.names.id == DCRYPT_NAMES_PLAIN
                            ? nullptr
                            : std::make_unique<Sealer>(volume_key);
    dir.set_volume(sealer.get(), dir.path() == volume.dir);
    warn_if_mounted(volume);
    allow_many_files();

    ProgressBar bar(ProgressBar::is_shown() ? count_lower(dir) : MigrateCounts{});
    std::uint64_t problems = 0;
    const ExportEvents events = {
        .progress = [&](const MigrateCounts& done) { bar.show(done); },
        .problem =
            [&](const std::string& problem) {
                bar.clear();
                complain(problem);
                problems++;
            },
    };
    const MigrateCounts done = export_tree(std::move(dir), {volume_key, sealer.get()},
                                           target.open(), options.out, options.jobs, events);
    bar.clear();
    report({{"exported", done.entries}, {"bytes", done.bytes}, {"problems", problems}},
           options.json);
    return problems == 0 ? Exit::success : Exit::failure;
}

}  // namespace

CommandRun setup_export(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("lower", options->lower, "A volume's lower directory, or one within it")
        ->type_name("LOWER")
        ->required();
    app.add_option("out", options->out, "An empty directory, or one that is not there")
        ->type_name("OUT")
        ->required();
    add_jobs_option(app, options->jobs);
    add_volume_option(app, options->volume);
    add_secret_options(app, options->secret);
    add_json_option(app, options->json);
    add_examples(app, {{"A whole volume", "/srv/lower /srv/plain"},
                       {"A directory of a backup, with a recovery code",
                        "--recovery-code --volume /backup/lower /backup/lower/0a1b2c /srv/plain"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

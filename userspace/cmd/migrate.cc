// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs migrate: copy a tree into a mounted volume, and prove the copy.
#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "cmd/command.h"
#include "cmd/json.h"
#include "cmd/progress.h"
#include "lib/fd.h"
#include "lib/fs_context.h"
#include "lib/migrate.h"
#include "lib/mount_options.h"
#include "lib/output.h"
#include "lib/path.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string old_dir;
    std::string new_dir;
    std::vector<std::string> ecryptfs;  // lists of mount options
    bool json = false;
};

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
    if (lies_within(old_path.native(), new_path.native()) ||
        lies_within(new_path.native(), old_path.native())) {
        fail(Exit::usage, options.new_dir,
             "the old and the new tree lie one in the other; nothing was copied; give a directory "
             "elsewhere");
    }
}

// A copy of what is mounted, in which this process may mount what nobody else sees.
void leave_mount_namespace() {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        fail_errno("--ecryptfs", "a mount namespace", errno);
    }
}

// What new files would be made with has to be said; there will be none.
void set_defaults(FsContext& context, const std::vector<FsOption>& given) {
    const auto set_default = [&](const char* name, const char* value) {
        if (std::ranges::none_of(given, [&](const FsOption& o) { return o.name == name; })) {
            context.set_string(name, value);
        }
    };
    set_default("ecryptfs_cipher", "aes");
    set_default("ecryptfs_key_bytes", "16");
}

// Mounts a directory of eCryptfs over itself, to be read, for this process alone.
void mount_ecryptfs(const std::string& dir, const std::vector<std::string>& lists) {
    const MountOptions options = parse_mount_options(lists);
    if (options.key || options.cipher || options.names || count_sources(options.secret) > 0) {
        fail(Exit::usage, "--ecryptfs",
             "key, cipher, names and what opens a volume are of dcryptfs volumes; mount one, and "
             "give where it is mounted");
    }
    leave_mount_namespace();
    try {
        FsContext context = FsContext::open(dir);
        context.set_string("source", dir);
        context.set_flag("ro");
        set_defaults(context, options.others);
        for (const FsOption& option : options.others) {
            context.set(option);
        }
        context.create();
        attach_mount(context.make_mount(MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID), dir);
    } catch (const MountError& error) {
        throw Error(error.err() == ENOKEY ? Exit::no_key : Exit::failure, error.what());
    }
}

Exit run(const Options& options) {
    check_dirs(options);
    std::string old_dir = options.old_dir;
    if (!options.ecryptfs.empty()) {
        old_dir = std::filesystem::canonical(old_dir);  // "." would stay what is below
        mount_ecryptfs(old_dir, options.ecryptfs);
    }
    const MigrateCounts all = count_tree(old_dir);
    ProgressBar bar(all);
    const MigrateResult result =
        migrate_tree(old_dir, options.new_dir, [&](const MigrateCounts& done) { bar.show(done); });
    bar.clear();
    for (const std::string& problem : result.problems) {
        complain(problem);
    }
    report({{"copied", result.done.entries},
            {"bytes", result.done.bytes},
            {"already_there", result.already.entries},
            {"not_copied", result.problems.size()}},
           options.json);
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
    app.add_option("-e,--ecryptfs", options->ecryptfs,
                   "OLD is not mounted: mount it for this program alone, with these mount "
                   "options (ecryptfs_sig=...); the keys are in a keyring")
        ->type_name("OPTIONS")
        ->allow_extra_args(false);
    add_json_option(app, options->json);
    add_examples(app, {{"From a mounted eCryptfs into a mounted volume", "/home/june /srv/june"},
                       {"From one that is not mounted, whose keys are in a keyring",
                        "-e ecryptfs_sig=0123456789abcdef,ecryptfs_fnek_sig=fedcba9876543210 "
                        "/home/.ecryptfs/june/.Private /srv/june"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

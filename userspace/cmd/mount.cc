// SPDX-License-Identifier: GPL-2.0-or-later
// mount.dcryptfs: unlock and mount in one step, as mount(8) calls it.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "cmd/command.h"
#include "lib/fs_context.h"
#include "lib/keyring.h"
#include "lib/mount_options.h"
#include "lib/mountinfo.h"
#include "lib/output.h"
#include "lib/volume.h"
#include "lib/volume_mount.h"

namespace dcryptfs {

namespace {

// Exit codes of mount(8).
enum class MountExit : int { success = 0, usage = 1, system = 2, failure = 32 };

struct Options {
    std::string source;
    std::string target;
    std::vector<std::string> option_lists;
    std::string mount_namespace;
    std::string type;
    bool sloppy = false;
    bool fake = false;
    bool no_mtab = false;
    bool verbose = false;
};

// Sees to it that the kernel finds the volume's key for this process: one that
// is in a keyring already, or else one for this process alone.
ProcessKey provide_key(const MountOptions& options, const Volume& volume) {
    const KeyId& id = volume.config.key_id;
    if (const auto key = find_key(id)) {
        return ProcessKey::link(*key);
    }
    const SlotSecret secret =
        read_slot_secret(options.secret, volume.dir,
                         {"-o passphrase_file=FILE",
                          "-o passphrase_fd=N (or insert the key before, with: dcryptfs unlock)",
                          {},
                          {},
                          {}});
    const Secret volume_key = open_volume(volume, secret);
    return ProcessKey::add(id, make_key_payload(volume.config, volume_key));
}

// The namespace is a file such as /proc/PID/ns/mnt, or a PID.
void enter_mount_namespace(const std::string& name) {
    if (name.empty()) {
        return;
    }
    const bool is_pid = name.find_first_not_of("0123456789") == std::string::npos;
    const std::string path = is_pid ? "/proc/" + name + "/ns/mnt" : name;
    const Fd ns = open_at(AT_FDCWD, path, O_RDONLY, 0, path);
    if (setns(ns.get(), CLONE_NEWNS) != 0) {
        fail_errno(path, "mount namespace", errno);
    }
}

// The path as another mount namespace, with another current directory, sees it.
std::string rooted_path(const std::string& path) {
    std::error_code error;
    const std::filesystem::path rooted = std::filesystem::absolute(path, error);
    if (error) {
        fail(Exit::failure, path, error.message());
    }
    return rooted;
}

void mount_volume(const Options& options, const MountOptions& mount_options) {
    const Volume volume = load_volume(options.source);
    check_against_config(mount_options, volume);
    if (options.fake) {
        return;
    }
    const Fd mount =
        make_volume_mount(volume, mount_options, options.sloppy ? Unknown::skip : Unknown::refuse,
                          [&] { return provide_key(mount_options, volume); });
    const std::string target = rooted_path(options.target);
    enter_mount_namespace(options.mount_namespace);
    attach_mount(mount, target);
    if (options.verbose) {
        say_field("mounted", volume.dir + " on " + options.target);
    }
}

// What a mounted volume is can't be changed; mount(8) repeats it all the same.
void check_against_mount(const std::string& target, const MountOptions& options) {
    const std::string path = absolute_path(target);
    std::optional<Mount> found;
    for (const Mount& mount : list_mounts()) {
        if (mount.target == path) {
            found = mount;  // the last is the one on top
        }
    }
    // Another filesystem may be on top of it.
    if (!found || !is_on_dcryptfs(open_at(AT_FDCWD, path, O_PATH, 0, target))) {
        fail(Exit::failure, target, "no dcryptfs is mounted there");
    }
    const auto unchanged = [&](std::string_view name, const std::optional<std::string>& given) {
        if (given && option_value(found->super_options, name) != given) {
            std::string reason(name);
            reason += "= can't be changed by a remount";
            fail(Exit::failure, target, reason);
        }
    };
    unchanged("key", options.key);
    unchanged("cipher", options.cipher);
    unchanged("names", options.names);
}

// The attributes of a mount that are on or off.
constexpr std::uint64_t flags_of_mounts = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                          MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODIRATIME |
                                          MOUNT_ATTR_NOSYMFOLLOW;

void remount(const Options& options, const MountOptions& mount_options) {
    const std::string target = rooted_path(options.target);
    enter_mount_namespace(options.mount_namespace);
    check_against_mount(target, mount_options);
    if (options.fake) {
        return;
    }
    FsContext context = FsContext::pick(target);
    for (const std::string& flag : mount_options.super_flags) {
        context.set_flag(flag);
    }
    pass_other_options(context, mount_options, options.sloppy ? Unknown::skip : Unknown::refuse);
    context.reconfigure();
    // mount(8) adds the options that the mount has, less what it was asked to turn off: so
    // what is not named is to be off.
    change_mount(target, mount_options.attr_clear | flags_of_mounts, mount_options.attr_set);
}

void add_options(CLI::App& app, Options& options) {
    app.add_option("lower", options.source, "The volume: a directory with a dcryptfs.json")
        ->type_name("LOWER")
        ->required();
    app.add_option("upper", options.target, "The directory to mount it on")
        ->type_name("UPPER")
        ->required();
    app.add_option("-o", options.option_lists, "Mount options, separated by commas")
        ->type_name("OPTIONS")
        ->allow_extra_args(false);
    app.add_flag("-s", options.sloppy, "Skip options that the kernel does not know");
    app.add_flag("-f", options.fake, "Check everything, mount nothing");
    app.add_flag("-n", options.no_mtab, "Ignored: there is no mtab to write");
    app.add_flag("-v", options.verbose, "Say what was done");
    app.add_option("-N", options.mount_namespace, "Mount in this mount namespace")->type_name("NS");
    app.add_option("-t", options.type, "Ignored: the type is dcryptfs")->type_name("TYPE");
}

MountExit to_mount_exit(Exit code) {
    return code == Exit::usage ? MountExit::usage : MountExit::failure;
}

MountExit run(const Options& options) {
    try {
        const MountOptions mount_options = parse_mount_options(options.option_lists);
        if (mount_options.remount) {
            remount(options, mount_options);
        } else {
            mount_volume(options, mount_options);
        }
        return MountExit::success;
    } catch (const Error& error) {
        complain(error.what());
        return to_mount_exit(error.code());
    } catch (const MountError& error) {
        complain(error.what());
        return error.err() == ENOMEM ? MountExit::system : MountExit::failure;
    } catch (const std::bad_alloc&) {
        complain("out of memory");
        return MountExit::system;
    } catch (const std::exception& error) {
        complain(printable(error.what()));
        return MountExit::failure;
    }
}

}  // namespace

CommandRun setup_mount(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    add_options(app, *options);
    add_examples(
        app, {{"As mount -t dcryptfs calls it", "/srv/lower /srv/upper -o nosuid,nodev"},
              {"With a key file", "/srv/lower /srv/upper -o key_file=/root/key"},
              {"Mount nothing, but see whether it would be right", "-f /srv/lower /srv/upper"}});
    return [options] { return static_cast<Exit>(run(*options)); };
}

}  // namespace dcryptfs

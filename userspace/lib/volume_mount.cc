// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/volume_mount.h"

#include <cerrno>

#include "lib/error.h"

namespace dcryptfs {

namespace {

void require_same(std::string_view option, const std::optional<std::string>& given,
                  std::string_view actual, const Volume& volume) {
    if (given && *given != actual) {
        std::string reason(option);
        reason += "=" + printable(*given) + " was asked for, but the volume has ";
        reason += option;
        reason += "=" + std::string(actual);
        fail(Exit::failure, volume.dir, reason);
    }
}

}  // namespace

void check_against_config(const MountOptions& options, const Volume& volume) {
    require_same("cipher", options.cipher, volume.config.suite.name, volume);
    require_same("names", options.names, volume.config.names.name, volume);
    require_same("key", options.key, to_hex(volume.config.key_id), volume);
}

void pass_other_options(FsContext& context, const MountOptions& options, Unknown unknown) {
    for (const FsOption& option : options.others) {
        try {
            context.set(option);
        } catch (const MountError& error) {
            if (unknown == Unknown::refuse || error.err() != EINVAL) {
                throw;
            }
        }
    }
}

Fd make_volume_mount(const Volume& volume, const MountOptions& options, Unknown unknown,
                     const std::function<ProcessKey()>& provide_key) {
    // The context takes this process's credentials, so its keyring comes first;
    // and a kernel without dcryptfs is told of before a passphrase is asked for.
    make_process_keyring();
    FsContext context = FsContext::open(volume.dir);
    {
        const ProcessKey key = provide_key();
        context.set_string("source", volume.dir);
        context.set_string("key", to_hex(volume.config.key_id));
        context.set_string("cipher", std::string(volume.config.suite.name));
        context.set_string("names", std::string(volume.config.names.name));
        for (const std::string& flag : options.super_flags) {
            context.set_flag(flag);
        }
        pass_other_options(context, options, unknown);
        context.create();
    }
    return context.make_mount(options.attr_set);
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// The part of volume.h that changes a lower directory.
#include "lib/dir_entries.h"
#include "lib/error.h"
#include "lib/temporary_file.h"
#include "lib/volume.h"

namespace dcryptfs {

void require_empty_dir(const Fd& dir_fd, const std::string& dir) {
    if (is_on_dcryptfs(dir_fd)) {
        fail(Exit::failure, dir,
             "lies in a mounted dcryptfs, which can't be the lower directory of another; "
             "nothing was changed; give a directory elsewhere");
    }
    for_each_name(dir_fd, dir, [&](const std::string& name) -> bool {
        if (name == config_name) {
            fail(Exit::failure, dir, "already a dcryptfs volume; nothing was changed");
        }
        fail(Exit::failure, dir,
             "not an empty directory: it holds " + printable(name) +
                 "; nothing was changed; give a new, empty one");
    });
}

void write_config(const Fd& dir_fd, const std::string& dir, const std::string& text) {
    TemporaryFile file(dir_fd.get(), hidden_prefix, dir + "/" + std::string(config_name));
    file.write_and_sync(as_bytes(text));
    file.rename_to_new(std::string(config_name));
}

}  // namespace dcryptfs

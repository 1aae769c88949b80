// SPDX-License-Identifier: GPL-2.0-or-later
// What the commands that list directories share.
#ifndef DCRYPTFS_CMD_LISTER_H
#define DCRYPTFS_CMD_LISTER_H

#include "cmd/command.h"
#include "lib/lower_dir.h"

namespace dcryptfs {

struct ListOptions {
    bool recursive = false;
    bool zero = false;
    bool json = false;
};

// Adds --recursive, --zero and --json.
void add_list_options(CLI::App& app, ListOptions& options);

// Writes entries to standard output, and what is wrong to standard error.  The
// directory's names are set; throws Error when it can't be listed at all.
Exit list_tree(const LowerDir& dir, const ListOptions& options);

}  // namespace dcryptfs

#endif  // DCRYPTFS_CMD_LISTER_H

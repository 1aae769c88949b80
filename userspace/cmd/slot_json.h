// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef DCRYPTFS_CMD_SLOT_JSON_H
#define DCRYPTFS_CMD_SLOT_JSON_H

#include "cmd/json.h"
#include "lib/config.h"

namespace dcryptfs {

// The key slots of a volume, as "slot list" and "status" show them.
Json slots_json(const Config& config);

}  // namespace dcryptfs

#endif  // DCRYPTFS_CMD_SLOT_JSON_H

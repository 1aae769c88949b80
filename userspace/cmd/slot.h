// SPDX-License-Identifier: GPL-2.0-or-later
// The commands under "dcryptfs slot".
#ifndef DCRYPTFS_CMD_SLOT_H
#define DCRYPTFS_CMD_SLOT_H

#include <functional>
#include <string>

#include "cmd/command.h"
#include "lib/slots.h"
#include "lib/volume.h"

namespace dcryptfs {

CommandRun setup_slot_list(CLI::App& app);
CommandRun setup_slot_add(CLI::App& app);
CommandRun setup_slot_remove(CLI::App& app);
CommandRun setup_slot_change(CLI::App& app);

// What the commands that change slots have in common.
struct SlotOptions {
    std::string dir;
    SecretSource secret;
    bool no_backup = false;
    bool json = false;
};
void add_slot_options(CLI::App& app, SlotOptions& options);
// And those of a slot that is made; what they print of it is no secret with --json.
void add_new_slot_options(CLI::App& app, SecretSource& new_secret, CostOptions& cost);

// Throws Error (Exit::usage) when one descriptor is to give both secrets.
void require_two_sources(const SecretSource& old_secret, const SecretSource& new_secret);

// Prints the recovery code of a slot that was made, if that is what opens it.
void say_recovery_code(const SlotSecret& secret, std::uint64_t id);

// A volume that a secret has opened, which is changed later.
class SlotChange {
  public:
    // Asks for the secret, and throws Error unless it opens the volume.
    explicit SlotChange(const SlotOptions& options);

    [[nodiscard]] const std::string& dir() const noexcept { return volume_.dir; }

    // Has `edit` change the slots, while no other program does, and writes them.
    void run(const std::function<void(SlotEdit&)>& edit);

    // Prints what was done to which slot, and where the old file is kept, if it is.
    void report(const char* what, std::uint64_t id) const;

  private:
    const SlotOptions& options_;
    Volume volume_;
    SlotSecret secret_;
    OpenedVolume opened_;
};

}  // namespace dcryptfs

#endif  // DCRYPTFS_CMD_SLOT_H

// SPDX-License-Identifier: GPL-2.0-or-later
// The key slots of a volume: making them, and changing which there are.
#ifndef DCRYPTFS_LIB_SLOTS_H
#define DCRYPTFS_LIB_SLOTS_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/config.h"
#include "lib/error.h"
#include "lib/secret.h"
#include "lib/slot_secret.h"
#include "lib/volume.h"

namespace dcryptfs {

// A slot of the newest version that opens with the secret.
Slot make_slot(std::uint64_t id, const SlotCost& cost, const SlotSecret& secret,
               const Secret& volume_key);

// The volume key, or nothing when the slot was not made under this key.
std::optional<Secret> unwrap_slot(const Slot& slot, const Secret& wrap_key);

// What came of trying a slot with a secret of its type.
struct SlotAttempt {
    std::optional<Secret> volume_key;
    Secret wrap_key;  // what the slot's function made of the secret, if it opened
    // Why the secret was not tried, or what is wrong besides it, and what that is to a command.
    std::optional<std::string> problem;
    Exit code = Exit::wrong_passphrase;
};

// Throws Error when the slot is a TPM's, and there is none.
SlotAttempt try_slot(const Slot& slot, const SlotSecret& secret);

// The id of the slot that opens with the secret, or nothing; of a TPM's it is always nothing, as
// each slot has its own secret.  Throws Error when there is not the memory to try one of its type.
std::optional<std::uint64_t> slot_of(const Config& config, const SlotSecret& secret);

// What is done to the slots of an opened volume.  Each throws Error, and leaves the
// configuration as it was, when it can't be done or is better not done.
class SlotEdit {
  public:
    // `opened` is of this volume, and both live longer than this.  A configuration of an
    // older version becomes one of the newest, which takes that its only slot has opened.
    SlotEdit(const Volume& volume, const OpenedVolume& opened);

    // A slot more, with the lowest free id, which is returned.
    std::uint64_t add(const SlotCost& cost, const SlotSecret& secret);

    // Takes a slot away.  The one that opened goes only by force, the last one never.
    void remove(std::uint64_t id, bool force);

    // The slot opens with this secret and no longer with its old one.  That may be the same
    // one, for another cost.
    void change(std::uint64_t id, const SlotCost& cost, const SlotSecret& secret);

    // The id of the slot that opened.
    [[nodiscard]] std::uint64_t opened_id() const;

    // The text of the new file.
    [[nodiscard]] std::string text() const;

  private:
    std::vector<Slot>::iterator find(std::uint64_t id);
    // Throws unless no slot, or only the one that is changed, opens with the secret.
    void require_new(const SlotSecret& secret, std::optional<std::uint64_t> changed) const;

    const Volume& volume_;
    const OpenedVolume& opened_;
    Config config_;
};

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_SLOTS_H

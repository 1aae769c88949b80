// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs slot remove: a secret opens the volume no longer.
#include <memory>

#include "cmd/slot.h"

namespace dcryptfs {

namespace {

struct Options {
    SlotOptions slot;
    std::uint64_t id = 0;
    bool force = false;
};

Exit run(const Options& options) {
    SlotChange change(options.slot);
    change.run([&](SlotEdit& slots) { slots.remove(options.id, options.force); });
    change.report("removed", options.id);
    return Exit::success;
}

}  // namespace

CommandRun setup_slot_remove(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    add_slot_options(app, options->slot);
    app.add_option("slot", options->id, "Which one, as slot list calls it")
        ->type_name("ID")
        ->required()
        ->check(CLI::Range(std::size_t{0}, max_slots - 1));
    app.add_flag("--force", options->force, "Even if it is the one that the given secret opens");
    add_examples(app,
                 {{"The slot that slot list calls 1", "/srv/lower 1"},
                  {"And keep no file that its secret still opens", "--no-backup /srv/lower 1"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs slot change: put another secret in the place of one.
#include <memory>

#include "cmd/slot.h"

namespace dcryptfs {

namespace {

struct Options {
    SlotOptions slot;
    std::optional<std::uint64_t> id;
    SecretSource new_secret;
    CostOptions cost;
};

Exit run(const Options& options) {
    check_cost_options(options.cost);
    require_two_sources(options.slot.secret, options.new_secret);
    SlotChange change(options.slot);
    const SlotSecret secret = read_new_secret(options.new_secret, change.dir());
    const SlotCost cost = choose_cost(options.cost);
    std::uint64_t id = 0;
    change.run([&](SlotEdit& slots) {
        id = options.id.value_or(slots.opened_id());
        slots.change(id, cost, secret);
    });
    // First, as it is the one thing that can't be had again.
    say_recovery_code(secret, id);
    change.report("changed", id);
    return Exit::success;
}

}  // namespace

CommandRun setup_slot_change(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    add_slot_options(app, options->slot);
    app.add_option("--slot", options->id, "Which one (default: the one that the secret opens)")
        ->type_name("ID")
        ->check(CLI::Range(std::size_t{0}, max_slots - 1));
    add_new_slot_options(app, options->new_secret, options->cost);
    add_examples(app, {{"Another passphrase, or the same at today's cost", "/srv/lower"},
                       {"One that was forgotten, with a recovery code",
                        "--recovery-code --slot 0 /srv/lower"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

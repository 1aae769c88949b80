// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs slot add: let another secret open a volume as well.
#include <memory>

#include "cmd/slot.h"

namespace dcryptfs {

namespace {

struct Options {
    SlotOptions slot;
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
    change.run([&](SlotEdit& slots) { id = slots.add(cost, secret); });
    // First, as it is the one thing that can't be had again.
    say_recovery_code(secret, id);
    change.report("added", id);
    return Exit::success;
}

}  // namespace

CommandRun setup_slot_add(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    add_slot_options(app, options->slot);
    add_new_slot_options(app, options->new_secret, options->cost);
    add_examples(app, {{"Another passphrase, which is asked for after one that opens the volume",
                        "/srv/lower"},
                       {"A recovery code, which is printed", "--new-recovery-code /srv/lower"},
                       {"This machine's TPM, with a PIN", "--new-tpm2-pin /srv/lower"},
                       {"A key file, with a passphrase from a file",
                        "--passphrase-file /root/pass --new-key-file /root/key /srv/lower"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

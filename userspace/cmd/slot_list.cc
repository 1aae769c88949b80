// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs slot list: the key slots of a volume, which takes no secret.
#include <memory>

#include "cmd/slot.h"
#include "cmd/slot_json.h"
#include "lib/output.h"
#include "lib/safety.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string dir;
    bool json = false;
};

void say_json(const Volume& volume) {
    Json document = {{"volume", printable(volume.dir)},
                     {"version", volume.config.version},
                     {"slots", slots_json(volume.config)}};
    dcryptfs::say_json(document);
}

// "tpm2 with a PIN and PCRs 0,7"
std::string describe_type(const Slot& slot) {
    std::string text(slot_type_name(slot.type));
    if (!slot.tpm2) {
        return text;
    }
    std::string pcrs;
    for (const std::uint64_t pcr : slot.tpm2->pcrs) {
        pcrs += (pcrs.empty() ? "PCRs " : ",") + std::to_string(pcr);
    }
    const char* joint = " with ";
    for (const std::string& part : {std::string(slot.tpm2->has_pin ? "a PIN" : ""), pcrs}) {
        if (!part.empty()) {
            text += joint + part;
            joint = " and ";
        }
    }
    return text;
}

Exit run(const Options& options) {
    const Volume volume = load_volume(options.dir);
    if (options.json) {
        say_json(volume);
        return Exit::success;
    }
    for (const Slot& slot : volume.config.slots) {
        say_field(
            "slot " + std::to_string(slot.id),
            describe_type(slot) + ", " + describe(slot.cost) + (is_weak(slot) ? " (weak)" : ""));
    }
    return Exit::success;
}

}  // namespace

CommandRun setup_slot_list(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("dir", options->dir, "The volume")->type_name("DIR")->required();
    add_json_option(app, options->json);
    add_examples(app,
                 {{"The slots of a volume", "/srv/lower"}, {"For a script", "--json /srv/lower"}});
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

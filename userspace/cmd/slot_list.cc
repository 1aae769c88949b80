// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs slot list: the key slots of a volume, which takes no secret.
#include <memory>
#include <nlohmann/json.hpp>

#include "cmd/slot.h"
#include "lib/output.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string dir;
    bool json = false;
};

void say_json(const Volume& volume) {
    using nlohmann::json;
    json document = {{"volume", printable(volume.dir)},
                     {"version", volume.config.version},
                     {"slots", json::array()}};
    for (const Slot& slot : volume.config.slots) {
        json kdf = {{"name", slot_cost_name(slot.cost)}};
        if (const auto* const cost = std::get_if<ScryptCost>(&slot.cost)) {
            kdf.update({{"n", cost->n}, {"r", cost->r}, {"p", cost->p}});
        } else {
            const auto& argon2 = std::get<Argon2Cost>(slot.cost);
            kdf.update(
                {{"memory", argon2.memory}, {"passes", argon2.passes}, {"lanes", argon2.lanes}});
        }
        document["slots"].push_back(
            {{"id", slot.id}, {"type", slot_type_name(slot.type)}, {"kdf", kdf}});
    }
    constexpr int indent = 2;
    // The path may be no UTF-8.
    say(document.dump(indent, ' ', true, json::error_handler_t::replace));
}

Exit run(const Options& options) {
    const Volume volume = load_volume(options.dir);
    if (options.json) {
        say_json(volume);
        return Exit::success;
    }
    for (const Slot& slot : volume.config.slots) {
        say_field("slot " + std::to_string(slot.id),
                  std::string(slot_type_name(slot.type)) + ", " + describe(slot.cost));
    }
    return Exit::success;
}

}  // namespace

CommandRun setup_slot_list(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("dir", options->dir, "The volume")->type_name("DIR")->required();
    app.add_flag("--json", options->json, "As one JSON object");
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

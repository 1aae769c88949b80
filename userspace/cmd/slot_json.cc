// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/slot_json.h"

#include "lib/safety.h"

namespace dcryptfs {

namespace {

Json kdf_json(const SlotCost& cost) {
    Json kdf;
    kdf["name"] = slot_cost_name(cost);
    if (const auto* const scrypt_cost = std::get_if<ScryptCost>(&cost)) {
        kdf["n"] = scrypt_cost->n;
        kdf["r"] = scrypt_cost->r;
        kdf["p"] = scrypt_cost->p;
    } else {
        const auto& argon2 = std::get<Argon2Cost>(cost);
        kdf["memory"] = argon2.memory;
        kdf["passes"] = argon2.passes;
        kdf["lanes"] = argon2.lanes;
    }
    return kdf;
}

}  // namespace

Json slots_json(const Config& config) {
    Json all = Json::array();
    for (const Slot& slot : config.slots) {
        Json one;
        one["id"] = slot.id;
        one["type"] = slot_type_name(slot.type);
        if (slot.tpm2) {
            one["pin"] = slot.tpm2->has_pin;
            one["pcrs"] = slot.tpm2->pcrs;
        }
        one["kdf"] = kdf_json(slot.cost);
        one["weak"] = is_weak(slot);
        all.push_back(one);
    }
    return all;
}

}  // namespace dcryptfs

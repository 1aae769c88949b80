// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/slots.h"

#include <algorithm>

#include "lib/cipher.h"
#include "lib/error.h"

namespace dcryptfs {

namespace {

// Encrypts the volume key for the slot, whose other fields are set.
void wrap(Slot& slot, const Secret& wrap_key, const Secret& volume_key) {
    slot.associated_data = slot_associated_data(newest_config_version, slot);
    random_bytes(slot.nonce);
    const GcmSealed sealed =
        gcm_seal(wrap_key, slot.nonce, as_bytes(slot.associated_data), volume_key.bytes());
    std::copy(sealed.text.begin(), sealed.text.end(), slot.key.begin());
    slot.tag = sealed.tag;
}

std::string name_of(std::uint64_t id) {
    return "slot " + std::to_string(id);
}

std::string list_ids(const std::vector<Slot>& slots) {
    std::string text;
    for (const Slot& slot : slots) {
        text += (text.empty() ? "" : ", ") + std::to_string(slot.id);
    }
    return text;
}

}  // namespace

Slot make_slot(std::uint64_t id, const SlotCost& cost, const SlotSecret& secret,
               const Secret& volume_key) {
    Slot slot;
    slot.id = id;
    slot.type = secret.type;
    slot.cost = cost;
    random_bytes(slot.salt);
    if (secret.type == SlotType::tpm2) {
        Tpm2Sealed sealed = tpm2_seal(secret.bytes, secret.tpm2_pcrs);
        slot.tpm2 = std::move(sealed.object);
        wrap(slot, derive_wrap_key(sealed.secret.bytes(), slot.salt, slot.cost), volume_key);
    } else {
        wrap(slot, derive_wrap_key(secret.bytes.bytes(), slot.salt, slot.cost), volume_key);
    }
    return slot;
}

std::optional<Secret> unwrap_slot(const Slot& slot, const Secret& wrap_key) {
    return gcm_open(wrap_key, slot.nonce, as_bytes(slot.associated_data), slot.key, slot.tag);
}

namespace {

const char* describe(Tpm2Refusal refusal) {
    switch (refusal) {
        case Tpm2Refusal::other_tpm:
            return "it was made by another TPM (or has been damaged or edited)";
        case Tpm2Refusal::wrong_pin:
            return "wrong PIN, which the TPM counts";
        case Tpm2Refusal::changed_pcrs:
            return "the machine has not booted as it had when the slot was made, as the PCRs that "
                   "it is bound to show; open the volume with another secret";
        case Tpm2Refusal::no_pin:
            return "the TPM takes a PIN for it (--tpm2-pin, or the mount option "
                   "tpm2_pin_file=FILE)";
    }
    return "the TPM refuses";
}

}  // namespace

SlotAttempt try_slot(const Slot& slot, const SlotSecret& secret) {
    SlotAttempt attempt;
    if (const auto problem = memory_problem(slot.cost, available_memory())) {
        attempt.problem =
            name_of(slot.id) + ": " + *problem + "; make memory free, or take a larger machine";
        attempt.code = Exit::failure;
        return attempt;
    }
    Bytes bytes = secret.bytes.bytes();
    Secret unsealed;
    if (slot.tpm2) {
        auto answer = tpm2_unseal(*slot.tpm2, secret.bytes);
        if (const auto* const refusal = std::get_if<Tpm2Refusal>(&answer)) {
            attempt.problem = name_of(slot.id) + ": " + describe(*refusal);
            return attempt;
        }
        unsealed = std::get<Secret>(std::move(answer));
        bytes = unsealed.bytes();
    }
    attempt.wrap_key = derive_wrap_key(bytes, slot.salt, slot.cost);
    attempt.volume_key = unwrap_slot(slot, attempt.wrap_key);
    return attempt;
}

std::optional<std::uint64_t> slot_of(const Config& config, const SlotSecret& secret) {
    for (const Slot& slot : config.slots) {
        if (slot.type != secret.type || slot.type == SlotType::tpm2) {
            continue;
        }
        const SlotAttempt attempt = try_slot(slot, secret);
        if (attempt.problem) {
            throw Error(attempt.code, *attempt.problem);
        }
        if (attempt.volume_key) {
            return slot.id;
        }
    }
    return std::nullopt;
}

SlotEdit::SlotEdit(const Volume& volume, const OpenedVolume& opened)
    : volume_(volume), opened_(opened), config_(volume.config) {
    for (const Slot& slot : config_.slots) {
        // What is written is lower case, and has to be what the slot's tag was made for.
        if (slot.associated_data != slot_associated_data(config_.version, slot)) {
            fail(Exit::damaged, volume.config_path,
                 "damaged configuration: " + name_of(slot.id) + " is not written as it should be");
        }
    }
    if (config_.version == newest_config_version) {
        return;
    }
    // What is encrypted for a slot says what the slot is, and says it in another way now.
    // To encrypt it anew takes that slot's key.
    if (config_.slots.size() != 1) {
        fail(Exit::failure, volume.config_path,
             "a configuration of version 1 with more than one key slot can't be changed, as its "
             "other slots could not be kept");
    }
    config_.version = newest_config_version;
    wrap(config_.slots.front(), opened.wrap_key, opened.volume_key);
}

std::uint64_t SlotEdit::opened_id() const {
    return volume_.config.slots.at(opened_.slot).id;
}

std::vector<Slot>::iterator SlotEdit::find(std::uint64_t id) {
    const auto slot = std::find_if(config_.slots.begin(), config_.slots.end(),
                                   [id](const Slot& each) { return each.id == id; });
    if (slot == config_.slots.end()) {
        fail(Exit::failure, volume_.config_path,
             "there is no " + name_of(id) + " (there are: " + list_ids(config_.slots) + ")");
    }
    return slot;
}

void SlotEdit::require_new(const SlotSecret& secret, std::optional<std::uint64_t> changed) const {
    const auto same = slot_of(config_, secret);
    if (same && same != changed) {
        fail(Exit::failure, volume_.config_path,
             name_of(*same) + " opens with this " + std::string(describe(secret.type)) +
                 " already; nothing was changed");
    }
}

std::uint64_t SlotEdit::add(const SlotCost& cost, const SlotSecret& secret) {
    std::uint64_t id = 0;
    const auto is_taken = [&](const Slot& slot) { return slot.id == id; };
    while (std::any_of(config_.slots.begin(), config_.slots.end(), is_taken)) {
        id++;
    }
    if (id >= max_slots) {
        fail(Exit::failure, volume_.config_path,
             "all " + std::to_string(max_slots) + " key slots are in use; remove one first");
    }
    require_new(secret, std::nullopt);
    const auto next = std::find_if(config_.slots.begin(), config_.slots.end(),
                                   [id](const Slot& slot) { return slot.id > id; });
    config_.slots.insert(next, make_slot(id, cost, secret, opened_.volume_key));
    return id;
}

void SlotEdit::remove(std::uint64_t id, bool force) {
    const auto slot = find(id);
    if (config_.slots.size() == 1) {
        fail(Exit::failure, volume_.config_path,
             name_of(id) +
                 " is the last one, without which nothing opens the volume; "
                 "nothing was changed");
    }
    if (id == opened_id() && !force) {
        fail(Exit::failure, volume_.config_path,
             name_of(id) +
                 " is the one that was opened just now; open the volume with what is to "
                 "stay, or give --force; nothing was changed");
    }
    config_.slots.erase(slot);
}

void SlotEdit::change(std::uint64_t id, const SlotCost& cost, const SlotSecret& secret) {
    const auto slot = find(id);
    require_new(secret, id);
    *slot = make_slot(id, cost, secret, opened_.volume_key);
}

std::string SlotEdit::text() const {
    return format_config(config_, derive_config_mac_key(opened_.volume_key));
}

}  // namespace dcryptfs

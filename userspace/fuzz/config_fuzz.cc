// SPDX-License-Identifier: GPL-2.0-or-later
#include <string_view>

#include "fuzz/fuzz.h"
#include "lib/config.h"

using namespace dcryptfs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::try_parse([&] {
        const std::string_view text(reinterpret_cast<const char*>(data), size);
        const Config config = parse_config(text, "input");
        fuzz::require(config.version >= 1 && config.version <= newest_config_version);
        fuzz::require(!config.slots.empty() && config.slots.size() <= max_slots);
        for (const Slot& slot : config.slots) {
            fuzz::require(slot.id < max_slots);
            // Nothing that takes more than this is ever computed.
            fuzz::require(slot_cost_memory(slot.cost) <= argon2_max_memory);
            fuzz::require(!slot.associated_data.empty());
        }
        // What is written is read, and is the same.
        Secret mac_key(mac_size);
        const std::string written = format_config(config, mac_key);
        const Config again = parse_config(written, "written");
        fuzz::require(again.slots.size() == config.slots.size());
        fuzz::require(format_config(again, mac_key) == written);
    });
    return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs slot: which secrets open a volume.
#include "cmd/slot.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "cmd/json.h"
#include "lib/fd.h"

namespace dcryptfs {

namespace {

constexpr std::array commands = {
    Command{"list", "Show the key slots of a volume", setup_slot_list},
    Command{"add", "Let another secret open a volume as well", setup_slot_add},
    Command{"remove", "Take a key slot away", setup_slot_remove},
    Command{"change", "Put another secret in the place of one", setup_slot_change},
};

bool is_same(const Config& a, const Config& b) {
    return a.canonical_without_mac == b.canonical_without_mac && a.mac == b.mac;
}

}  // namespace

void add_slot_options(CLI::App& app, SlotOptions& options) {
    app.add_option("dir", options.dir, "The volume")->type_name("DIR")->required();
    add_secret_options(app, options.secret);
    app.add_flag("--no-backup", options.no_backup,
                 "Keep no copy of the file as it was, and remove an older one");
    add_json_option(app, options.json);
}

void add_new_slot_options(CLI::App& app, SecretSource& new_secret, CostOptions& cost) {
    add_new_secret_options(app, new_secret);
    add_cost_options(app, cost);
    // A library's text of it would not be wiped.
    app.get_option("--new-recovery-code")->excludes("--json");
}

void require_two_sources(const SecretSource& old_secret, const SecretSource& new_secret) {
    for (const auto& fd : {old_secret.passphrase.fd, old_secret.recovery_code.fd}) {
        if (fd && fd == new_secret.passphrase.fd) {
            fail(Exit::usage, "file descriptor " + std::to_string(*fd),
                 "two secrets can't come from one descriptor, which is read to its end for the "
                 "first; give another one or a file");
        }
    }
}

void say_recovery_code(const SlotSecret& secret, std::uint64_t id) {
    if (secret.type != SlotType::recovery) {
        return;
    }
    // No text of a library's, which is not wiped.
    constexpr std::string_view before = "recovery code: ";
    Secret line(before.size() + secret.bytes.size() + 1);
    auto* const end = std::copy(before.begin(), before.end(), line.data());
    *std::copy(secret.bytes.bytes().begin(), secret.bytes.bytes().end(), end) = '\n';
    try {
        write_all(STDOUT_FILENO, line.bytes(), "standard output");
    } catch (const Error& error) {
        fail(Exit::failure, "slot " + std::to_string(id),
             "it was made, but its recovery code could not be printed (" +
                 std::string(error.what()) + "); change or remove it");
    }
}

SlotChange::SlotChange(const SlotOptions& options)
    : options_(options),
      volume_(load_volume(options.dir)),
      secret_(read_secret(options.secret, volume_.dir)),
      opened_(open_slot(volume_, secret_)) {}

void SlotChange::run(const std::function<void(SlotEdit&)>& edit) {
    LockedVolume locked(volume_.dir);
    if (!is_same(locked.volume().config, volume_.config)) {
        // Somebody else has changed it meanwhile.
        opened_ = open_slot(locked.volume(), secret_);
    }
    SlotEdit slots(locked.volume(), opened_);
    edit(slots);
    locked.replace(slots.text(), options_.no_backup ? Backup::none : Backup::keep);
}

void SlotChange::report(const char* what, std::uint64_t id) const {
    Json done;
    done[what] = id;
    if (!options_.no_backup) {
        done["backup"] = printable(volume_.dir + "/" + std::string(config_backup_name));
    }
    dcryptfs::report(done, options_.json);
}

CommandRun setup_slot(CLI::App& app) {
    app.require_subcommand(1);
    const auto chosen = std::make_shared<CommandRun>();
    add_commands(app, commands, *chosen);
    add_examples(app, {{"The slots of a volume", "list /srv/lower"},
                       {"A recovery code for it", "add --new-recovery-code /srv/lower"}});
    // The pointer keeps what the commands' callbacks refer to.
    return [chosen] { return (*chosen)(); };
}

}  // namespace dcryptfs

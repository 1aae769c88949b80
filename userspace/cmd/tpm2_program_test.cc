// SPDX-License-Identifier: GPL-2.0-or-later
// Key slots that a TPM opens, from outside; the TPM is one in software.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "testing/files.h"
#include "testing/outcome.h"
#include "testing/soft_tpm.h"
#include "testing/vectors.h"

using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using nlohmann::json;

Words operator+(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

struct TpmVolume {
    TempDir dir;
    std::string path = dir / "v";
    Words pin = {"--tpm2-pin-file", dir / "pin"};
    Words wrong_pin = {"--tpm2-pin-file", dir / "wrong"};

    TpmVolume() {
        std::filesystem::create_directory(path);
        write_file(path + "/dcryptfs.json", config_2_json);
        write_file(path + "/file", dcryptfs::Bytes(unhex(fields_hex)));
        std::filesystem::resize_file(path + "/file", 8192);
        write_file(dir / "pass", passphrase);
        write_file(dir / "pin", "1234\n");
        write_file(dir / "wrong", "1235\n");
    }

    [[nodiscard]] Outcome slot(const std::string& command, const Words& words) const {
        return run(Words{"slot", command, path} + words);
    }
    [[nodiscard]] Outcome add(const Words& words) const {
        return slot(
            "add", Words{"--passphrase-file", dir / "pass", "--kdf", "scrypt", "--kdf-time", "10"} +
                       words);
    }
    [[nodiscard]] Outcome cat(const Words& words) const {
        return run(Words{"cat", path + "/file"} + words);
    }
};

}  // namespace

TEST_CASE("a TPM opens a volume, and no other one does", "[tpm2]") {
    const TpmVolume volume;
    std::optional<SoftTpm> tpm(std::in_place);
    const Outcome added = volume.add({"--new-tpm2"});
    REQUIRE(added.exit_code == 0);
    CHECK_THAT(added.out, StartsWith("added: 1\n"));
    CHECK(volume.cat({"--tpm2"}).exit_code == 0);
    tpm->restart();
    CHECK(volume.cat({"--tpm2"}).exit_code == 0);
    CHECK_THAT(volume.slot("list", {}).out, Contains("slot 1: tpm2, scrypt, n=1024 r=8 p=1\n"));
    // a second slot of the same TPM is as good as the first
    CHECK(volume.add({"--new-tpm2"}).exit_code == 0);
    CHECK(volume.slot("remove", {"--tpm2", "1", "--force"}).exit_code == 0);
    CHECK(volume.cat({"--tpm2"}).exit_code == 0);

    tpm.reset();
    check_fails(volume.cat({"--tpm2"}), 1, "TPM: none is there");
    CHECK(volume.cat({"--passphrase-file", volume.dir / "pass"}).exit_code == 0);
    tpm.emplace();
    check_fails(volume.cat({"--tpm2"}), 3, "slot 2: it was made by another TPM");
}

TEST_CASE("a TPM takes a PIN if it was given one", "[tpm2]") {
    const TpmVolume volume;
    const SoftTpm tpm;
    REQUIRE(volume.add({"--new-tpm2-pin-file", volume.dir / "pin", "--new-tpm2-pcrs", "7,0,7"})
                .exit_code == 0);
    CHECK_THAT(volume.slot("list", {}).out,
               Contains("slot 1: tpm2 with a PIN and PCRs 0,7, scrypt"));
    const json slot = json::parse(volume.slot("list", {"--json"}).out)["slots"][1];
    CHECK(slot["type"] == "tpm2");
    CHECK(slot["pin"] == true);
    CHECK(slot["pcrs"] == json({0, 7}));
    CHECK(volume.cat(volume.pin).exit_code == 0);
    check_fails(volume.cat({"--tpm2"}), 3, "slot 1: the TPM takes a PIN for it");
    check_fails(volume.cat(volume.wrong_pin), 3, "slot 1: wrong PIN");
    check_fails(volume.cat({"--tpm2-pin"}), 2,
                "no PIN of the TPM can be asked for; give --tpm2-pin-file");
    tpm.tool(
        "tpm2_pcrextend 7:sha256="
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    check_fails(volume.cat(volume.pin), 3, "slot 1: the machine has not booted as it had");
    CHECK(volume
              .slot("change", Words{"--passphrase-file", volume.dir / "pass", "--slot", "1",
                                    "--new-tpm2-pin-file", volume.dir / "wrong"})
              .exit_code == 0);
    CHECK(volume.cat(volume.wrong_pin).exit_code == 0);
    check_fails(volume.cat(volume.pin), 3, "slot 1: wrong PIN");
}

TEST_CASE("options for a TPM that make no sense are refused", "[tpm2]") {
    const TpmVolume volume;
    check_fails(volume.cat({"--tpm2"}), 3, "no key slot of it takes a TPM");
    CHECK(volume.cat({"--tpm2", "--key-file", "k"}).exit_code == 2);
    CHECK(volume.add({"--new-tpm2", "--new-key-file", "k"}).exit_code == 2);
    CHECK(volume.add({"--new-tpm2", "--new-tpm2-pcrs", "24"}).exit_code == 2);
    check_fails(volume.add({"--new-tpm2-pcrs", "7"}), 2, "--new-tpm2-pcrs: goes with --new-tpm2");
    CHECK(volume.add({"--new-recovery-code", "--new-tpm2-pcrs", "7"}).exit_code == 2);
    CHECK(read_file(volume.path + "/dcryptfs.json") == config_2_json);
}

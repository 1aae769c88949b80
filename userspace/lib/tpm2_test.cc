// SPDX-License-Identifier: GPL-2.0-or-later
// Against a TPM in software, and against tpm2-tools.
#include "lib/tpm2.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "lib/bytes.h"
#include "lib/kdf.h"
#include "testing/errors.h"
#include "testing/soft_tpm.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

Secret pin_of(std::string_view text) {
    return text.empty() ? Secret() : secret_of(as_bytes(text));
}

Tpm2Refusal refusal_of(std::variant<Secret, Tpm2Refusal> answer) {
    return std::get<Tpm2Refusal>(std::move(answer));
}

std::string hex_of(std::variant<Secret, Tpm2Refusal> answer) {
    return to_hex(std::get<Secret>(std::move(answer)).bytes());
}

// The public key's template of Documentation/on-disk-format.md, and the object under it.
void load_by_tools(const SoftTpm& tpm, const Tpm2Object& object) {
    write_file(tpm / "public", Bytes(object.public_area));
    write_file(tpm / "private", Bytes(object.private_area));
    tpm.tool(
        "tpm2_createprimary -C o -g sha256 -G ecc256:aes128cfb -c primary -a "
        "'restricted|decrypt|fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda' && "
        "tpm2_flushcontext -t && tpm2_load -C primary -u public -r private -c object && "
        "tpm2_flushcontext -t");
}

}  // namespace

TEST_CASE("a TPM gives back what it has sealed, and its tools read the same", "[tpm2]") {
    SoftTpm tpm;
    const Tpm2Sealed sealed = tpm2_seal(Secret(), {});
    CHECK_FALSE(sealed.object.has_pin);
    CHECK(sealed.secret.size() == tpm2_secret_size);
    const std::string expected = to_hex(sealed.secret.bytes());
    CHECK(hex_of(tpm2_unseal(sealed.object, Secret())) == expected);
    CHECK(hex_of(tpm2_unseal(sealed.object, pin_of("needless"))) == expected);
    CHECK(to_hex(tpm2_seal(Secret(), {}).secret.bytes()) != expected);

    tpm.restart();
    CHECK(hex_of(tpm2_unseal(sealed.object, Secret())) == expected);
    load_by_tools(tpm, sealed.object);
    tpm.tool("tpm2_unseal -c object");
    CHECK(to_hex(as_bytes(read_file(tpm / "out"))) == expected);
}

TEST_CASE("a PIN is needed, and wrong ones are counted", "[tpm2]") {
    const SoftTpm tpm;
    const Tpm2Sealed sealed = tpm2_seal(pin_of("1234"), {});
    CHECK(sealed.object.has_pin);
    const std::string expected = to_hex(sealed.secret.bytes());
    CHECK(hex_of(tpm2_unseal(sealed.object, pin_of("1234"))) == expected);
    CHECK(refusal_of(tpm2_unseal(sealed.object, Secret())) == Tpm2Refusal::no_pin);
    CHECK(refusal_of(tpm2_unseal(sealed.object, pin_of("1235"))) == Tpm2Refusal::wrong_pin);
    Tpm2Object edited = sealed.object;
    edited.has_pin = false;
    CHECK(refusal_of(tpm2_unseal(edited, Secret())) == Tpm2Refusal::wrong_pin);

    load_by_tools(tpm, sealed.object);
    const Secret auth = hkdf_sha512(as_bytes("1234"), as_bytes("dcryptfs/2 tpm2-pin"), 32);
    tpm.tool("tpm2_unseal -c object -p hex:" + to_hex(auth.bytes()));
    CHECK(to_hex(as_bytes(read_file(tpm / "out"))) == expected);

    tpm.tool(
        "tpm2_dictionarylockout --setup-parameters --max-tries=1 --recovery-time=1000 "
        "--lockout-recovery-time=1000");
    const Error error = error_of([&] { (void)tpm2_unseal(sealed.object, pin_of("1234")); });
    CHECK(error.code() == Exit::failure);
    CHECK_THAT(error.what(), Contains("too many wrong PINs"));
}

TEST_CASE("a PIN whose value ends with a zero is as good as any", "[tpm2]") {
    const SoftTpm tpm;
    int pin = 0;
    const auto ends_with_zero = [](int number) {
        const Secret auth =
            hkdf_sha512(as_bytes(std::to_string(number)), as_bytes("dcryptfs/2 tpm2-pin"), 32);
        return auth.bytes().back() == 0;
    };
    while (!ends_with_zero(pin)) {
        pin++;
    }
    for (const std::vector<std::uint64_t>& pcrs : {std::vector<std::uint64_t>{}, {7}}) {
        const Tpm2Sealed sealed = tpm2_seal(pin_of(std::to_string(pin)), pcrs);
        CHECK(hex_of(tpm2_unseal(sealed.object, pin_of(std::to_string(pin)))) ==
              to_hex(sealed.secret.bytes()));
    }
}

TEST_CASE("a secret that is bound to PCRs takes the machine as it was", "[tpm2]") {
    SoftTpm tpm;
    const std::string extend =
        "tpm2_pcrextend 7:sha256=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    for (const char* const pin : {"", "1234"}) {
        CAPTURE(pin);
        tpm.restart();
        tpm.tool(extend);
        const Tpm2Sealed sealed = tpm2_seal(pin_of(pin), {0, 7});
        const std::string expected = to_hex(sealed.secret.bytes());
        CHECK(hex_of(tpm2_unseal(sealed.object, pin_of(pin))) == expected);
        // of the others, what they hold is of no interest
        tpm.tool(
            "tpm2_pcrextend 8:sha256="
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        CHECK(hex_of(tpm2_unseal(sealed.object, pin_of(pin))) == expected);
        if (*pin != '\0') {
            CHECK(refusal_of(tpm2_unseal(sealed.object, pin_of("1235"))) == Tpm2Refusal::wrong_pin);
        }
        tpm.tool(extend);
        CHECK(refusal_of(tpm2_unseal(sealed.object, pin_of(pin))) == Tpm2Refusal::changed_pcrs);
        Tpm2Object edited = sealed.object;
        edited.pcrs = {0};
        CHECK(refusal_of(tpm2_unseal(edited, pin_of(pin))) == Tpm2Refusal::changed_pcrs);
        edited.pcrs = {};
        CHECK_FALSE(std::holds_alternative<Secret>(tpm2_unseal(edited, pin_of(pin))));
        tpm.restart();
        tpm.tool(extend);
        CHECK(hex_of(tpm2_unseal(sealed.object, pin_of(pin))) == expected);
    }
}

TEST_CASE("another TPM, and what is no object, are refused", "[tpm2]") {
    Tpm2Object object;
    {
        const SoftTpm first;
        object = tpm2_seal(Secret(), {}).object;
    }
    const SoftTpm tpm;
    CHECK(refusal_of(tpm2_unseal(object, Secret())) == Tpm2Refusal::other_tpm);
    const Tpm2Object own = tpm2_seal(Secret(), {}).object;
    for (std::vector<std::uint8_t> Tpm2Object::*const area :
         {&Tpm2Object::public_area, &Tpm2Object::private_area}) {
        for (std::size_t i = 0; i < (own.*area).size(); i++) {
            Tpm2Object changed = own;
            (changed.*area)[i] ^= 1U;
            CAPTURE(i);
            CHECK(refusal_of(tpm2_unseal(changed, Secret())) == Tpm2Refusal::other_tpm);
        }
        Tpm2Object longer = own;
        (longer.*area).push_back(0);
        CHECK(refusal_of(tpm2_unseal(longer, Secret())) == Tpm2Refusal::other_tpm);
    }
}

TEST_CASE("without a TPM there is an error that says so", "[tpm2]") {
    (void)setenv("TPM2TOOLS_TCTI", "swtpm:host=127.0.0.1,port=1", 1);
    const Error error = error_of([] { (void)tpm2_seal(Secret(), {}); });
    (void)unsetenv("TPM2TOOLS_TCTI");
    CHECK(error.code() == Exit::failure);
    CHECK_THAT(error.what(), Contains("TPM: none is there"));
}

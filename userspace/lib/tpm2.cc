// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/tpm2.h"

#include <openssl/crypto.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "lib/cipher.h"
#include "lib/error.h"
#include "lib/kdf.h"

namespace dcryptfs {

namespace {

// Which TPM, as the tools of tpm2-tss are told it; by default the machine's own.
constexpr const char* tcti_variable = "TPM2TOOLS_TCTI";

// So that a PIN may have any length.
constexpr std::string_view pin_label = "dcryptfs/2 tpm2-pin";
constexpr std::size_t auth_size = TPM2_SHA256_DIGEST_SIZE;

constexpr TPMT_SYM_DEF session_cipher = {
    .algorithm = TPM2_ALG_AES, .keyBits = {.aes = 128}, .mode = {.aes = TPM2_ALG_CFB}};

constexpr TPMT_SYM_DEF_OBJECT storage_cipher = {
    .algorithm = TPM2_ALG_AES, .keyBits = {.aes = 128}, .mode = {.aes = TPM2_ALG_CFB}};

// The code of the TPM's answer, without the number of what it is about, or of a library.
TSS2_RC code_of(TSS2_RC result) {
    constexpr TSS2_RC layer_bits = 0xffff0000U;
    constexpr TSS2_RC number_bits = 0xf40U;
    const TSS2_RC code = result & ~layer_bits;
    return (code & TPM2_RC_FMT1) != 0 ? code & ~number_bits : code;
}

[[noreturn]] void fail_tpm(std::string_view what, TSS2_RC result) {
    std::string reason(what);
    reason += ": ";
    reason += printable(Tss2_RC_Decode(result));
    if (code_of(result) == TPM2_RC_LOCKOUT) {
        reason += "; it has been given too many wrong PINs, and takes none for a while";
    }
    fail(Exit::failure, "TPM", reason);
}

void check(TSS2_RC result, std::string_view what) {
    if (result != TSS2_RC_SUCCESS) {
        fail_tpm(what, result);
    }
}

// What the library gives is its caller's to free.
template <typename T>
struct EsysDeleter {
    void operator()(T* object) const noexcept {
        OPENSSL_cleanse(object, sizeof(*object));
        Esys_Free(object);
    }
};
template <typename T>
using EsysPtr = std::unique_ptr<T, EsysDeleter<T>>;

class Tpm {
  public:
    Tpm() {
        // What goes wrong is in the error that is thrown.
        (void)setenv("TSS2_LOG", "all+none", 0);
        const char* const name = std::getenv(tcti_variable);
        const TSS2_RC result = Tss2_TctiLdr_Initialize(name, &tcti_);
        if (result != TSS2_RC_SUCCESS) {
            fail(Exit::failure, "TPM",
                 "none is there, or it can't be used: " + printable(Tss2_RC_Decode(result)) + " (" +
                     tcti_variable + " says which, if it isn't the machine's own)");
        }
        if (const TSS2_RC failed = Esys_Initialize(&context_, tcti_, nullptr);
            failed != TSS2_RC_SUCCESS) {
            Tss2_TctiLdr_Finalize(&tcti_);
            fail_tpm("initialize", failed);
        }
    }
    ~Tpm() {
        Esys_Finalize(&context_);
        Tss2_TctiLdr_Finalize(&tcti_);
    }
    Tpm(const Tpm&) = delete;
    Tpm& operator=(const Tpm&) = delete;
    Tpm(Tpm&&) = delete;
    Tpm& operator=(Tpm&&) = delete;

    [[nodiscard]] ESYS_CONTEXT* get() const noexcept { return context_; }

  private:
    TSS2_TCTI_CONTEXT* tcti_ = nullptr;
    ESYS_CONTEXT* context_ = nullptr;
};

// A key, an object or a session in the TPM, which has room for three.
class Handle {
  public:
    Handle(const Tpm& tpm, ESYS_TR value) noexcept : tpm_(tpm), value_(value) {}
    ~Handle() { (void)Esys_FlushContext(tpm_.get(), value_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    Handle(Handle&&) = delete;
    Handle& operator=(Handle&&) = delete;

    [[nodiscard]] ESYS_TR get() const noexcept { return value_; }

  private:
    const Tpm& tpm_;
    ESYS_TR value_;
};

// The key that objects are made under: always the same, made of the TPM's own seed for storage
// and this template.
ESYS_TR make_primary(const Tpm& tpm) {
    const TPM2B_SENSITIVE_CREATE sensitive{};
    TPM2B_PUBLIC key{};
    TPMT_PUBLIC& area = key.publicArea;
    area.type = TPM2_ALG_ECC;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT | TPMA_OBJECT_FIXEDTPM |
                            TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
                            TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA;
    area.parameters.eccDetail.symmetric = storage_cipher;
    area.parameters.eccDetail.scheme.scheme = TPM2_ALG_NULL;
    area.parameters.eccDetail.curveID = TPM2_ECC_NIST_P256;
    area.parameters.eccDetail.kdf.scheme = TPM2_ALG_NULL;
    const TPM2B_DATA outside{};
    const TPML_PCR_SELECTION none{};
    ESYS_TR handle = ESYS_TR_NONE;
    check(Esys_CreatePrimary(tpm.get(), ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                             ESYS_TR_NONE, &sensitive, &key, &outside, &none, &handle, nullptr,
                             nullptr, nullptr, nullptr),
          "make the storage key");
    return handle;
}

// A session whose secret only this TPM learns: what is sent in it is encrypted on the wire.
ESYS_TR start_session(const Tpm& tpm, ESYS_TR primary, TPM2_SE type, TPMA_SESSION encrypted) {
    ESYS_TR handle = ESYS_TR_NONE;
    check(Esys_StartAuthSession(tpm.get(), primary, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                ESYS_TR_NONE, nullptr, type, &session_cipher, TPM2_ALG_SHA256,
                                &handle),
          "start a session");
    constexpr TPMA_SESSION all = 0xff;
    check(
        Esys_TRSess_SetAttributes(tpm.get(), handle, TPMA_SESSION_CONTINUESESSION | encrypted, all),
        "start a session");
    return handle;
}

TPML_PCR_SELECTION select_pcrs(const std::vector<std::uint64_t>& pcrs) {
    constexpr std::size_t bits = 8;
    TPML_PCR_SELECTION selection{};
    selection.count = 1;
    TPMS_PCR_SELECTION& bank = selection.pcrSelections[0];
    bank.hash = TPM2_ALG_SHA256;
    bank.sizeofSelect = tpm2_registers / bits;
    for (const std::uint64_t pcr : pcrs) {
        bank.pcrSelect[pcr / bits] |= static_cast<BYTE>(1U << (pcr % bits));
    }
    return selection;
}

// Says in a session what the object asks for.
void apply_policy(const Tpm& tpm, ESYS_TR session, const std::vector<std::uint64_t>& pcrs,
                  bool has_pin) {
    const TPM2B_DIGEST as_they_are{};
    const TPML_PCR_SELECTION selection = select_pcrs(pcrs);
    check(Esys_PolicyPCR(tpm.get(), session, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &as_they_are,
                         &selection),
          "look at the PCRs");
    if (has_pin) {
        check(Esys_PolicyAuthValue(tpm.get(), session, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE),
              "ask for the PIN");
    }
}

TPM2B_DIGEST policy_digest(const Tpm& tpm, ESYS_TR primary, const std::vector<std::uint64_t>& pcrs,
                           bool has_pin) {
    const Handle session(tpm, start_session(tpm, primary, TPM2_SE_TRIAL, 0));
    apply_policy(tpm, session.get(), pcrs, has_pin);
    TPM2B_DIGEST* raw = nullptr;
    check(Esys_PolicyGetDigest(tpm.get(), session.get(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                               &raw),
          "make the policy");
    const EsysPtr<TPM2B_DIGEST> digest(raw);
    return *digest;
}

// What the PIN is to the TPM, wiped after use.
class PinAuth {
  public:
    explicit PinAuth(const Secret& pin) {
        if (pin.empty()) {
            return;
        }
        const Secret key = hkdf_sha512(pin.bytes(), as_bytes(pin_label), auth_size);
        std::copy(key.bytes().begin(), key.bytes().end(), auth_.buffer);
        auth_.size = auth_size;
    }
    ~PinAuth() { OPENSSL_cleanse(&auth_, sizeof(auth_)); }
    PinAuth(const PinAuth&) = delete;
    PinAuth& operator=(const PinAuth&) = delete;
    PinAuth(PinAuth&&) = delete;
    PinAuth& operator=(PinAuth&&) = delete;

    [[nodiscard]] const TPM2B_AUTH& get() const noexcept { return auth_; }

  private:
    TPM2B_AUTH auth_{};
};

// A copy that is wiped.
class SealedData {
  public:
    SealedData(const Secret& secret, const PinAuth& pin) {
        create_.sensitive.userAuth = pin.get();
        create_.sensitive.data.size = static_cast<UINT16>(secret.size());
        std::copy(secret.bytes().begin(), secret.bytes().end(), create_.sensitive.data.buffer);
    }
    ~SealedData() { OPENSSL_cleanse(&create_, sizeof(create_)); }
    SealedData(const SealedData&) = delete;
    SealedData& operator=(const SealedData&) = delete;
    SealedData(SealedData&&) = delete;
    SealedData& operator=(SealedData&&) = delete;

    [[nodiscard]] const TPM2B_SENSITIVE_CREATE& get() const noexcept { return create_; }

  private:
    TPM2B_SENSITIVE_CREATE create_{};
};

template <typename T, typename Marshal>
std::vector<std::uint8_t> marshal(const T& value, Marshal function) {
    std::vector<std::uint8_t> bytes(max_tpm2_area);
    std::size_t offset = 0;
    check(function(&value, bytes.data(), bytes.size(), &offset), "write what it has made");
    bytes.resize(offset);
    return bytes;
}

// False unless the bytes are one such value and nothing else.
template <typename T, typename Unmarshal>
bool unmarshal(const std::vector<std::uint8_t>& bytes, Unmarshal function, T& value) {
    std::size_t offset = 0;
    return function(bytes.data(), bytes.size(), &offset, &value) == TSS2_RC_SUCCESS &&
           offset == bytes.size();
}

// What an object says when it is asked for its secret.
std::optional<Tpm2Refusal> refusal_of(TSS2_RC result) {
    switch (code_of(result)) {
        case TPM2_RC_AUTH_FAIL:
        case TPM2_RC_BAD_AUTH:
            return Tpm2Refusal::wrong_pin;
        case TPM2_RC_POLICY_FAIL:
        case TPM2_RC_PCR_CHANGED:
            return Tpm2Refusal::changed_pcrs;
        // it isn't opened in the way that the slot says
        case TPM2_RC_AUTH_UNAVAILABLE:
            return Tpm2Refusal::other_tpm;
        default:
            return std::nullopt;
    }
}

// Loads the object, whose handle is the caller's; or the TPM does not take it.
std::optional<ESYS_TR> load(const Tpm& tpm, ESYS_TR primary, const Tpm2Object& object) {
    TPM2B_PUBLIC public_area{};
    TPM2B_PRIVATE private_area{};
    if (!unmarshal(object.public_area, Tss2_MU_TPM2B_PUBLIC_Unmarshal, public_area) ||
        !unmarshal(object.private_area, Tss2_MU_TPM2B_PRIVATE_Unmarshal, private_area)) {
        return std::nullopt;
    }
    ESYS_TR handle = ESYS_TR_NONE;
    const TSS2_RC result = Esys_Load(tpm.get(), primary, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                     ESYS_TR_NONE, &private_area, &public_area, &handle);
    // The codes of this sort are about what was given.
    if (result != TSS2_RC_SUCCESS && (code_of(result) & TPM2_RC_FMT1) != 0) {
        return std::nullopt;
    }
    check(result, "load a slot's object");
    return handle;
}

}  // namespace

Tpm2Sealed tpm2_seal(const Secret& pin, const std::vector<std::uint64_t>& pcrs) {
    Tpm2Sealed sealed{{{}, {}, pcrs, !pin.empty()}, Secret(tpm2_secret_size)};
    random_bytes(sealed.secret.bytes());
    const Tpm tpm;
    const Handle primary(tpm, make_primary(tpm));
    TPM2B_PUBLIC area{};
    area.publicArea.type = TPM2_ALG_KEYEDHASH;
    area.publicArea.nameAlg = TPM2_ALG_SHA256;
    // Only where there is a PIN are wrong ones counted.
    area.publicArea.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                       (pin.empty() ? TPMA_OBJECT_NODA : 0) |
                                       (pcrs.empty() ? TPMA_OBJECT_USERWITHAUTH : 0);
    area.publicArea.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
    if (!pcrs.empty()) {
        area.publicArea.authPolicy = policy_digest(tpm, primary.get(), pcrs, !pin.empty());
    }
    const Handle session(tpm,
                         start_session(tpm, primary.get(), TPM2_SE_HMAC, TPMA_SESSION_DECRYPT));
    const PinAuth auth(pin);
    const SealedData data(sealed.secret, auth);
    const TPM2B_DATA outside{};
    const TPML_PCR_SELECTION none{};
    TPM2B_PRIVATE* made_private = nullptr;
    TPM2B_PUBLIC* made_public = nullptr;
    check(Esys_Create(tpm.get(), primary.get(), session.get(), ESYS_TR_NONE, ESYS_TR_NONE,
                      &data.get(), &area, &outside, &none, &made_private, &made_public, nullptr,
                      nullptr, nullptr),
          "seal a secret");
    const EsysPtr<TPM2B_PRIVATE> owned_private(made_private);
    const EsysPtr<TPM2B_PUBLIC> owned_public(made_public);
    sealed.object.public_area = marshal(*made_public, Tss2_MU_TPM2B_PUBLIC_Marshal);
    sealed.object.private_area = marshal(*made_private, Tss2_MU_TPM2B_PRIVATE_Marshal);
    return sealed;
}

std::variant<Secret, Tpm2Refusal> tpm2_unseal(const Tpm2Object& object, const Secret& pin) {
    if (object.has_pin && pin.empty()) {
        return Tpm2Refusal::no_pin;
    }
    const Tpm tpm;
    const Handle primary(tpm, make_primary(tpm));
    const auto loaded = load(tpm, primary.get(), object);
    if (!loaded) {
        return Tpm2Refusal::other_tpm;
    }
    const Handle item(tpm, *loaded);
    if (object.has_pin) {
        const PinAuth auth(pin);
        check(Esys_TR_SetAuth(tpm.get(), item.get(), &auth.get()), "take the PIN");
    }
    const bool has_policy = !object.pcrs.empty();
    const Handle session(
        tpm, start_session(tpm, primary.get(), has_policy ? TPM2_SE_POLICY : TPM2_SE_HMAC,
                           TPMA_SESSION_ENCRYPT));
    if (has_policy) {
        apply_policy(tpm, session.get(), object.pcrs, object.has_pin);
    }
    TPM2B_SENSITIVE_DATA* raw = nullptr;
    if (const TSS2_RC result =
            Esys_Unseal(tpm.get(), item.get(), session.get(), ESYS_TR_NONE, ESYS_TR_NONE, &raw);
        result != TSS2_RC_SUCCESS) {
        if (const auto refusal = refusal_of(result)) {
            return *refusal;
        }
        fail_tpm("open a slot's object", result);
    }
    const EsysPtr<TPM2B_SENSITIVE_DATA> data(raw);
    if (data->size != tpm2_secret_size) {
        return Tpm2Refusal::other_tpm;
    }
    Secret secret(tpm2_secret_size);
    std::copy_n(data->buffer, tpm2_secret_size, secret.data());
    return secret;
}

}  // namespace dcryptfs

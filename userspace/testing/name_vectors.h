// SPDX-License-Identifier: GPL-2.0-or-later
// Encrypted names, targets and values under the volume key of vectors.h, as known
// answers.  They were computed with Python's hmac and base64 and with "openssl enc
// -aes-256-ctr" (the two keys with HKDF by hand), not with this code.
#ifndef DCRYPTFS_TESTING_NAME_VECTORS_H
#define DCRYPTFS_TESTING_NAME_VECTORS_H

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "lib/ondisk.h"

namespace dcryptfs::testing {

inline constexpr std::string_view name_mac_key_hex =
    "18ba5d1e57ec29d9168e397c2d7232cbbde8947c8562add7f07fed15d266e81b";
inline constexpr std::string_view name_key_hex =
    "f40e08317312b41523bde38f7d7ee90946e39272b08cc9d7a5e0e1c76f17950d";

// Nonces: 10 11 ... 1f of the directory, 20 ... of the link, 30 ... of the value.
inline constexpr SealNonce dir_nonce = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
                                        0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f};
inline constexpr SealNonce link_nonce = {0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27,
                                         0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f};
inline constexpr SealNonce value_nonce = {0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37,
                                          0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f};

// The target of .dcryptfs.dir.
inline constexpr std::string_view dir_id = "ARAREhMUFRYXGBkaGxwdHh9CYxEuOZXM2v07BDEgl4td";

// The name of `size` bytes abc...zabc... in that directory.
struct NameVector {
    std::size_t size;
    std::string_view tag;     // what follows .dcryptfs.long., or nothing
    std::string_view sealed;  // the lower name, or the target of the sidecar
};
inline constexpr std::array<NameVector, 7> name_vectors = {{
    {1, "", "y7ABLcFViMX6Yhf4nFV-nlsCyu4U_Z5SIjlqd2xF9Hk"},
    {15, "", "f2rrVQCbKcgN8G60mjhq6ayhnQ_mLw4Ri0AXlkCGAZg"},
    {16, "", "ivK0tOQ20k1mTzPGr83xXI52oyognFjbSWkXBpj1Xe0"},
    {17, "", "RqJC3DwfrvC5X5jeDRnXMHJxOMTwjvDTNKFWPe8iPn85PP2E9hTuUXNHm7EO_-Am"},
    {160, "",
     "9DN799BX-FIM_EcxIeZhqNpvYJWUyBpBJJeIGjkL22whwifKeeHcWv_Ruj5Kshf9FhlciLEM9yJQ_XQVveKLOU5bt_B"
     "Udg-9LZG_NR67SZB8MXajCLnyN26q-EzCiLPOGNgclgORQamuEYe2mbNQxQgngmh6GfIkvUWZibPCux_EgN1owRB9_c"
     "PCIuat4-9a5lfxeioLzkZwurFGxHEfOjCGGND99Hooxk7BgJr3HX8"},
    {161, "uiaKdYDP_jbK97ag5p3a0HN8UpmuCMLw-5mjYGwf6n8",
     "uiaKdYDP_jbK97ag5p3a0BSTG_ddDbeMbjmBN7IUngByD4PuPyHDhRqnjwl1yQljZHwWHVjraYmYllBMM_A2h2NtRpf"
     "Hsb1XxyLwZA0tb3VrUmpjd4zC8SdynfgkjI8n9aoFEXRsQei1uLPem68zZCSSEIuXkfyIBjEDbAKiPM5uchcSlRfBCj"
     "_Sd2sm3wtaOiAeM3hB__6nyeuqKb_dEIuimIgKvOP_YvAq2me2pIjvYyIPySSxQuJoPSOrIGZ_"},
    {255, "Bni0ybMOHPw_qArea3y9zUvTqPpRbIt2TYAZsOwd6xo",
     "Bni0ybMOHPw_qArea3y9zR89skJ-om_Q9NnTbHMq-pGa9duiiFyyR0txQMuGhnqor37J6gqFuFJLTjuSyBCZo4g3B2C"
     "eu7WAIs1mVJe6fryDjxU0hTtf9ojCarR3BjLe3kFHYBjLMznUgB73_nRWgEQchmLEjklYNKQ5RQaRkfwM0elkEToiqo"
     "hJuDsZveF4eq-P-PKaNEldWyqYSTb6Ff9q7QG2Xr8sRQ4iBpmT9DX4bjvOM8sEj1TTbJNU2WWLk7LOrz3zW-ifgs8Mo"
     "h-wxlKpKZY4-njdgMXHtVMoLyJudlsgFiD0NnkezLGADCOkUk1zS4XGsSkTgqjs4jR0YrLcsqH2kcAVKzmm7kX9ntM"},
}};

struct TargetVector {
    std::string_view upper;
    std::string_view lower;
};
inline constexpr std::array<TargetVector, 2> target_vectors = {{
    {"a", "ICEiIyQlJicoKSorLC0uL2ITZ2A-hgMqcGZiaK4N4H1eTYrrpHvO71b56LothjYv"},
    {"../where/it/goes.",
     "ICEiIyQlJicoKSorLC0uL21lA3YUMpp0zWiQltCbAMvboPaGPbEIZC4hW9NIu6Kolbdp0-1ScoaAZ6UVnqqE4g"},
}};

// Of the attribute user.comment.
struct ValueVector {
    std::string_view upper_hex;
    std::string_view lower_hex;
};
inline constexpr std::array<ValueVector, 3> value_vectors = {{
    {"", "303132333435363738393a3b3c3d3e3fe30e98aeaf34f1d01e224ea714d30439"},
    {"68656c6c6f", "303132333435363738393a3b3c3d3e3f2b8350cd1a733f970a49eadb3d1783047801d47c74"},
    {"00010000", "303132333435363738393a3b3c3d3e3f4a3e77236426154490d81fcd2c777df1cac1a425"},
}};

// The upper name of a NameVector.
std::string vector_name(std::size_t size);

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_NAME_VECTORS_H

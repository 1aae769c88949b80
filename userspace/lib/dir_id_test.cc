// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/dir_id.h"

#include <catch2/catch.hpp>

#include "testing/errors.h"
#include "testing/lower_tree.h"
#include "testing/name_vectors.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

void check_refused(std::string_view target, const std::string& reason) {
    CAPTURE(std::string(target));
    const Error error = error_of([&] { (void)parse_dir_id(known_sealer(), target, "/v/id"); });
    CHECK_THAT(error.what(),
               Catch::Matchers::StartsWith("/v/id: ") && Catch::Matchers::Contains(reason));
    CHECK(error.code() == Exit::damaged);
}

}  // namespace

TEST_CASE("a directory's nonce goes to the known target and back", "[dir_id]") {
    CHECK(make_dir_id(known_sealer(), dir_nonce) == dir_id);
    CHECK(dir_id.size() == dir_id_characters);
    CHECK(parse_dir_id(known_sealer(), dir_id, "id") == dir_nonce);
}

TEST_CASE("another target of .dcryptfs.dir is refused", "[dir_id]") {
    check_refused("", "not the nonce of a directory");
    check_refused("../elsewhere", "not the nonce of a directory");
    check_refused(std::string(dir_id) + "A", "not the nonce of a directory");
    check_refused(std::string(dir_id) + "AA", "not the nonce of a directory");
    check_refused(dir_id.substr(0, 43), "not the nonce of a directory");
    check_refused(dir_id.substr(0, 40), "not the nonce of a directory");
    auto bytes = from_base64url(dir_id).value();
    bytes[0] = 2;
    check_refused(to_base64url(bytes), "unknown version 2");
    bytes.push_back(0);
    check_refused(to_base64url(bytes), "unknown version 2");
    for (std::size_t bit = 8; bit < sizeof(dcrypt_dir_id) * 8; bit++) {
        bytes = from_base64url(dir_id).value();
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        check_refused(to_base64url(bytes), "of a volume with another key");
    }
}

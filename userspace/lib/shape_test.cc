// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/shape.h"

#include <catch2/catch.hpp>
#include <string>

#include "lib/names.h"
#include "lib/sealed_value.h"
#include "testing/lower_tree.h"
#include "testing/name_vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

std::string without_last(std::string_view text) {
    return std::string(text.substr(0, text.size() - 1));
}

}  // namespace

TEST_CASE("what is sealed has a shape, and little else has", "[shape]") {
    CHECK(looks_like_dir_id(dir_id));
    CHECK_FALSE(looks_like_dir_id(without_last(dir_id)));
    CHECK_FALSE(looks_like_dir_id("B" + std::string(dir_id.substr(1))));
    CHECK_FALSE(looks_like_dir_id(""));

    for (const TargetVector& vector : target_vectors) {
        CHECK(looks_like_target(vector.lower));
        CHECK_FALSE(looks_like_target(without_last(vector.lower)));
        CHECK_FALSE(looks_like_target(vector.upper));
    }
    CHECK(looks_like_target(seal_target(known_sealer(), link_nonce, std::string(3000, 't'))));
    CHECK_FALSE(looks_like_target(std::string(5000, 'A')));
    CHECK(sealed_value_min() == 32);
}

TEST_CASE("a sidecar has the shape of its name's", "[shape]") {
    const auto& one = name_vectors.at(5);
    const auto& two = name_vectors.at(6);
    const auto lower = [](const NameVector& vector) {
        return std::string(long_prefix) + std::string(vector.tag);
    };
    CHECK(looks_like_sidecar_of(lower(one), one.sealed));
    CHECK(looks_like_sidecar_of(lower(two), two.sealed));
    CHECK_FALSE(looks_like_sidecar_of(lower(one), two.sealed));
    CHECK_FALSE(looks_like_sidecar_of(lower(one), without_last(one.sealed)));
    // Of a name that has none.
    CHECK_FALSE(looks_like_sidecar_of(lower(one), name_vectors.at(4).sealed));
    CHECK_FALSE(looks_like_sidecar_of(lower(one), ""));
}

TEST_CASE("names that are used for a moment are known", "[shape]") {
    CHECK(is_temporary_name(".dcryptfs.0123456789abcdef"));
    CHECK(is_temporary_name(".dcryptfs.0123456789abcdef" + std::string(209, '-')));
    CHECK(is_temporary_name(".dcryptfs.json.new.0123456789abcdef"));
    CHECK_FALSE(is_temporary_name(".dcryptfs.json.backup"));
    CHECK_FALSE(is_temporary_name(".dcryptfs.0123456789abcde"));
    CHECK_FALSE(is_temporary_name(".dcryptfs.0123456789abcdef0"));
    CHECK_FALSE(is_temporary_name(".dcryptfs.0123456789abcdeF"));
    CHECK_FALSE(is_temporary_name(".dcryptfs.dir"));
    CHECK_FALSE(is_temporary_name("0123456789abcdef"));
}

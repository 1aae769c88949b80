// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/recovery_code.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "testing/errors.h"
#include "testing/vectors.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

std::string text_of(const Secret& secret) {
    const Bytes bytes = secret.bytes();
    return {bytes.begin(), bytes.end()};
}

std::string parse(const std::string& typed) {
    return text_of(parse_recovery_code(as_bytes(typed), "code"));
}

// Expects it to be refused for this reason.
void check_refused(const std::string& typed, const std::string& reason) {
    CAPTURE(typed);
    const Error error = error_of([&] { parse(typed); });
    CHECK_THAT(error.what(), Contains(reason));
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith("code: "));
    CHECK(error.code() == Exit::wrong_passphrase);
}

std::string in_group(std::size_t at) {
    return "group " + std::to_string(at / 6 + 1) + " of the recovery code is mistyped";
}

const std::string known(recovery_code);
const std::string alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

TEST_CASE("a code made elsewhere is read", "[recovery]") {
    CHECK(parse(known) == known);
}

TEST_CASE("new codes are what is read, and differ", "[recovery]") {
    std::set<std::string> codes;
    std::set<char> characters;
    constexpr int many = 200;
    for (int i = 0; i < many; i++) {
        const std::string code = text_of(make_recovery_code());
        CHECK(code.size() == recovery_code_size);
        CHECK(parse(code) == code);
        codes.insert(code);
        characters.insert(code.begin(), code.end());
    }
    CHECK(codes.size() == many);
    CHECK(characters.size() == alphabet.size() + 1);
}

TEST_CASE("a code may be typed as people do", "[recovery]") {
    std::string typed = known;
    SECTION("in lower case") {
        for (char& c : typed) {
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    SECTION("without dashes") {
        typed.erase(std::remove(typed.begin(), typed.end(), '-'), typed.end());
    }
    SECTION("with blanks") {
        std::replace(typed.begin(), typed.end(), '-', ' ');
        typed = "  " + typed + " \t\r\n";
    }
    SECTION("with letters that look like digits") {
        std::replace(typed.begin(), typed.end(), '0', 'o');
        const auto one = typed.find('1');
        REQUIRE(one != std::string::npos);
        typed[one] = 'l';
        CHECK(parse(typed) == known);
        typed[one] = 'I';
    }
    CHECK(parse(typed) == known);
}

TEST_CASE("any one character that is wrong is found in its group", "[recovery]") {
    for (std::size_t at = 0; at < known.size(); at++) {
        if (known[at] == '-') {
            continue;
        }
        for (const char other : alphabet) {
            std::string typed = known;
            typed[at] = other;
            if (other != known[at]) {
                check_refused(typed, in_group(at));
            }
        }
        std::string typed = known;
        typed[at] = 'U';
        check_refused(typed, "has a character that is in no code");
        typed[at] = '\0';
        check_refused(typed, "has a character that is in no code");
    }
}

TEST_CASE("an exchange of two characters of a group, or of two groups, is found", "[recovery]") {
    for (std::size_t at = 0; at < known.size(); at++) {
        for (std::size_t other = at + 1; other < known.size() && known[other] != '-'; other++) {
            std::string typed = known;
            std::swap(typed[at], typed[other]);
            if (typed != known && known[at] != '-') {
                check_refused(typed, in_group(at));
            }
        }
    }
    std::string typed = known;
    std::swap_ranges(typed.begin(), typed.begin() + 5, typed.begin() + 12);
    check_refused(typed, "group 1 of the recovery code is mistyped");
}

TEST_CASE("a code of another length is refused, by its group where that can be told",
          "[recovery]") {
    check_refused("", "has 35 characters, and this one 0");
    check_refused("-", "has 35 characters, and this one 0");
    check_refused(known.substr(0, known.size() - 1), "group 7 of the recovery code has 4 char");
    check_refused(known + "0", "group 7 of the recovery code has 6 characters");
    check_refused(known + "-00000", "has 35 characters, and this one 40");
    std::string typed = known;
    typed.erase(std::remove(typed.begin(), typed.end(), '-'), typed.end());
    check_refused(typed + "0", "has 35 characters, and this one 36");
    typed = known;
    typed.erase(13, 1);
    check_refused(typed, "group 3 of the recovery code has 4 characters, and should have 5");
}

// SPDX-License-Identifier: GPL-2.0-or-later
// The commands under "dcryptfs ecryptfs" from outside.
#include <keyutils.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "lib/bytes.h"
#include "testing/frozen.h"
#include "testing/lower_file.h"
#include "testing/outcome.h"
#include "testing/terminal.h"
#include "testing/vectors.h"

using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::Equals;

// Made with Debian's ecryptfs-utils 111:
//   printf 'hello world\nwrapme' | ecryptfs-wrap-passphrase FILE -
constexpr std::string_view wrapped_hex =
    "3a029c76201d8a5f606e336535363862626430353339626463661a4a00dfd44375a27b6ffbfaa4929668";

// Passphrases in files.
struct Files {
    TempDir dir;
    std::string mount = dir / "mount";
    std::string wrapping = dir / "wrapping";
    std::string other = dir / "other";
    std::string frozen = dir / "frozen";
    std::string wrapped = dir / "wrapped";

    Files() {
        write_file(mount, "hello world\n");
        write_file(wrapping, "wrapme\n");
        write_file(other, "other");
        write_file(frozen, std::string(frozen_passphrase));
        write_file(wrapped, unhex(wrapped_hex));
    }
    [[nodiscard]] Outcome unwrap(const std::string& file, const std::string& pass) const {
        return ecryptfs({"unwrap-passphrase", file, "--wrapping-passphrase-file", pass});
    }
    [[nodiscard]] static Outcome ecryptfs(Words words) {
        words.insert(words.begin(), "ecryptfs");
        // No ~/.ecryptfsrc of who runs the tests, where a salt matters.
        return run(words);
    }
};

const Words usual_salt = {"--salt", "0011223344556677"};

Words with_salt(Words words) {
    words.insert(words.end(), usual_salt.begin(), usual_salt.end());
    return words;
}

}  // namespace

TEST_CASE("the commands for eCryptfs have help, and tell of a wrong command line",
          "[program][ecryptfs]") {
    CHECK_THAT(run({"--help"}).out, Contains("ecryptfs"));
    const Outcome help = run({"ecryptfs", "--help"});
    CHECK(help.exit_code == 0);
    for (const auto* const name : {"add-passphrase", "wrap-passphrase", "unwrap-passphrase",
                                   "rewrap-passphrase", "header", "cat", "ls"}) {
        CHECK_THAT(help.out, Contains(name));
        const Outcome own = run({"ecryptfs", name, "--help"});
        CHECK(own.exit_code == 0);
        CHECK_THAT(own.out, Contains(std::string("Usage: dcryptfs ecryptfs ") + name));
    }
    check_fails(run({"ecryptfs"}), 2, "subcommand is required");
    check_fails(run({"ecryptfs", "explode"}), 2, "ecryptfs explode: unknown command");
    check_fails(run({"ecryptfs", "cat"}), 2, "file is required");
    check_fails(run({"ecryptfs", "ls"}), 2, "dir is required");
    check_fails(run({"ecryptfs", "add-passphrase", "--passphrase-fd", "0", "--wrapped", "f"}), 2,
                "excludes");
    check_fails(run({"ecryptfs", "add-passphrase", "--wrapping-passphrase-fd", "0"}), 2,
                "requires --wrapped");
    check_fails(run({"ecryptfs", "add-passphrase", "--salt", "00"}), 2,
                "--salt: a salt has 16 hexadecimal digits");
    check_fails(run({"ecryptfs", "add-passphrase", "--salt", "0011223344556677"}), 2,
                "eCryptfs: standard input is not a terminal, so no passphrase can be asked for; "
                "give --passphrase-file or --passphrase-fd");
}

TEST_CASE("add-passphrase prints the signatures of what it adds", "[program][ecryptfs]") {
    const Files files;
    const Outcome added =
        Files::ecryptfs(with_salt({"add-passphrase", "--fnek", "--passphrase-file", files.mount}));
    if (added.exit_code == 1 && added.err.find("the kernel did not take") != std::string::npos) {
        WARN("this process may not use kernel keyrings: not checked");
        return;
    }
    const auto unlink = [](const char* description) {
        const long key = keyctl_search(KEY_SPEC_USER_KEYRING, "user", description, 0);
        CHECK(key >= 0);
        CHECK(keyctl_unlink(static_cast<key_serial_t>(key), KEY_SPEC_USER_KEYRING) == 0);
    };
    CHECK(added.err.empty());
    CHECK(added.out == "signature: 132b6709dfc98a98\nfnek signature: 579b1daac479b313\n");
    unlink("132b6709dfc98a98");
    unlink("579b1daac479b313");
    const Outcome wrapped =
        Files::ecryptfs(with_salt({"add-passphrase", "--wrapped", files.wrapped,
                                   "--wrapping-passphrase-file", files.wrapping}));
    CHECK(wrapped.out == "signature: 132b6709dfc98a98\n");
    unlink("132b6709dfc98a98");
    const Outcome salted = Files::ecryptfs(
        {"add-passphrase", "--salt", "0102030405060708", "--passphrase-file", files.mount});
    CHECK(salted.out == "signature: dbe4824300b971b7\n");
    unlink("dbe4824300b971b7");

    write_file(files.other, std::string(65, 'x'));
    check_fails(Files::ecryptfs(with_salt({"add-passphrase", "--passphrase-file", files.other})), 1,
                files.other + ": the passphrase is longer than the 64 bytes that eCryptfs knows");
}

TEST_CASE("passphrases are wrapped, unwrapped and wrapped again", "[program][ecryptfs]") {
    const Files files;
    CHECK(files.unwrap(files.wrapped, files.wrapping).out == "hello world\n");
    check_fails(files.unwrap(files.wrapped, files.other), 3,
                files.wrapped + ": wrong wrapping passphrase");
    check_fails(files.unwrap(files.mount, files.other), 4, "not a whole wrapped passphrase");
    check_fails(files.unwrap(files.dir / "none", files.other), 1, "none: No such file");
    check_fails(files.unwrap(files.dir.path(), files.other), 1, "not a regular file");

    const std::string file = files.dir / "new";
    const Words wrap = {
        "wrap-passphrase", file, "--passphrase-file", files.mount, "--wrapping-passphrase-file",
        files.other};
    CHECK(Files::ecryptfs(wrap).out == "wrapped: " + file + "\n");
    struct stat info {};
    REQUIRE(stat(file.c_str(), &info) == 0);
    CHECK(info.st_mode == (S_IFREG | 0600));
    CHECK(files.unwrap(file, files.other).out == "hello world\n");
    check_fails(Files::ecryptfs(wrap), 1, file + ": there is something of that name already");

    const std::string before = read_file(file);
    const auto rewrap = [&](const std::string& old_pass, const std::string& new_pass) {
        return Files::ecryptfs({"rewrap-passphrase", file, "--wrapping-passphrase-file", old_pass,
                                "--new-wrapping-passphrase-file", new_pass});
    };
    check_fails(rewrap(files.wrapping, files.other), 3, "wrong wrapping passphrase");
    CHECK(read_file(file) == before);
    CHECK(rewrap(files.other, files.wrapping).out == "wrapped: " + file + "\n");
    CHECK(files.unwrap(file, files.wrapping).out == "hello world\n");
    check_fails(files.unwrap(file, files.other), 3, "wrong wrapping passphrase");
    CHECK(list_dir(files.dir.path()).size() == 6);

    check_fails(run({"ecryptfs", "wrap-passphrase", files.dir / "x", "--passphrase-fd", "0",
                     "--wrapping-passphrase-fd", "0"}),
                2, "two passphrases can't come from one descriptor");
}

TEST_CASE("a terminal is asked for each passphrase", "[program][ecryptfs]") {
    const Files files;
    const std::string file = files.dir / "new";
    TerminalSession wrap("dcryptfs", {"ecryptfs", "wrap-passphrase", file});
    wrap.expect("New passphrase for " + file + ": ");
    CHECK_FALSE(wrap.echoes());
    wrap.type("hello world\n");
    wrap.expect("The same again: ");
    wrap.type("hello world\n");
    wrap.expect("New wrapping passphrase for " + file + ": ");
    wrap.type("other\n");
    wrap.expect("The same again: ");
    wrap.type("other\n");
    CHECK(wrap.wait_end() == 0);

    TerminalSession unwrap("dcryptfs", {"ecryptfs", "unwrap-passphrase", file});
    unwrap.expect("Wrapping passphrase for " + file + ": ");
    unwrap.type("other\n");
    unwrap.expect("hello world");
    CHECK(unwrap.wait_end() == 0);
}

TEST_CASE("header tells what a file of eCryptfs says of itself", "[program][ecryptfs]") {
    const Frozen& frozen = Frozen::get();
    const std::string file = frozen.path("aes-24") + "/file";
    const std::string marker = dcryptfs::to_hex(dcryptfs::as_bytes(read_file(file).substr(8, 4)));
    CHECK_THAT(run({"ecryptfs", "header", file}).out,
               Equals("file: " + file +
                      "\nheader in: file\nlower size: 16384\nupper size: 5000\nmarker: " + marker +
                      "\nversion: 3\nflags: 00000002\nflag names: encrypted\ndata offset: 8192\n"
                      "key: packet tag 3, signature ffd652511eaff04a, cipher aes, key bytes 24, "
                      "name _CONSOLE, encrypted key bytes 32\n"));
    const auto json = nlohmann::json::parse(
        run({"ecryptfs", "header", "--json", frozen.path("two-keys") + "/file"}).out);
    CHECK(json["upper_size"] == 5000);
    CHECK(json["keys"].size() == 2);
    CHECK(json["keys"][1]["signature"] == "d4b232fd92154ad5");
    if (frozen.has_attributes()) {
        CHECK_THAT(run({"ecryptfs", "header", frozen.path("xattr") + "/size-17"}).out,
                   Contains("header in: user.ecryptfs\nlower size: 4096\nupper size: 17\n"));
    }
    const Files files;
    check_fails(run({"ecryptfs", "header", files.mount}), 4, "not an eCryptfs file");
}

TEST_CASE("cat and ls read what the kernel's eCryptfs made", "[program][ecryptfs]") {
    const Files files;
    const Frozen& frozen = Frozen::get();
    const std::string file = frozen.path("aes-32") + "/file";
    const auto plaintext = make_plaintext(5000);
    const auto cat = [&](const std::string& path, const std::string& pass) {
        return Files::ecryptfs(with_salt({"cat", path, "--passphrase-file", pass}));
    };
    CHECK(cat(file, files.frozen).out == std::string(plaintext.begin(), plaintext.end()));
    check_fails(cat(file, files.other), 3, "wrong passphrase or salt");
    check_fails(cat(files.mount, files.other), 4, "not an eCryptfs file");

    const std::string names = frozen.path("names-aes-16");
    const Outcome listed =
        Files::ecryptfs(with_salt({"ls", "-R", names, "--passphrase-file", files.frozen}));
    CHECK(listed.exit_code == 0);
    CHECK(listed.err.empty());
    std::string expected;
    for (const FrozenEntry& entry : frozen.entries()) {
        if (entry.volume == "names-aes-16") {
            expected += entry.upper;
            expected += '\t';
            expected += entry.lower;
            if (entry.type == 'l') {
                expected += "\t-> " + entry.digest;
            }
            expected += '\n';
        }
    }
    CHECK_THAT(listed.out, Equals(expected));
    const Outcome wrong =
        Files::ecryptfs(with_salt({"ls", names, "--passphrase-file", files.other}));
    CHECK(wrong.exit_code == 1);
    CHECK_THAT(wrong.err, Contains("does not decrypt: it takes the key with the signature"));
}

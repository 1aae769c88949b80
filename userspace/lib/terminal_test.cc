// SPDX-License-Identifier: GPL-2.0-or-later
// Passphrases on a terminal, as `dcryptfs init` and `unlock` ask for them.
#include "lib/terminal.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "testing/files.h"
#include "testing/program.h"
#include "testing/terminal.h"
#include "testing/vectors.h"

using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

std::vector<std::string> init_arguments(const TempDir& dir) {
    return {"init", dir.path(), "--scrypt-log2n", "10"};
}

// A volume with the known key and one file in it.
class KnownVolume {
  public:
    KnownVolume() {
        write_file(dir_ / "dcryptfs.json", config_json);
        write_file(file(), dcryptfs::Bytes(unhex(fields_hex)));
        std::filesystem::resize_file(file(), 8192);
    }
    [[nodiscard]] std::string file() const { return dir_ / "file"; }

  private:
    TempDir dir_;
};

}  // namespace

TEST_CASE("init asks twice, without echo", "[terminal]") {
    const TempDir dir;
    TerminalSession session("dcryptfs", init_arguments(dir));
    session.expect("New passphrase for " + dir.path() + ": ");
    CHECK_FALSE(session.echoes());
    session.type("tell nobody\n");
    session.expect("The same again: ");
    CHECK_FALSE(session.echoes());
    session.type("tell nobody\n");
    session.expect("key id: ");
    CHECK(session.wait_end() == 0);
    CHECK(session.echoes());
    CHECK(session.screen().find("tell") == std::string::npos);

    write_file(dir / "pass", "tell nobody");
    write_file(dir / "empty", "");
    CHECK(run_program("dcryptfs", {"cat", dir / "empty", "--passphrase-file", dir / "pass"})
              .exit_code == 0);
}

TEST_CASE("two passphrases that differ change nothing", "[terminal]") {
    const TempDir dir;
    TerminalSession session("dcryptfs", init_arguments(dir));
    session.expect("New passphrase");
    session.type("one\n");
    session.expect("The same again: ");
    session.type("another\n");
    session.expect("the two passphrases differ; nothing was changed");
    CHECK(session.wait_end() == 1);
    CHECK(list_dir(dir.path()).empty());
}

TEST_CASE("no passphrase on the terminal is an error", "[terminal]") {
    const TempDir dir;
    std::string keys;
    std::string message;
    SECTION("an empty line") {
        keys = "\n";
        message = "the passphrase is empty";
    }
    SECTION("the end of input") {
        keys = "\x04";
        message = "no passphrase was given";
    }
    SECTION("a line erased") {
        keys = "abc\x15\n";
        message = "the passphrase is empty";
    }
    SECTION("a line that the terminal may have cut") {
        keys = std::string(4095, 'x') + "\n";
        message = "the passphrase is too long for a terminal";
    }
    SECTION("a line that the terminal has cut") {
        keys = std::string(5000, 'x') + "\n";
        message = "the passphrase is too long for a terminal";
    }
    TerminalSession session("dcryptfs", init_arguments(dir));
    session.expect("New passphrase");
    session.type(keys);
    session.expect(message);
    CHECK(session.wait_end() == 1);
    CHECK(session.echoes());
}

TEST_CASE("a signal at the prompt gives the terminal back first", "[terminal]") {
    const TempDir dir;
    int signal = 0;
    SECTION("SIGINT") {
        signal = SIGINT;
    }
    SECTION("SIGTERM") {
        signal = SIGTERM;
    }
    SECTION("SIGHUP") {
        signal = SIGHUP;
    }
    SECTION("SIGQUIT") {
        signal = SIGQUIT;
    }
    TerminalSession session("dcryptfs", init_arguments(dir));
    session.expect("New passphrase");
    CHECK_FALSE(session.echoes());
    session.type("half a passph");
    session.send(signal);
    CHECK(session.wait_end() == -signal);
    CHECK(session.echoes());
    CHECK(list_dir(dir.path()).empty());
}

TEST_CASE("control-C at the prompt interrupts", "[terminal]") {
    const TempDir dir;
    TerminalSession session("dcryptfs", init_arguments(dir));
    session.expect("New passphrase");
    session.type("half\x03");
    CHECK(session.wait_end() == -SIGINT);
    CHECK(session.echoes());
}

TEST_CASE("a signal that is ignored does not disturb the prompt", "[terminal]") {
    const KnownVolume volume;
    TerminalSession session("dcryptfs", {"cat", volume.file()}, SIGHUP);
    session.expect("Passphrase for ");
    session.type(std::string(passphrase.substr(0, 3)));
    session.send(SIGHUP);
    session.type(std::string(passphrase.substr(3)) + "\n");
    CHECK(session.wait_end() == 0);
}

TEST_CASE("a stop at the prompt gives the terminal back, and then asks again", "[terminal]") {
    const KnownVolume volume;
    TerminalSession session("dcryptfs", {"cat", volume.file()});
    session.expect("Passphrase for ");
    session.type("half");
    // The kernel stops no program that has nobody to continue it, like this one;
    // the signal comes and goes, and the program is where it is after a stop.
    session.send(SIGTSTP);
    session.expect("Passphrase for ");
    CHECK_FALSE(session.echoes());
    session.type(std::string(passphrase) + "\n");
    CHECK(session.wait_end() == 0);
    CHECK(session.echoes());
}

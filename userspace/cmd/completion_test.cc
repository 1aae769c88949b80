// SPDX-License-Identifier: GPL-2.0-or-later
// The completions, in the shells that they are for.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "testing/files.h"
#include "testing/outcome.h"
#include "testing/program.h"
#include "testing/terminal.h"

using namespace dcryptfs::testing;

namespace {

using Catch::Matchers::Contains;

std::string script_for(const std::string& shell) {
    const Outcome outcome = run({"completion", shell});
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.err.empty());
    return outcome.out;
}

// Where the completions' words are completed: a file, and a directory with a blank.
struct Place : TempDir {
    Place() {
        write_file(*this / "some file", "");
        std::filesystem::create_directory(*this / "one volume");
    }
};

// An interactive shell that knows the completion, and in which the program only shows the
// words that it was called with.
class Shell {
  public:
    Shell(const std::string& shell, const Words& options, const std::string& setup)
        : session_("/bin/" + shell, options) {
        write_file(place_ / ("_" + shell), script_for(shell));
        session_.type("cd '" + place_.path() + "'; " + setup +
                      "; dcryptfs() { printf '<%s>' \"$@\"; }; mkfs.dcryptfs() { dcryptfs \"$@\"; "
                      "}; echo rea''dy\n");
        session_.expect("ready\r\n");
    }

    // Types a line, which may have tabs in it, and sees the words that it becomes.
    void becomes(const std::string& line, const std::string& words) {
        INFO(line);
        session_.type(line + "\n");
        session_.expect(words);
    }

  private:
    Place place_;
    TerminalSession session_;
};

// `between` is what the shell puts between an option and its value.
void complete_in(Shell& shell, const std::string& between) {
    shell.becomes("dcryptfs sta\t", "<status>");
    shell.becomes("dcryptfs slot li\t--js\t", "<slot><list><--json>");
    shell.becomes("dcryptfs init --ci\taes\t", "<init><--cipher" + between + "aes-256-xts>");
    shell.becomes("dcryptfs init --kdf scr\tone\t", "<init><--kdf><scrypt><one volume/>");
    shell.becomes("dcryptfs lock --key\t0 --js\t", "<lock><--key-id" + between + "0><--json>");
    shell.becomes("dcryptfs unlock --key-file some\t", "<unlock><--key-file><some file>");
    shell.becomes("dcryptfs ecryptfs unwrap-passphrase --wrapping-passphrase-file some\tsome\t",
                  "<--wrapping-passphrase-file><some file><some file>");
    shell.becomes("mkfs.dcryptfs --names pl\t", "<--names><plain>");
}

}  // namespace

TEST_CASE("bash completes commands, options, values and files", "[completion]") {
    Shell shell("bash", {"--norc", "--noprofile", "-i"}, ". ./_bash");
    complete_in(shell, "><");
    // = is a word of its own to readline
    shell.becomes("dcryptfs init --names=pl\t", "<init><--names=plain>");
    shell.becomes("dcryptfs slot add --no-b\tone\t", "<slot><add><--no-backup><one volume/>");
    // The second argument is no directory.
    shell.becomes("dcryptfs path one\t one\t", "<path><one volume/><one>");
    shell.becomes("dcryptfs slot \t\t", "add");
}

TEST_CASE("zsh completes commands, options, values and files", "[completion]") {
    if (access("/bin/zsh", X_OK) != 0) {
        WARN("there is no zsh: run tools/deps");
        return;
    }
    Shell shell("zsh", {"-f", "-i"},
                "mv _zsh _dcryptfs; fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; "
                "unsetopt prompt_sp auto_remove_slash; compdef _dcryptfs dcryptfs mkfs.dcryptfs");
    complete_in(shell, "=");
}

TEST_CASE("fish completes commands, options, values and files", "[completion]") {
    if (access("/bin/fish", X_OK) != 0) {
        WARN("there is no fish: run tools/deps");
        return;
    }
    const Place place;
    write_file(place / "script", script_for("fish"));
    const auto candidates = [&](const std::string& line) {
        const std::string script =
            "cd '" + place.path() + "'; source script; complete -C '" + line + "'";
        return run_program("/bin/fish", {"--no-config", "-c", script}).out;
    };
    CHECK_THAT(candidates("dcryptfs sta"), Contains("status\tShow keys"));
    CHECK_THAT(candidates("dcryptfs slot "),
               Contains("add\t") && Contains("remove\t") && !Contains("status"));
    CHECK_THAT(candidates("dcryptfs slot list --js"), Contains("--json\t"));
    CHECK_THAT(candidates("dcryptfs init --cipher "), Contains("aes-256-xts"));
    CHECK_THAT(candidates("dcryptfs unlock one"), Contains("one"));
    CHECK_THAT(candidates("dcryptfs unlock --key-file so"), Contains("some"));
    CHECK_THAT(candidates("mkfs.dcryptfs --names "), Contains("plain") && Contains("encrypted"));
}

TEST_CASE("no other shell is known", "[completion]") {
    check_fails(run({"completion", "csh"}), 2, "csh: unknown shell (known: bash, zsh, fish)");
}

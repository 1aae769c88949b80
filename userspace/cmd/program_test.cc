// SPDX-License-Identifier: GPL-2.0-or-later
// The built program from outside: exit codes, messages, what it leaves behind.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "lib/bytes.h"
#include "lib/error.h"
#include "lib/fd.h"
#include "testing/files.h"
#include "testing/known_volume.h"
#include "testing/lower_file.h"
#include "testing/lower_tree.h"
#include "testing/name_vectors.h"
#include "testing/outcome.h"
#include "testing/program.h"
#include "testing/vectors.h"

using namespace dcryptfs::testing;
using dcryptfs::as_bytes;

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using Catch::Matchers::StartsWith;

// Lists and searches one with encrypted names.
struct ListedVolume : NamesVolume {
    [[nodiscard]] Outcome ls(Words arguments) const {
        arguments.insert(arguments.begin(), "ls");
        arguments.insert(arguments.end(), {"--passphrase-file", pass});
        return run(arguments);
    }
    [[nodiscard]] Outcome find(const std::string& upper) const {
        return run({"path", path, upper, "--passphrase-file", pass});
    }
};

// A line of ls.
std::string line(const std::string& upper, const std::string& rest) {
    std::string text = upper;
    text += '\t';
    text += rest;
    text += '\n';
    return text;
}

}  // namespace

TEST_CASE("help and version succeed, a wrong command line does not", "[program]") {
    CHECK(run({"--help"}).exit_code == 0);
    CHECK_THAT(run({"--help"}).out, Contains("unlock"));
    CHECK(run({"init", "--help"}).exit_code == 0);
    CHECK_THAT(run({"init", "--help"}).out, Contains("--scrypt-log2n"));
    CHECK_THAT(run({"--version"}).out, StartsWith("dcryptfs "));
    check_fails(run({}), 2, "subcommand is required");
    check_fails(run({"explode"}), 2, "explode: unknown command");
    check_fails(run({"init"}), 2, "dir is required");
    check_fails(run({"init", "/tmp", "--frob"}), 2, "--frob");
    check_fails(run({"lock"}), 2, "required");
    check_fails(run({"lock", "--key-id", "xyz"}), 2, "32 hexadecimal digits");
    check_fails(run({"cat", "f", "--passphrase-fd", "-1"}), 2,
                "--passphrase-fd: Value -1 not in range 0 to 2147483647;");
    check_fails(run({"cat", "f", "--passphrase-fd", "0", "--passphrase-file", "x"}), 2, "excludes");
}

TEST_CASE("an empty word is not an option that was left out", "[program]") {
    const KnownVolume volume;
    const std::string file = volume.path + "/file";
    write_file(file, make_lower_file(make_plaintext(10)));
    const Words pass = {"--passphrase-file", volume.pass};
    check_fails(run({"lock", "--key-id", ""}), 2, "--key-id: a key identifier has 32");
    check_fails(run({"lock", ""}), 1, "dcryptfs: '': No such file");
    check_fails(run({"status", ""}), 1, "dcryptfs: '': No such file");
    check_fails(run({"cat", file, "--volume", "", pass[0], pass[1]}), 1, "'': No such file");
    check_fails(run({"unlock", volume.path, "--passphrase-file", ""}), 1, "'': No such file");
    check_fails(run_program("mount.dcryptfs", {volume.path, "", "-o", "remount"}), 32,
                "mount.dcryptfs: '': Invalid argument");
}

TEST_CASE("init makes a volume of an empty directory", "[program]") {
    const TempDir dir;
    const std::string volume = dir / "v";
    std::filesystem::create_directory(volume);
    write_file(dir / "pass", "tell nobody\n");
    const Outcome made =
        run({"init", volume, "--scrypt-log2n", "10", "--passphrase-file", dir / "pass"});
    CHECK(made.err.empty());
    CHECK(made.exit_code == 0);
    CHECK_THAT(made.out, Contains("volume: " + volume + "\n") &&
                             Contains("cipher: aes-256-xts\nnames: encrypted\nkey id: ") &&
                             Contains("next: mount -t dcryptfs " + volume + " "));
    CHECK(list_dir(volume) == Words{"dcryptfs.json"});
    struct stat info {};
    REQUIRE(stat((volume + "/dcryptfs.json").c_str(), &info) == 0);
    CHECK((info.st_mode & ALLPERMS) == 0600);

    SECTION("and never again") {
        const std::string before = read_file(volume + "/dcryptfs.json");
        check_fails(
            run({"init", volume, "--scrypt-log2n", "10", "--passphrase-file", dir / "pass"}), 1,
            "already a dcryptfs volume");
        CHECK(read_file(volume + "/dcryptfs.json") == before);
    }
    SECTION("and status shows it") {
        const Outcome status = run({"status", volume});
        CHECK(status.exit_code == 0);
        CHECK_THAT(status.out, Contains("names: encrypted\n") &&
                                   Contains("slot 0: passphrase, scrypt, n=1024 r=8 p=1 (weak") &&
                                   Contains("key: not in a keyring"));
    }
}

TEST_CASE("init asks for symbolic links where names need them", "[program]") {
    const TempDir dir;
    const std::string volume = dir / "v";
    std::filesystem::create_directory(volume);
    write_file(dir / "pass", "tell nobody\n");
    Words arguments = {"init", volume, "--scrypt-log2n", "10"};
    Redirections redirections;
    redirections.failing_call = SYS_symlinkat;
    for (const int error : {EPERM, EOPNOTSUPP, ENOSYS, EINVAL, ENAMETOOLONG}) {
        redirections.failing_error = error;
        // No passphrase is asked for in vain.
        check_fails(run(arguments, redirections), 1,
                    "v: its filesystem does not take the symbolic links that encrypted names "
                    "need (" +
                        dcryptfs::errno_text(error) + "); nothing was changed; use --names plain");
        CHECK(list_dir(volume).empty());
    }
    redirections.failing_error = ENOSPC;
    check_fails(run(arguments, redirections), 1, "v: symbolic link: No space left on device");
    CHECK(list_dir(volume).empty());
    redirections.failing_call = SYS_readlinkat;
    check_fails(run(arguments, redirections), 1, "what was written is not what is read back");
    CHECK(list_dir(volume).empty());

    redirections.failing_call = SYS_symlinkat;
    redirections.failing_error = EPERM;
    arguments.insert(arguments.end(), {"--names", "plain", "--passphrase-file", dir / "pass"});
    CHECK_THAT(run(arguments, redirections).out, Contains("names: plain\n"));
    CHECK_THAT(run({"status", volume}).out, Contains("names: plain\n"));
}

TEST_CASE("init says where it could not clean up", "[program]") {
    const TempDir dir;
    Redirections redirections;
    redirections.failing_call = SYS_unlinkat;
    redirections.failing_error = EIO;
    check_fails(run({"init", dir.path(), "--scrypt-log2n", "10"}, redirections), 1, "/.dcryptfs.");
}

TEST_CASE("mkfs.dcryptfs is init", "[program]") {
    const TempDir dir;
    std::filesystem::create_directory(dir / "v");
    write_file(dir / "pass", "tell nobody\n");
    CHECK(run_program("mkfs.dcryptfs",
                      {dir / "v", "--scrypt-log2n", "10", "--passphrase-file", dir / "pass"})
              .exit_code == 0);
    CHECK(list_dir(dir / "v") == Words{"dcryptfs.json"});
    check_fails(run_program("mkfs.dcryptfs", {}), 2, "mkfs.dcryptfs: dir is required");
}

TEST_CASE("init refuses what it can't do, and changes nothing", "[program]") {
    const TempDir dir;
    const std::string volume = dir / "v";
    std::filesystem::create_directory(volume);
    write_file(dir / "pass", "tell nobody\n");
    Words arguments = {"init", volume, "--scrypt-log2n", "10", "--passphrase-file", dir / "pass"};
    Words left;
    int code = 2;
    std::string message;
    SECTION("an unknown cipher") {
        arguments.insert(arguments.end(), {"--cipher", "rot13"});
        message = "known: aes-256-xts";
    }
    SECTION("an unknown names mode") {
        arguments.insert(arguments.end(), {"--names", "garbled"});
        message = "known: plain, encrypted";
    }
    SECTION("a cost that is too low") {
        arguments[3] = "9";
        message = "--scrypt-log2n";
    }
    SECTION("a cost that is too high") {
        arguments[3] = "21";
        message = "--scrypt-log2n";
    }
    SECTION("a directory that is not empty") {
        write_file(volume + "/file", "");
        left = {"file"};
        code = 1;
        message = "not an empty directory: it holds file";
    }
    SECTION("an empty passphrase") {
        write_file(dir / "pass", "\n");
        code = 1;
        message = "the passphrase is empty";
    }
    SECTION("no terminal") {
        arguments.resize(4);
        message = "give --passphrase-file or --passphrase-fd";
    }
    check_fails(run(arguments), code, message);
    CHECK(list_dir(volume) == left);
}

TEST_CASE("init needs a directory", "[program]") {
    const TempDir dir;
    write_file(dir / "file", "");
    check_fails(run({"init", dir / "none"}), 1, "No such file");
    check_fails(run({"init", dir / "file"}), 1, "Not a directory");
}

TEST_CASE("cat decrypts a file of the volume above it", "[program]") {
    const KnownVolume volume;
    std::filesystem::create_directories(volume.path + "/a/b");
    const std::string file = volume.path + "/a/b/file";
    for (const std::size_t size : {0, 1, 4096, 5000, 300000}) {
        CAPTURE(size);
        const auto plaintext = make_plaintext(size);
        write_file(file, make_lower_file(plaintext));
        const Outcome outcome = run({"cat", file, "--passphrase-file", volume.pass});
        CHECK(outcome.err.empty());
        CHECK(outcome.exit_code == 0);
        const auto out = as_bytes(outcome.out);
        CHECK(std::equal(out.begin(), out.end(), plaintext.begin(), plaintext.end()));
    }
    SECTION("the passphrase on standard input") {
        Redirections redirections;
        redirections.stdin_path = volume.pass;
        CHECK(run({"cat", file, "--passphrase-fd", "0"}, redirections).exit_code == 0);
    }
    SECTION("a file elsewhere, the volume by name") {
        const std::string copy = volume.dir / "copy";
        std::filesystem::copy_file(file, copy);
        check_fails(run({"cat", copy, "--passphrase-file", volume.pass}), 4, "--volume DIR");
        CHECK(run({"cat", copy, "--volume", volume.path, "--passphrase-file", volume.pass})
                  .exit_code == 0);
    }
    SECTION("a wrong passphrase") {
        check_fails(run({"cat", file, "--passphrase-file", volume.wrong}), 3, "wrong passphrase");
    }
    SECTION("no passphrase") {
        check_fails(run({"cat", file}), 2, "--passphrase-file or --passphrase-fd");
    }
}

TEST_CASE("ls shows upper names beside lower ones", "[program]") {
    const ListedVolume volume;
    const std::string odd = volume.below(add_file(volume.tree, "a\tb\nc\\"));
    const LowerTree dir = volume.tree.add_dir("dir");
    const std::string file = add_file(dir, vector_name(200));
    const std::string link = add_link(dir, "link", "../to\there");

    const Outcome top = volume.ls({volume.path});
    CHECK(top.err.empty());
    CHECK(top.exit_code == 0);
    const std::string odd_line = line(R"(a\x09b\x0ac\x5c)", odd);
    const std::string dir_line = line("dir", volume.below(dir.path()));
    CHECK(top.out == odd_line + dir_line);
    CHECK(volume.ls({volume.path, "--volume", volume.path}).out == top.out);

    const std::string long_line = line("dir/" + vector_name(200), volume.below(file));
    const std::string link_line = line("dir/link", volume.below(link) + "\t-> ../to\\x09here");
    const std::string lines = odd_line + dir_line + long_line + link_line;
    for (const char* const option : {"-R", "--recursive"}) {
        const Outcome all = volume.ls({volume.path, option});
        CHECK(all.err.empty());
        CHECK(all.exit_code == 0);
        CHECK(all.out == lines);
    }
    const std::string name = link.substr(dir.path().size() + 1);
    CHECK_THAT(volume.ls({dir.path()}).out,
               Catch::Matchers::EndsWith(line("link", name + "\t-> ../to\\x09here")));
    for (const char* const option : {"-0", "--zero"}) {
        std::string expected;
        for (const std::string& text :
             {std::string("a\tb\nc\\"), odd, std::string("dir"), volume.below(dir.path())}) {
            expected += text;
            expected += '\0';
        }
        CHECK(volume.ls({volume.path, option}).out == expected);
    }
}

TEST_CASE("ls shows what it can, and says what it can't", "[program]") {
    const ListedVolume volume;
    const std::string file = add_file(volume.tree, "file");
    const LowerTree dir = volume.tree.add_dir("dir");
    add_file(dir, "lost");
    std::filesystem::remove(dir.path() + "/.dcryptfs.dir");
    write_file(volume.path + "/foreign", "");
    const Outcome outcome = volume.ls({"-R", volume.path});
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.out == line("dir", volume.below(dir.path())) + line("file", volume.below(file)));
    CHECK_THAT(outcome.err,
               Equals("dcryptfs: " + volume.path + "/foreign: not an encrypted name\n" +
                      "dcryptfs: " + dir.path() +
                      ": damaged: it holds encrypted names, but not the .dcryptfs.dir without "
                      "which they can't be read\n"));
    check_fails(volume.ls({dir.path()}), 4, "damaged: it holds encrypted names");
}

TEST_CASE("ls of plain names leaves out dcryptfs's own", "[program]") {
    const KnownVolume volume;
    std::filesystem::create_directory(volume.path + "/dir");
    write_file(volume.path + "/dir/dcryptfs.jso", "");
    write_file(volume.path + "/.dcryptfs.x", "");
    const Outcome outcome = run({"ls", "-R", volume.path, "--passphrase-file", volume.pass});
    CHECK(outcome.err.empty());
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.out == "dir\tdir\ndir/dcryptfs.jso\tdir/dcryptfs.jso\n");
}

TEST_CASE("ls refuses what it can't list", "[program]") {
    const ListedVolume volume;
    add_file(volume.tree, "file");
    check_fails(run({"ls"}), 2, "dir is required");
    check_fails(volume.ls({volume.path + "/none"}), 1, "No such file");
    check_fails(volume.ls({volume.pass}), 1, "Not a directory");
    check_fails(volume.ls({volume.dir.path()}), 4, "--volume DIR");
    check_fails(run({"ls", volume.path}), 2, "--passphrase-file or --passphrase-fd");
    check_fails(run({"ls", volume.path, "--passphrase-file", volume.wrong}), 3, "wrong passphrase");
    std::string edited = encrypted_config_json();
    edited.replace(edited.find("encrypted"), 9, "plain");
    write_file(volume.path + "/dcryptfs.json", edited);
    check_fails(volume.ls({volume.path}), 4, "its MAC is wrong");
    write_file(volume.path + "/dcryptfs.json", encrypted_config_json());
    Redirections redirections;
    redirections.stdout_path = "/dev/full";
    check_fails(run({"ls", volume.path, "--passphrase-file", volume.pass}, redirections), 1,
                "standard output: No space left on device");
}

TEST_CASE("path shows where an upper file is", "[program]") {
    const ListedVolume volume;
    const LowerTree dir = volume.tree.add_dir("dir");
    const std::string file = add_file(dir, vector_name(255));
    add_link(volume.tree, "link", "dir");
    for (const std::string& upper :
         {"dir/" + vector_name(255), "/./dir//" + vector_name(255) + "/"}) {
        const Outcome outcome = volume.find(upper);
        CHECK(outcome.err.empty());
        CHECK(outcome.exit_code == 0);
        CHECK(outcome.out == file + "\n");
    }
    for (const char* const root : {"/", ".", ""}) {
        CHECK(volume.find(root).out == volume.path + "\n");
    }
    CHECK(run({"path", "-0", volume.path, "dir", "--passphrase-file", volume.pass}).out ==
          dir.path() + std::string("\0", 1));

    check_fails(volume.find("dir/none"), 1, "dcryptfs: dir/none: No such file or directory");
    check_fails(volume.find("none/dir"), 1, "dcryptfs: none: No such file or directory");
    check_fails(volume.find("link/x"), 1, "dcryptfs: link: Not a directory");
    check_fails(volume.find("dir/../dir"), 2, "without ..");
    check_fails(volume.find(std::string(256, 'x')), 1, "File name too long");
    check_fails(run({"path", volume.path}), 2, "upper is required");
    check_fails(run({"path", volume.dir.path(), "x"}), 4, "not a dcryptfs volume");
    check_fails(run({"path", volume.path, "x", "--passphrase-file", volume.wrong}), 3, "wrong");
    std::filesystem::remove(dir.path() + "/.dcryptfs.dir");
    check_fails(volume.find("dir/" + vector_name(255)), 4, "damaged: it holds encrypted names");
}

TEST_CASE("path of plain names is the same path below", "[program]") {
    const KnownVolume volume;
    write_file(volume.path + "/a\nb", "");
    const auto find = [&](const std::string& upper) {
        return run({"path", volume.path, upper, "--passphrase-file", volume.pass});
    };
    CHECK(find("a\nb").out == volume.path + "/a\nb\n");
    check_fails(find("dcryptfs.json"), 1, "No such file");
    check_fails(find("none"), 1, "No such file");
}

TEST_CASE("cat reports that its output can't be written", "[program]") {
    const KnownVolume volume;
    const std::string file = volume.path + "/file";
    write_file(file, make_lower_file(make_plaintext(5000)));
    Redirections redirections;
    std::string message;
    SECTION("a full device") {
        redirections.stdout_path = "/dev/full";
        message = "standard output: No space left on device";
    }
    SECTION("no standard output at all") {
        redirections.close_stdout = true;
        message = "standard output: Bad file descriptor";
    }
    check_fails(run({"cat", file, "--passphrase-file", volume.pass}, redirections), 1, message);
}

TEST_CASE("files that are not sound end with code 4", "[program]") {
    const KnownVolume volume;
    const std::string file = volume.path + "/file";
    auto lower = make_lower_file(make_plaintext(5000));
    std::string message;
    int cat_code = 4;
    bool header_too = true;
    SECTION("foreign") {
        lower[0] = 0;
        message = "foreign magic";
    }
    SECTION("cut") {
        lower.resize(4000);
        message = "truncated within the header";
    }
    SECTION("another size") {
        lower.resize(5000);
        message = "can't produce";
    }
    SECTION("another volume's") {
        lower[20] ^= 1U;
        message = "encrypted under the key";
        cat_code = 5;
        header_too = false;
    }
    write_file(file, lower);
    check_fails(run({"cat", file, "--passphrase-file", volume.pass}), cat_code, message);
    if (header_too) {
        check_fails(run({"header", file}), 4, message);
    } else {
        CHECK(run({"header", file}).exit_code == 0);
    }
}

TEST_CASE("header shows the header and the sizes", "[program]") {
    const TempDir dir;
    write_file(dir / "file", make_lower_file(make_plaintext(5000)));
    CHECK_THAT(run({"header", dir / "file"}).out,
               Equals("file: " + (dir / "file") +
                      "\nformat: 1\ncipher: aes-256-xts\nkey id: " + std::string(key_id_hex) +
                      "\nnonce: a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf\n"
                      "lower size: 13192\nupper size: 5000\n"));
    write_file(dir / "file", "");
    CHECK_THAT(run({"header", dir / "file"}).out, Contains("upper size: 0\n"));
}

TEST_CASE("migrate copies into nothing but a mounted volume", "[program]") {
    const TempDir dir;
    const std::string old_dir = dir / "old";
    const std::string new_dir = dir / "new";
    std::filesystem::create_directory(old_dir);
    std::filesystem::create_directory(new_dir);
    write_file(old_dir + "/file", "text");
    check_fails(run({"migrate", old_dir, new_dir}), 1,
                new_dir + ": not in a mounted dcryptfs; nothing was copied");
    CHECK(list_dir(new_dir).empty());
    check_fails(run({"migrate", old_dir}), 2, "new is required");
    check_fails(run({"migrate", "-e", "ecryptfs_sig=0", old_dir}), 2, "new is required");
    check_fails(run({"migrate", dir / "none", new_dir}), 1, "none: No such file");
}

TEST_CASE("unlock, status and lock handle the key", "[program]") {
    const KnownVolume volume;
    const std::string id(key_id_hex);
    run({"lock", "--key-id", id});
    const Outcome unlocked = run({"unlock", volume.path, "--passphrase-file", volume.pass});
    if (unlocked.exit_code == 1 &&
        unlocked.err.find("the kernel did not take") != std::string::npos) {
        WARN("this process may not use kernel keyrings: not checked");
        return;
    }
    CHECK(unlocked.err.empty());
    CHECK_THAT(unlocked.out, Equals("key id: " + id + "\n"));
    CHECK_THAT(run({"status", volume.path}).out, Contains("key: in a keyring"));
    CHECK_THAT(run({"status"}).out, Contains("dcryptfs:" + id));
    CHECK_THAT(run({"lock", volume.path}).out, Contains("locked: " + id));
    check_fails(run({"lock", volume.path}), 5, id + ": the key is not in a keyring");
    CHECK_THAT(run({"status", volume.path}).out, Contains("key: not in a keyring"));
}

TEST_CASE("unlock refuses wrong passphrases and edited configurations", "[program]") {
    const KnownVolume volume;
    check_fails(run({"unlock", volume.path, "--passphrase-file", volume.wrong}), 3,
                "v/dcryptfs.json: wrong passphrase");
    check_fails(run({"unlock", volume.path}), 2, "standard input is not a terminal");
    check_fails(run({"unlock", volume.dir.path()}), 4, "not a dcryptfs volume");
    check_fails(run({"unlock", volume.path + "/none"}), 1, "No such file");
    std::string edited(config_json);
    edited.replace(edited.find("de8f1007"), 8, "00000000");
    write_file(volume.path + "/dcryptfs.json", edited);
    check_fails(run({"unlock", volume.path, "--passphrase-file", volume.pass}), 4,
                "its MAC is wrong");
    write_file(volume.path + "/dcryptfs.json", "{");
    check_fails(run({"unlock", volume.path, "--passphrase-file", volume.pass}), 4,
                "damaged configuration");
}

TEST_CASE("the mount helper checks before it mounts", "[program]") {
    const KnownVolume volume;
    const auto mount = [](const Words& arguments) {
        return run_program("mount.dcryptfs", arguments);
    };
    const std::string upper = volume.dir / "upper";
    std::filesystem::create_directory(upper);
    check_fails(mount({}), 1, "is required");
    check_fails(mount({volume.path, upper, "-o", "passphrase_fd=x"}), 1, "passphrase_fd=x");
    check_fails(mount({volume.dir.path(), upper}), 32, "dcryptfs init");
    check_fails(mount({volume.path, upper, "-o", "cipher=rot13"}), 32,
                "cipher=rot13 was asked for, but the volume has cipher=aes-256-xts");
    check_fails(mount({volume.path, upper, "-o", "ro,names=x"}), 32, "names=plain");
    check_fails(mount({volume.path, upper, "-o", "key=00"}), 32, "key=" + std::string(key_id_hex));
    check_fails(mount({volume.path, upper, "-o", "remount,ro"}), 32, "no dcryptfs is mounted");
    const Outcome fake = mount({volume.path, upper, "-f", "-n", "-v", "-t", "dcryptfs", "-o",
                                "rw,cipher=aes-256-xts,key=" + std::string(key_id_hex)});
    CHECK(fake.exit_code == 0);
    CHECK(fake.err.empty());

    write_file(volume.path + "/dcryptfs.json", encrypted_config_json());
    check_fails(mount({volume.path, upper, "-o", "names=plain"}), 32,
                "names=plain was asked for, but the volume has names=encrypted");
    CHECK(mount({volume.path, upper, "-f", "-o", "names=encrypted"}).exit_code == 0);
}

TEST_CASE("the program dumps no memory and keeps the standard descriptors taken", "[program]") {
    // What it is like while it waits for a passphrase on a pipe.
    const KnownVolume volume;
    const std::string pipe_path = volume.dir / "pipe";
    REQUIRE(mkfifo(pipe_path.c_str(), 0600) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const rlimit some{4096, 4096};
        (void)setrlimit(RLIMIT_CORE, &some);
        close(STDOUT_FILENO);
        exec_program("dcryptfs", {"unlock", volume.path, "--passphrase-file", pipe_path});
    }
    // Opening the pipe to write waits until the program has it open.
    dcryptfs::Fd writer = dcryptfs::open_at(AT_FDCWD, pipe_path, O_WRONLY, 0, "pipe");
    const std::string proc = "/proc/" + std::to_string(child);
    const std::string limits = read_file(proc + "/limits");
    const auto at = limits.find("Max core file size");
    REQUIRE(at != std::string::npos);
    CHECK_THAT(limits.substr(at, 50), Contains(" 0 "));
    std::error_code error;
    const auto standard_output = std::filesystem::read_symlink(proc + "/fd/1", error);
    if (error) {
        WARN("only root may look at the program's descriptors: not checked");
    } else {
        CHECK(standard_output == "/dev/null");
    }
    writer.reset();
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 1);  // the passphrase was empty
}

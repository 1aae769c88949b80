// SPDX-License-Identifier: GPL-2.0-or-later
// The built program's lock and unlock, as far as no mount is needed.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "lib/process.h"
#include "testing/files.h"
#include "testing/known_volume.h"
#include "testing/outcome.h"
#include "testing/vectors.h"

using namespace dcryptfs::testing;
using Catch::Matchers::Contains;

TEST_CASE("what is neither a volume nor a mount is neither locked nor unlocked", "[lock]") {
    const TempDir dir;
    const std::string message = dir.path() + ": not a dcryptfs volume: it has no dcryptfs.json";
    check_fails(run({"lock", dir.path()}), 4, message);
    check_fails(run({"unlock", dir.path()}), 4, message);
    check_fails(run({"lock", dir / "none"}), 1, "none: No such file");
    check_fails(run({"unlock", dir / "none"}), 1, "none: No such file");
    write_file(dir / "file", "");
    check_fails(run({"lock", dir / "file"}), 1, "file: Not a directory");
    check_fails(run({"lock", "--idle", "15m", dir / "none"}), 1, "none: No such file");
}

TEST_CASE("--idle is of mounts, and a time", "[lock]") {
    const KnownVolume volume;
    const std::string no_mount = "--idle is for what is mounted";
    check_fails(run({"lock", "--idle", "15m", volume.path}), 2, volume.path + ": " + no_mount);
    check_fails(run({"lock", "--idle", "15m", volume.dir.path()}), 2, no_mount);
    check_fails(run({"lock", "--idle", "15m", "--foreground", volume.path}), 2, no_mount);
    check_fails(run({"lock", "--idle", "soon", volume.path}), 2,
                "--idle: soon is not a time such as 90s, 15m or 2h, from 1s to 720h");
    check_fails(run({"lock", "--idle", "", volume.path}), 2, "--idle: '' is not a time");
    check_fails(run({"lock", "--idle", "0", volume.path}), 2, "--idle: 0 is not a time");
    check_fails(run({"lock", "--idle", "31d", volume.path}), 2, "--idle: 31d is not a time");
    check_fails(run({"lock", "--idle", "15m", "--key-id", std::string(key_id_hex)}), 2, "excludes");
    check_fails(run({"lock", "--foreground", volume.path}), 2, "--foreground requires --idle");
}

TEST_CASE("what goes to the background keeps nothing busy", "[lock]") {
    const TempDir dir;
    const std::string told = dir / "told";
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::filesystem::current_path(dir.path());
        if (dcryptfs::go_to_background() != 0) {
            _exit(0);
        }
        std::string text = getsid(0) == getpid() ? "leader " : "";
        text += std::filesystem::current_path().native();
        std::size_t open_fds = 0;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            open_fds += std::filesystem::read_symlink(entry.path()) == "/dev/null" ? 1 : 100;
        }
        // The one more is of the list itself.
        text += " " + std::to_string(open_fds);
        write_file(told + ".part", text);
        std::filesystem::rename(told + ".part", told);
        _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 0);
    constexpr int tries = 1000;
    for (int i = 0; i < tries && !std::filesystem::exists(told); i++) {
        (void)usleep(10000);
    }
    CHECK(read_file(told) == "leader / 103");
}

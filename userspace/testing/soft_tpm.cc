// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/soft_tpm.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "lib/fd.h"

namespace dcryptfs::testing {

namespace {

// What a shell says of a program that it doesn't find.
constexpr int no_program = 127;

constexpr const char* tcti_variable = "TPM2TOOLS_TCTI";

// Whether somebody listens on the socket.
bool answers(const std::string& path) {
    const Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof(address.sun_path));
    std::copy(path.begin(), path.end(), address.sun_path);
    return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace

SoftTpm::SoftTpm() {
    std::filesystem::create_directory(dir_ / "state");
    start();
}

SoftTpm::~SoftTpm() {
    stop();
    (void)unsetenv(tcti_variable);
}

void SoftTpm::start() {
    // One for commands, and one for what the hardware would be told by wires.
    const std::string socket_path = dir_ / "socket";
    const std::string control_path = dir_ / "socket.ctrl";
    std::filesystem::remove(socket_path);
    std::filesystem::remove(control_path);
    child_ = fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        const std::string state = "dir=" + (dir_ / "state");
        const std::string server = "type=unixio,path=" + socket_path;
        const std::string control = "type=unixio,path=" + control_path;
        const Fd log(open((dir_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        (void)dup2(log.get(), STDOUT_FILENO);
        (void)dup2(log.get(), STDERR_FILENO);
        execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state.c_str(), "--server",
               server.c_str(), "--ctrl", control.c_str(), "--flags", "startup-clear", nullptr);
        _exit(no_program);
    }
    constexpr int tries = 600;
    constexpr useconds_t pause = 50'000;
    int done = 0;
    while (!answers(control_path)) {
        REQUIRE(waitpid(child_, nullptr, WNOHANG) == 0);
        REQUIRE(done++ < tries);
        usleep(pause);
    }
    (void)setenv(tcti_variable, ("swtpm:path=" + socket_path).c_str(), 1);
}

void SoftTpm::stop() {
    (void)kill(child_, SIGTERM);
    (void)waitpid(child_, nullptr, 0);
    child_ = -1;
}

void SoftTpm::restart() {
    stop();
    start();
}

void SoftTpm::tool(const std::string& command) const {
    const std::string line =
        "cd '" + dir_.path() + "' && { " + command + "; } >out 2>err </dev/null";
    INFO(command);
    const pid_t shell = fork();
    REQUIRE(shell >= 0);
    if (shell == 0) {
        execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
        _exit(no_program);
    }
    int status = 0;
    REQUIRE(waitpid(shell, &status, 0) == shell);
    INFO(read_file(dir_ / "err"));
    REQUIRE(status == 0);
}

}  // namespace dcryptfs::testing

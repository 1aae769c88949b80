// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/soft_tpm.h"

#include <arpa/inet.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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

sockaddr_in local_port(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool is_free(int port) {
    const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    (void)setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    const sockaddr_in address = local_port(port);
    return bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

bool answers(int port) {
    const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = local_port(port);
    return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

// One for commands, and the next for what the hardware would be told by wires.
int free_ports() {
    constexpr int first = 22000;
    constexpr int last = 30000;
    for (int port = first + static_cast<int>(getpid() % (last - first)); port < 2 * last;
         port += 2) {
        if (is_free(port) && is_free(port + 1)) {
            return port;
        }
    }
    FAIL("no free ports");
    return 0;
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
    const int port = free_ports();
    const std::string number = std::to_string(port);
    child_ = fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        const std::string state = "dir=" + (dir_ / "state");
        const std::string server = "type=tcp,port=" + number;
        const std::string control = "type=tcp,port=" + std::to_string(port + 1);
        execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state.c_str(), "--server",
               server.c_str(), "--ctrl", control.c_str(), "--flags", "startup-clear", nullptr);
        _exit(no_program);
    }
    constexpr int tries = 600;
    constexpr useconds_t pause = 50'000;
    int done = 0;
    while (!answers(port + 1)) {
        REQUIRE(waitpid(child_, nullptr, WNOHANG) == 0);
        REQUIRE(done++ < tries);
        usleep(pause);
    }
    (void)setenv(tcti_variable, ("swtpm:host=127.0.0.1,port=" + number).c_str(), 1);
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

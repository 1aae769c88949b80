// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/fd.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "testing/errors.h"
#include "testing/files.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

bool is_open(int fd) {
    return fcntl(fd, F_GETFD) >= 0;
}

}  // namespace

TEST_CASE("a descriptor is closed once, by its last owner", "[fd]") {
    int number = -1;
    {
        Fd first = open_at(AT_FDCWD, "/dev/null", O_RDONLY, 0, "null");
        number = first.get();
        CHECK((fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
        const Fd second = std::move(first);
        // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): it is empty
        CHECK_FALSE(first.valid());
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
}

TEST_CASE("reads and writes go on after signals and short transfers", "[fd]") {
    // A pipe holds less than this, so that either side blocks, and is interrupted.
    constexpr std::size_t size = std::size_t{4} << 20U;
    struct sigaction action {};
    action.sa_handler = [](int) {};
    struct sigaction before {};
    REQUIRE(sigaction(SIGUSR1, &action, &before) == 0);  // without SA_RESTART

    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const Fd reader(ends[0]);
    Fd writer(ends[1]);
    std::vector<std::uint8_t> in(size + 1);
    std::vector<std::uint8_t> out(size);
    for (std::size_t i = 0; i < size; i++) {
        out[i] = static_cast<std::uint8_t>(i * 31 >> 3U);
    }
    std::size_t got = 0;
    const auto read_all = [&] { got = read_full(reader.get(), in, "pipe"); };
    const auto write_out = [&] {
        write_all(writer.get(), out, "pipe");
        writer.reset();
    };
    // The other thread interrupts this one for a while before it does its part.
    const auto interrupt = [main_thread = pthread_self()] {
        for (int i = 0; i < 50; i++) {
            pthread_kill(main_thread, SIGUSR1);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    };
    SECTION("while writing") {
        std::thread other([&] {
            interrupt();
            read_all();
        });
        write_out();
        other.join();
    }
    SECTION("while reading") {
        std::thread other([&] {
            interrupt();
            write_out();
        });
        read_all();
        other.join();
    }
    REQUIRE(sigaction(SIGUSR1, &before, nullptr) == 0);
    CHECK(got == size);
    in.resize(size);
    CHECK(in == out);
}

TEST_CASE("errors name the file", "[fd]") {
    using Catch::Matchers::Equals;
    CHECK_THAT(error_of([] { open_at(AT_FDCWD, "/none", O_RDONLY, 0, "sub\nject"); }).what(),
               Equals("sub\\x0aject: No such file or directory"));
    const Fd full = open_at(AT_FDCWD, "/dev/full", O_WRONLY, 0, "full");
    CHECK_THAT(error_of([&] { write_all(full.get(), as_bytes("x"), "full"); }).what(),
               Equals("full: No space left on device"));
}

TEST_CASE("a read at an offset stops at the end of the file", "[fd]") {
    const TempDir dir;
    write_file(dir / "file", "0123456789");
    const Fd file = open_at(AT_FDCWD, dir / "file", O_RDONLY, 0, "file");
    ByteArray<8> buffer{};
    CHECK(pread_full(file.get(), buffer, 1, "file") == 8);
    CHECK(buffer[0] == '1');
    CHECK(pread_full(file.get(), buffer, 7, "file") == 3);
    CHECK(pread_full(file.get(), buffer, 100, "file") == 0);
}

// SPDX-License-Identifier: GPL-2.0-or-later
// The program, by each of its names.
#include <exception>
#include <new>
#include <span>
#include <string>
#include <string_view>

#include "cmd/command_line.h"
#include "lib/error.h"
#include "lib/output.h"
#include "lib/process.h"

namespace dcryptfs {

namespace {

// A wrong command line of "dcryptfs check" is one of fsck.dcryptfs.
Exit usage_of(const CommandLine& line, const CLI::App& command) {
    return command_path(command) == "dcryptfs check" ? fsck_usage : line.usage;
}

// Parses and then runs: what runs is known only after parsing.
int run(std::string_view program, int argc, const char* const* argv) {
    const std::span words(argv, static_cast<std::size_t>(argc));
    const std::span arguments = words.subspan(words.empty() ? 0 : 1);
    const auto line = make_command_line(program);
    const CLI::App& command = find_command(line->app, arguments);
    set_program_name(line->app.get_name());
    const auto see = [&] { return "; see " + command_path(command) + " --help"; };
    if (const auto word = unknown_command(line->app, arguments)) {
        complain(printable(*word) + ": unknown command" + see());
        return static_cast<int>(line->usage);
    }
    try {
        line->app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        say(line->app.help());
        return static_cast<int>(Exit::success);
    } catch (const CLI::CallForVersion& version) {
        say(version.what());
        return static_cast<int>(Exit::success);
    } catch (const CLI::ParseError& error) {
        complain(printable(error.what()) + see());
        return static_cast<int>(usage_of(*line, command));
    }
    return static_cast<int>(line->run());
}

std::string_view name_of(int argc, const char* const* argv) {
    std::string_view name = argc > 0 ? argv[0] : "dcryptfs";
    name.remove_prefix(name.rfind('/') + 1);  // npos + 1 is 0
    return name;
}

}  // namespace

}  // namespace dcryptfs

int main(int argc, char** argv) {
    using dcryptfs::Exit;
    try {
        dcryptfs::harden_process();
        return dcryptfs::run(dcryptfs::name_of(argc, argv), argc, argv);
    } catch (const dcryptfs::Error& error) {
        dcryptfs::complain(error.what());
        return static_cast<int>(error.code());
    } catch (const std::bad_alloc&) {
        dcryptfs::complain("out of memory");
    } catch (const std::exception& error) {
        dcryptfs::complain(dcryptfs::printable(error.what()));
    }
    return static_cast<int>(Exit::failure);
}

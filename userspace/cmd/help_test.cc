// SPDX-License-Identifier: GPL-2.0-or-later
// What --help says of each command.
#include <catch2/catch.hpp>
#include <sstream>

#include "testing/commands.h"
#include "testing/program.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream stream(line);
    return {std::istream_iterator<std::string>(stream), {}};
}

// The command lines of the examples.
std::vector<std::string> examples_of(const CLI::App& app) {
    std::vector<std::string> lines;
    std::istringstream help(app.get_footer());
    for (std::string line; std::getline(help, line);) {
        if (line.starts_with("    ")) {
            lines.push_back(line.substr(4));
        }
    }
    return lines;
}

// What the parser says of a command line, or nothing.
std::string parse(std::vector<std::string> words) {
    const auto line = make_command_line(words.at(0));
    std::vector<const char*> argv;
    argv.reserve(words.size());
    for (const std::string& word : words) {
        argv.push_back(word.c_str());
    }
    try {
        line->app.parse(static_cast<int>(argv.size()), argv.data());
    } catch (const CLI::CallForHelp&) {
        return "";
    } catch (const CLI::ParseError& error) {
        return error.what();
    }
    return line->run ? "" : "nothing would run";
}

}  // namespace

TEST_CASE("each command has a summary and true examples", "[help]") {
    for_each_command([](const CLI::App& app) {
        const std::string path = command_path(app);
        INFO(path);
        CHECK(!app.get_description().empty());
        CHECK(app.get_footer().starts_with("Examples:\n"));
        const auto examples = examples_of(app);
        CHECK(!examples.empty());
        for (const std::string& example : examples) {
            INFO(example);
            CHECK((example + " ").starts_with(path + " "));
            CHECK(parse(words_of(example)).empty());
        }
    });
    CHECK_FALSE(parse({"dcryptfs", "init", "--frob", "/srv/lower"}).empty());
}

TEST_CASE("each option says what it is", "[help]") {
    for_each_command([](const CLI::App& app) {
        for (const CLI::Option* const option : app.get_options()) {
            INFO(command_path(app) << " " << option->get_name());
            CHECK(!option->get_description().empty());
        }
    });
}

TEST_CASE("the help of each command shows all of it", "[help]") {
    for_each_command([](const CLI::App& app) {
        std::vector<std::string> words = words_of(command_path(app) + " --help");
        const std::string program = words[0];
        words.erase(words.begin());
        const Outcome help = run_program(program, words);
        INFO(command_path(app));
        CHECK(help.exit_code == 0);
        CHECK(help.err.empty());
        for (const std::string& name : option_names(app)) {
            CHECK_THAT(help.out, Catch::Matchers::Contains(name));
        }
        CHECK_THAT(help.out, Catch::Matchers::Contains(app.get_footer()));
    });
}

// SPDX-License-Identifier: GPL-2.0-or-later
// The man pages against what there is: commands, options, mount options.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <sstream>

#include "lib/mount_options.h"
#include "testing/commands.h"
#include "testing/files.h"

using namespace dcryptfs;
using namespace dcryptfs::testing;

namespace {

using Names = std::set<std::string>;
using Words = std::vector<std::string>;

std::string top(const std::string& path) {
    return std::string(DCRYPTFS_TOP) + "/" + path;
}

Words words_of(const std::string& line) {
    std::istringstream stream(line);
    return {std::istream_iterator<std::string>(stream), {}};
}

// The words of a macro line and what they are: those after "Fl" options and so on.
bool is_macro(const std::string& word) {
    static const Names macros = {"Fl", "Ar", "Cm", "Op", "Oo", "Oc", "Ns", "Nm", "Ic", "Pq", "Pa"};
    return macros.contains(word);
}

bool is_punctuation(const std::string& word) {
    static const Names signs = {",", ".", ";", ":", "|", "(", ")"};
    return signs.contains(word);
}

// The arguments of each macro of this name in a line, up to the next macro.
Words arguments_of(const Words& line, std::string_view macro) {
    Words arguments;
    std::string current;
    for (std::string word : line) {
        if (word.starts_with('.') && word.size() > 1) {
            word.erase(0, 1);
        }
        if (is_macro(word) || word == "It") {
            current = word;
        } else if (current == macro && !is_punctuation(word)) {
            arguments.push_back(word);
        }
    }
    return arguments;
}

// ".Fl -json" is --json, and ".Fl R0" is -R and -0.
Names options_in(const Words& line) {
    Names names;
    for (const std::string& argument : arguments_of(line, "Fl")) {
        if (argument.starts_with('-')) {
            names.insert("-" + argument);
            continue;
        }
        for (const char c : argument) {
            names.insert(std::string("-") + c);
        }
    }
    return names;
}

// The command that a line is about: what follows its first "Cm", up to another macro.
std::string command_in(const Words& line) {
    std::string path;
    const auto start = std::ranges::find_if(
        line, [](const std::string& word) { return word == "Cm" || word == ".Cm"; });
    for (auto word = start; word != line.end(); ++word) {
        if (word == start) {
            continue;
        }
        if (is_macro(*word) || is_punctuation(*word)) {
            break;
        }
        path += (path.empty() ? "" : " ") + *word;
    }
    return path;
}

// What a page says of commands.
struct Page {
    std::map<std::string, Names> synopsis;   // options and groups of them, by command
    std::map<std::string, Names> described;  // options in the list of commands
    std::map<std::string, Names> groups;     // "cost-options" and the like
    Names general;                           // options in a list that is neither
};

class PageReader {
  public:
    explicit PageReader(const std::string& file) {
        std::istringstream lines(read_file(file));
        for (std::string line; std::getline(lines, line);) {
            read(words_of(line));
        }
    }

    [[nodiscard]] const Page& page() const { return page_; }

  private:
    void read(const Words& line) {
        if (line.empty()) {
            return;
        }
        if (line[0] == ".Sh") {
            section_ = line.at(1);
        } else if (section_ == "SYNOPSIS") {
            read_synopsis(line);
        } else if (section_ == "DESCRIPTION") {
            read_description(line);
        }
    }

    void read_synopsis(const Words& line) {
        if (line[0] == ".Nm") {
            command_ = "";
        } else if (line[0] == ".Cm") {
            command_ = command_in(line);
            page_.synopsis[command_];
        }
        Names& names = page_.synopsis[command_];
        names.merge(options_in(line));
        for (const std::string& argument : arguments_of(line, "Ar")) {
            if (argument.ends_with("-options")) {
                names.insert(argument);
            }
        }
    }

    void read_description(const Words& line) {
        if (line[0] == ".Bl") {
            depth_++;
        } else if (line[0] == ".El") {
            depth_--;
        } else if (line[0] == ".Pp" && depth_ == 0) {
            group_ = "";
        } else if (line[0] == ".Ar" && depth_ == 0 && group_.empty() && line.size() > 1 &&
                   line[1].ends_with("-options")) {
            group_ = line[1];
        } else if (line[0] == ".It") {
            read_item(line);
        }
    }

    void read_item(const Words& line) {
        if (line.size() < 2) {
            return;
        }
        if (depth_ == 1 && line.at(1) == "Cm") {
            command_ = command_in(line);
            group_ = "";
            page_.described[command_].merge(options_in(line));
        } else if (line.at(1) == "Fl" && depth_ == 1) {
            (group_.empty() ? page_.general : page_.groups[group_]).merge(options_in(line));
        } else if (line.at(1) == "Fl") {
            page_.described[command_].merge(options_in(line));
        }
    }

    Page page_;
    std::string section_;
    std::string command_;
    std::string group_;
    int depth_ = 0;
};

// What a page documents for a command.
Names documented(const Page& page, const std::string& command) {
    Names names;
    const auto synopsis = page.synopsis.find(command);
    if (synopsis != page.synopsis.end()) {
        for (const std::string& name : synopsis->second) {
            if (name.starts_with('-')) {
                names.insert(name);
                continue;
            }
            INFO(name << " is in the synopsis of " << command);
            REQUIRE(page.groups.contains(name));
            const Names& group = page.groups.at(name);
            names.insert(group.begin(), group.end());
        }
    }
    if (const auto described = page.described.find(command); described != page.described.end()) {
        names.insert(described->second.begin(), described->second.end());
    }
    return names;
}

const Names everywhere = {"-h", "--help", "-V", "--version"};

Names without(const Names& names, const Names& others) {
    Names rest;
    std::ranges::set_difference(names, others, std::inserter(rest, rest.end()));
    return rest;
}

// The names of mount options in the items of a page, with "=" if they have a value.
Names mount_options_in(const std::string& file) {
    Names names;
    std::istringstream lines(read_file(file));
    for (std::string line; std::getline(lines, line);) {
        const Words words = words_of(line);
        if (!words.empty() && words[0] == ".It") {
            for (const std::string& name : arguments_of(words, "Cm")) {
                names.insert(name);
            }
        }
    }
    return names;
}

// What a pattern finds in a source file: its first group.
std::vector<std::smatch> matches_in(const std::string& text, const std::regex& pattern) {
    return {std::sregex_iterator(text.begin(), text.end(), pattern), {}};
}

Names kernel_options(const std::string& file) {
    const std::string text = read_file(file);
    Names names;
    for (const auto& match : matches_in(text, std::regex(R"rx(fsparam_(\w+)\("(\w+)")rx"))) {
        names.insert(match[2].str() + (match[1] == "flag" ? "" : "="));
    }
    return names;
}

const Names nothing;

// An option for mount(8), systemd and the like, which the helper takes and passes over.
bool is_passed_over(const std::string& option) {
    const MountOptions parsed =
        parse_mount_options({option.ends_with('=') ? option + "/" : option});
    return parsed.others.empty() && parsed.super_flags.empty() && parsed.attr_set == 0 &&
           parsed.attr_clear == 0 && count_sources(parsed.secret) == 0;
}

}  // namespace

TEST_CASE("dcryptfs(1) has each command and option, and no other", "[man]") {
    const PageReader reader(top("userspace/man/dcryptfs.1"));
    const Page& page = reader.page();
    CHECK(without(everywhere, page.general).empty());
    const auto line = make_command_line("dcryptfs");
    Names commands;
    for_each_command(line->app, [&](const CLI::App& app) {
        if (!commands_of(app).empty()) {
            // A group of commands has no options of its own.
            CHECK(without(option_names(app), everywhere).empty());
            return;
        }
        const std::string command = command_path(app).substr(std::string("dcryptfs ").size());
        INFO(command);
        commands.insert(command);
        CHECK(page.synopsis.contains(command));
        CHECK(page.described.contains(command));
        const Names options = without(option_names(app), everywhere);
        CHECK(without(options, documented(page, command)) == nothing);  // not documented
        CHECK(without(documented(page, command), options) == nothing);  // not there
    });
    for (const auto& [command, options] : page.described) {
        INFO(command);
        CHECK(commands.contains(command));
    }
    for (const auto& [command, options] : page.synopsis) {
        INFO(command);
        CHECK((command.empty() || commands.contains(command)));
    }
}

TEST_CASE("mkfs.dcryptfs is init, and fsck.dcryptfs is check", "[man]") {
    const auto dcryptfs = make_command_line("dcryptfs");
    const auto options_of = [&](const char* command) {
        return without(option_names(*dcryptfs->app.get_subcommand(command)), everywhere);
    };
    CHECK(without(option_names(make_command_line("mkfs.dcryptfs")->app), everywhere) ==
          options_of("init"));
    CHECK(without(option_names(make_command_line("fsck.dcryptfs")->app), everywhere) ==
          options_of("check"));
}

TEST_CASE("mount.dcryptfs(8) has each option of the program, and no other", "[man]") {
    const PageReader reader(top("userspace/man/mount.dcryptfs.8"));
    const Names options = option_names(make_command_line("mount.dcryptfs")->app);
    CHECK(without(options, reader.page().general) == nothing);
    CHECK(without(reader.page().general, options) == nothing);
}

TEST_CASE("mount.dcryptfs(8) has each mount option of the helper, and no other of its own",
          "[man]") {
    const std::string source = read_file(top("userspace/lib/mount_options.cc"));
    Names own;
    for (const auto& match : matches_in(source, std::regex(R"rx(name == "(\w+)"\) \{)rx"))) {
        own.insert(match[1].str() + "=");
    }
    for (const auto& match : matches_in(source, std::regex(R"rx(name == "(\w+)" && !value\))rx"))) {
        own.insert(match[1]);
    }
    own.erase("remount");  // mount(8) has it
    CHECK(own.contains("passphrase_file="));
    const Names documented = mount_options_in(top("userspace/man/mount.dcryptfs.8"));
    CHECK(without(own, documented) == nothing);
    for (const std::string& option : without(documented, own)) {
        INFO(option);
        CHECK(is_passed_over(option));
    }
}

TEST_CASE("dcryptfs(5) has each mount option of the kernel, and no other", "[man]") {
    Names options = kernel_options(top("kernel/params.c"));
    options.merge(kernel_options(top("kernel/format/ecryptfs_mount.c")));
    CHECK(options.contains("key="));
    CHECK(options.contains("ecryptfs_passthrough"));
    Names documented = mount_options_in(top("userspace/man/dcryptfs.5"));
    // How names are stored is a choice of init's.
    for (const char* const mode : {"encrypted", "plain"}) {
        documented.erase(mode);
    }
    CHECK(without(options, documented) == nothing);
    CHECK(without(documented, options) == nothing);
}

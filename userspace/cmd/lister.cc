// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/lister.h"

#include <unistd.h>

#include <optional>

#include "cmd/json.h"
#include "lib/fd.h"
#include "lib/output.h"
#include "lib/path.h"

namespace dcryptfs {

namespace {

const char* type_name(mode_t type) {
    switch (type) {
        case S_IFREG:
            return "file";
        case S_IFDIR:
            return "directory";
        case S_IFLNK:
            return "link";
        case S_IFIFO:
            return "pipe";
        case S_IFSOCK:
            return "socket";
        case S_IFBLK:
            return "block device";
        case S_IFCHR:
            return "character device";
        default:
            return "unknown";
    }
}

// Writes entries to standard output, and what is wrong to standard error.
class Lister {
  public:
    explicit Lister(const ListOptions& options) : options_(options) {
        if (options.json) {
            text_ = "{\n  \"entries\": [";
        }
    }

    // `upper` and `lower` are the paths of the directory from where it began.
    void show(const LowerDir& dir, const LowerListing& listing, const std::string& upper,
              const std::string& lower) {
        for (const std::string& problem : listing.problems) {
            report(problem);
        }
        for (const LowerEntry& entry : listing.entries) {
            const std::string upper_path = join_path(upper, entry.upper);
            const std::string lower_path = join_path(lower, entry.lower);
            add(entry, upper_path, lower_path);
            if (options_.recursive && entry.type == S_IFDIR) {
                show_below(dir, entry.lower, upper_path, lower_path);
            }
        }
    }

    // Writes what is left; whether all was sound.
    [[nodiscard]] bool finish() {
        if (options_.json) {
            text_ += count_ > 0 ? "\n  ],\n" : "],\n";
            text_ += "  \"problems\": " + json_text(problems_) + "\n}\n";
        }
        flush();
        return !failed_;
    }

  private:
    void show_below(const LowerDir& parent, const std::string& name, const std::string& upper,
                    const std::string& lower) {
        std::optional<LowerDir> dir;
        LowerListing listing;
        try {
            dir = parent.enter(name, join_path(parent.path(), name));
            listing = dir->list();
        } catch (const Error& error) {
            report(error.what());
            return;
        }
        show(*dir, listing, upper, lower);
    }

    void add(const LowerEntry& entry, const std::string& upper, const std::string& lower) {
        if (options_.json) {
            add_json(entry, upper, lower);
        } else if (options_.zero) {
            text_ += upper + '\0' + lower + '\0';
        } else {
            text_ += printable(upper) + '\t' + printable(lower);
            if (entry.target) {
                text_ += "\t-> " + printable(*entry.target);
            }
            text_ += '\n';
        }
        constexpr std::size_t piece_size = std::size_t{64} * 1024;
        if (text_.size() >= piece_size) {
            flush();
        }
    }

    // At once, as a tree may have more entries than there is memory for.
    void add_json(const LowerEntry& entry, const std::string& upper, const std::string& lower) {
        Json one;
        one["upper"] = printable(upper);
        one["lower"] = printable(lower);
        one["type"] = type_name(entry.type);
        if (entry.target) {
            one["target"] = printable(*entry.target);
        }
        text_ += (count_++ > 0 ? ",\n    " : "\n    ") + json_text(one);
    }

    void report(std::string_view problem) {
        failed_ = true;
        if (options_.json) {
            problems_.emplace_back(problem);
        }
        complain(problem);
    }

    void flush() {
        write_all(STDOUT_FILENO, as_bytes(text_), "standard output");
        text_.clear();
    }

    const ListOptions& options_;
    std::string text_;
    std::size_t count_ = 0;              // of entries, with --json
    std::vector<std::string> problems_;  // likewise
    bool failed_ = false;
};

}  // namespace

void add_list_options(CLI::App& app, ListOptions& options) {
    app.add_flag("-R,--recursive", options.recursive, "All that is below, with paths from there");
    auto* const zero =
        app.add_flag("-0,--zero", options.zero,
                     "Upper and lower name as they are, each followed by a zero byte");
    add_json_option(app, options.json)->excludes(zero);
}

Exit list_tree(const LowerDir& dir, const ListOptions& options) {
    Lister lister(options);
    lister.show(dir, dir.list(), "", "");
    return lister.finish() ? Exit::success : Exit::failure;
}

}  // namespace dcryptfs

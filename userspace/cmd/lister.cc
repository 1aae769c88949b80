// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/lister.h"

#include <unistd.h>

#include <optional>

#include "lib/fd.h"
#include "lib/output.h"
#include "lib/path.h"

namespace dcryptfs {

namespace {

// Writes entries to standard output, and what is wrong to standard error.
class Lister {
  public:
    explicit Lister(const ListOptions& options) : options_(options) {}

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
        if (options_.zero) {
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

    void report(std::string_view problem) {
        failed_ = true;
        complain(problem);
    }

    void flush() {
        write_all(STDOUT_FILENO, as_bytes(text_), "standard output");
        text_.clear();
    }

    const ListOptions& options_;
    std::string text_;
    bool failed_ = false;
};

}  // namespace

void add_list_options(CLI::App& app, ListOptions& options) {
    app.add_flag("-R,--recursive", options.recursive, "All that is below, with paths from there");
    app.add_flag("-0,--zero", options.zero,
                 "Upper and lower name as they are, each followed by a zero byte");
}

Exit list_tree(const LowerDir& dir, const ListOptions& options) {
    Lister lister(options);
    lister.show(dir, dir.list(), "", "");
    return lister.finish() ? Exit::success : Exit::failure;
}

}  // namespace dcryptfs

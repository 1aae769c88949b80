// SPDX-License-Identifier: GPL-2.0-or-later
// dcryptfs ls: what a lower directory shows above, without the kernel module.
#include <unistd.h>

#include <memory>

#include "cmd/command.h"
#include "lib/lower_dir.h"
#include "lib/output.h"
#include "lib/path.h"
#include "lib/volume.h"

namespace dcryptfs {

namespace {

struct Options {
    std::string dir;
    std::optional<std::string> volume;
    bool recursive = false;
    bool zero = false;
    PassphraseSource passphrase;
};

// Writes entries to standard output, and what is wrong to standard error.
class Lister {
  public:
    explicit Lister(const Options& options) : options_(options) {}

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

    const Options& options_;
    std::string text_;
    bool failed_ = false;
};

Exit run(const Options& options) {
    // The directory first: a passphrase is not asked for in vain.
    LowerDir dir(absolute_path(options.dir));
    const Volume volume = load_volume(volume_dir_of(options.volume, dir.path()));
    const auto sealer =
        open_names(volume, read_passphrase(options.passphrase, volume.dir, passphrase_file_option,
                                           passphrase_fd_option));
    dir.set_volume(sealer.get(), dir.path() == volume.dir);
    Lister lister(options);
    lister.show(dir, dir.list(), "", "");
    return lister.finish() ? Exit::success : Exit::failure;
}

}  // namespace

CommandRun setup_ls(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("dir", options->dir, "A volume's lower directory, or one within it")
        ->type_name("LOWERDIR")
        ->required();
    app.add_flag("-R,--recursive", options->recursive, "All that is below, with paths from there");
    app.add_flag("-0,--zero", options->zero,
                 "Upper and lower name as they are, each followed by a zero byte");
    add_volume_option(app, options->volume);
    add_passphrase_options(app, options->passphrase);
    return [options] { return run(*options); };
}

}  // namespace dcryptfs

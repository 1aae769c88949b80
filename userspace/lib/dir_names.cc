// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/dir_names.h"

#include <climits>

#include "lib/dir_entries.h"
#include "lib/dir_id.h"
#include "lib/error.h"
#include "lib/names.h"
#include "lib/path.h"
#include "lib/sealed_value.h"
#include "lib/symlink.h"

namespace dcryptfs {

namespace {

class PlainNames : public DirNames {
  public:
    explicit PlainNames(bool is_root) : is_root_(is_root) {}

    [[nodiscard]] std::optional<std::string> upper_name(const std::string& lower) const override {
        return lower_name(lower);
    }

    [[nodiscard]] std::optional<std::string> lower_name(std::string_view upper) const override {
        if (upper.starts_with(hidden_prefix) || (is_root_ && upper == config_name)) {
            return std::nullopt;
        }
        return std::string(upper);
    }

    [[nodiscard]] std::string upper_target(const std::string& /*lower*/,
                                           const std::string& lower_target) const override {
        return lower_target;
    }

  private:
    bool is_root_;
};

class EncryptedNames : public DirNames {
  public:
    EncryptedNames(const Sealer& sealer, const Fd& dir, std::string path, bool is_root)
        : sealer_(sealer), dir_(dir), path_(std::move(path)), is_root_(is_root) {
        nonce_ = read_nonce();
        if (nonce_ || !has_names()) {
            return;
        }
        // The nonce comes before the first name; but both may just have come.
        nonce_ = read_nonce();
        if (!nonce_) {
            fail(Exit::damaged, path_,
                 "damaged: it holds encrypted names, but not the " + std::string(dir_id_name) +
                     " without which they can't be read");
        }
    }

    [[nodiscard]] std::optional<std::string> upper_name(const std::string& lower) const override {
        switch (kind_of_lower_name(lower)) {
            case LowerKind::own:
                return std::nullopt;
            case LowerKind::short_name:
                return short_name(lower);
            case LowerKind::long_name:
                return long_name(lower);
            case LowerKind::foreign:
                break;
        }
        if (is_root_ && lower == config_name) {
            return std::nullopt;
        }
        damaged(lower, "not an encrypted name");
    }

    [[nodiscard]] std::optional<std::string> lower_name(std::string_view upper) const override {
        if (!nonce_) {
            return std::nullopt;
        }
        return encode_name(sealer_, *nonce_, upper).name;
    }

    [[nodiscard]] std::string upper_target(const std::string& lower,
                                           const std::string& lower_target) const override {
        auto target = open_target(sealer_, lower_target);
        if (!target) {
            damaged(lower, "its target does not decrypt: it was changed, or is of another volume");
        }
        return *std::move(target);
    }

  private:
    [[noreturn]] void damaged(const std::string& lower, const std::string& reason) const {
        fail(Exit::damaged, join_path(path_, lower), reason);
    }

    [[nodiscard]] std::optional<SealNonce> read_nonce() const {
        const std::string name(dir_id_name);
        const std::string subject = join_path(path_, name);
        const auto target = read_target(dir_, name, PATH_MAX - 1, subject);
        if (!target) {
            return std::nullopt;
        }
        return parse_dir_id(sealer_, *target, subject);
    }

    [[nodiscard]] bool has_names() const {
        bool found = false;
        for_each_name(dir_, path_, [&](const std::string& lower) {
            const LowerKind kind = kind_of_lower_name(lower);
            found = kind == LowerKind::short_name || kind == LowerKind::long_name;
            return !found;
        });
        return found;
    }

    [[nodiscard]] std::string short_name(const std::string& lower) const {
        auto name = nonce_ ? decode_short_name(sealer_, *nonce_, lower) : std::nullopt;
        if (!name) {
            damaged(lower,
                    "does not decrypt: it was changed, or is of another directory or volume");
        }
        return *std::move(name);
    }

    [[nodiscard]] std::string long_name(const std::string& lower) const {
        const std::string sidecar = sidecar_of(lower);
        const auto target =
            read_target(dir_, sidecar, sidecar_target_max(), join_path(path_, sidecar));
        if (!target) {
            damaged(lower, "its name can't be read: " + sidecar + " is missing");
        }
        auto name = nonce_ ? decode_long_name(sealer_, *nonce_, lower, *target) : std::nullopt;
        if (!name) {
            damaged(lower, "its name can't be read: " + sidecar +
                               " does not belong to it; it was changed, or is of another "
                               "directory or volume");
        }
        return *std::move(name);
    }

    const Sealer& sealer_;
    const Fd& dir_;
    std::string path_;
    bool is_root_;
    std::optional<SealNonce> nonce_;  // nothing: an empty directory
};

}  // namespace

std::unique_ptr<DirNames> make_dir_names(const Sealer* sealer, const Fd& dir,
                                         const std::string& path, bool is_root) {
    if (sealer == nullptr) {
        return std::make_unique<PlainNames>(is_root);
    }
    return std::make_unique<EncryptedNames>(*sealer, dir, path, is_root);
}

}  // namespace dcryptfs

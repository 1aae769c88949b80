// SPDX-License-Identifier: GPL-2.0-or-later
// pam_dcryptfs: a user's volume is mounted at login, and changes its passphrase with the
// password.  See pam_dcryptfs(8).
//
// It never says of a user who he is: it returns PAM_IGNORE where it has done nothing or
// failed, so that wherever it stands in a stack, the others decide.
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>

#include "lib/error.h"
#include "lib/fs_context.h"
#include "lib/output.h"
#include "lib/passphrase.h"
#include "pam/log.h"
#include "pam/login.h"

using namespace dcryptfs;

namespace {

constexpr const char* passphrase_name = "dcryptfs_passphrase";
constexpr const char* session_name = "dcryptfs_session";

struct Arguments {
    bool strict = false;  // a failure is one of the login
    bool silent = false;
};

// From auth to session.  Its pages are not in processes that were forked meanwhile.
struct KeptPassphrase {
    pid_t owner;
    SlotSecret secret;
};

// A session that was counted: closing it must find what opening it did.
struct Session {
    UserVolume volume;
    uid_t user;
};

Arguments parse_arguments(pam_handle_t* pamh, int flags, int argc, const char** argv) {
    Arguments arguments;
    arguments.silent = (flags & PAM_SILENT) != 0;
    for (int i = 0; i < argc; ++i) {
        if (std::string_view(argv[i]) == "strict") {
            arguments.strict = true;
        } else {
            pam_syslog(pamh, LOG_ERR, "unknown argument %s", argv[i]);
        }
    }
    return arguments;
}

// What is thrown goes no further: an error is logged and, if `told` is not empty, said to
// the user.
template <typename Action>
int run(pam_handle_t* pamh, const Arguments& arguments, int failure, const char* told,
        const Action& action) noexcept {
    const LogScope scope(pamh);
    try {
        return action();
    } catch (const std::bad_alloc&) {
        complain("out of memory");
    } catch (const std::exception& error) {
        complain(error.what());
    } catch (...) {
        complain("an unknown error");
    }
    if (!arguments.silent && *told != '\0') {
        pam_error(pamh, "%s", told);
    }
    return arguments.strict ? failure : PAM_IGNORE;
}

const passwd* find_user(pam_handle_t* pamh) {
    const char* name = nullptr;
    if (pam_get_user(pamh, &name, nullptr) != PAM_SUCCESS || name == nullptr) {
        return nullptr;
    }
    return pam_modutil_getpwnam(pamh, name);
}

std::optional<UserVolume> find_volume(const passwd& user) {
    return find_user_volume(user.pw_name, user.pw_uid == 0);
}

// A password that PAM has, or nullptr.
std::unique_ptr<KeptPassphrase> take_item(pam_handle_t* pamh, int item) {
    const void* text = nullptr;
    if (pam_get_item(pamh, item, &text) != PAM_SUCCESS || text == nullptr) {
        return nullptr;
    }
    const auto* const bytes = static_cast<const std::uint8_t*>(text);
    const std::size_t size = std::strlen(static_cast<const char*>(text));
    if (size == 0 || size > max_passphrase_size) {
        return nullptr;
    }
    Secret secret(size);
    std::copy_n(bytes, size, secret.data());
    return std::make_unique<KeptPassphrase>(
        KeptPassphrase{getpid(), {SlotType::passphrase, std::move(secret)}});
}

void wipe_passphrase(pam_handle_t* /*pamh*/, void* data, int /*status*/) {
    auto* const kept = static_cast<KeptPassphrase*>(data);
    if (kept != nullptr && kept->owner == getpid()) {
        delete kept;
    }
}

void forget_session(pam_handle_t* /*pamh*/, void* data, int /*status*/) {
    delete static_cast<Session*>(data);
}

const SlotSecret* kept_passphrase(pam_handle_t* pamh) {
    const void* data = nullptr;
    if (pam_get_data(pamh, passphrase_name, &data) != PAM_SUCCESS || data == nullptr) {
        return nullptr;
    }
    const auto* const kept = static_cast<const KeptPassphrase*>(data);
    return kept->owner == getpid() ? &kept->secret : nullptr;
}

template <typename Data>
void keep(pam_handle_t* pamh, const char* name, std::unique_ptr<Data> data,
          void (*cleanup)(pam_handle_t*, void*, int)) {
    if (const int status = pam_set_data(pamh, name, data.get(), cleanup); status != PAM_SUCCESS) {
        fail(Exit::failure, name, pam_strerror(pamh, status));
    }
    (void)data.release();
}

int keep_passphrase(pam_handle_t* pamh) {
    const passwd* const user = find_user(pamh);
    if (user != nullptr && find_volume(*user)) {
        if (auto kept = take_item(pamh, PAM_AUTHTOK)) {
            keep(pamh, passphrase_name, std::move(kept), wipe_passphrase);
        }
    }
    return PAM_IGNORE;
}

int open_session(pam_handle_t* pamh) {
    const passwd* const user = find_user(pamh);
    auto volume = user == nullptr ? std::nullopt : find_volume(*user);
    if (!volume) {
        return PAM_IGNORE;
    }
    // Kept first, so that a session that was counted is one that can be closed.
    auto session = std::make_unique<Session>(Session{std::move(*volume), user->pw_uid});
    const Session& kept = *session;
    keep(pamh, session_name, std::move(session), forget_session);
    try {
        begin_session(kept.volume, kept.user, kept_passphrase(pamh));
    } catch (...) {
        pam_set_data(pamh, session_name, nullptr, nullptr);
        throw;
    }
    return PAM_SUCCESS;
}

int close_session(pam_handle_t* pamh) {
    const void* data = nullptr;
    if (pam_get_data(pamh, session_name, &data) != PAM_SUCCESS || data == nullptr) {
        return PAM_IGNORE;
    }
    const Session session = *static_cast<const Session*>(data);
    // Closed once, it is counted no more.
    pam_set_data(pamh, session_name, nullptr, nullptr);
    (void)end_session(session.volume, session.user);
    return PAM_SUCCESS;
}

int change_password(pam_handle_t* pamh) {
    const passwd* const user = find_user(pamh);
    const auto volume = user == nullptr ? std::nullopt : find_volume(*user);
    if (!volume) {
        return PAM_IGNORE;
    }
    const auto old_one = take_item(pamh, PAM_OLDAUTHTOK);
    const auto new_one = take_item(pamh, PAM_AUTHTOK);
    if (!old_one || !new_one) {
        fail(Exit::failure, volume->lower,
             "it keeps its passphrase, as the old password is not known; change it with: dcryptfs "
             "slot change");
    }
    change_passphrase(*volume, old_one->secret, new_one->secret);
    return PAM_SUCCESS;
}

}  // namespace

extern "C" {

int pam_sm_authenticate(pam_handle_t* pamh, int flags, int argc, const char** argv) {
    Arguments arguments = parse_arguments(pamh, flags, argc, argv);
    // The session tells of what is missing.
    arguments.strict = false;
    return run(pamh, arguments, PAM_AUTH_ERR, "", [&] { return keep_passphrase(pamh); });
}

int pam_sm_setcred(pam_handle_t* /*pamh*/, int /*flags*/, int /*argc*/, const char** /*argv*/) {
    return PAM_IGNORE;
}

int pam_sm_open_session(pam_handle_t* pamh, int flags, int argc, const char** argv) {
    const Arguments arguments = parse_arguments(pamh, flags, argc, argv);
    const int result = run(pamh, arguments, PAM_SESSION_ERR,
                           "Your encrypted directory was not mounted; the system's log says why.",
                           [&] { return open_session(pamh); });
    // It is wiped here, whatever became of it.
    pam_set_data(pamh, passphrase_name, nullptr, nullptr);
    return result;
}

int pam_sm_close_session(pam_handle_t* pamh, int flags, int argc, const char** argv) {
    const Arguments arguments = parse_arguments(pamh, flags, argc, argv);
    return run(pamh, arguments, PAM_SESSION_ERR, "", [&] { return close_session(pamh); });
}

int pam_sm_chauthtok(pam_handle_t* pamh, int flags, int argc, const char** argv) {
    const Arguments arguments = parse_arguments(pamh, flags, argc, argv);
    // The password changes only in the second round.
    if ((flags & PAM_UPDATE_AUTHTOK) == 0) {
        return PAM_IGNORE;
    }
    return run(pamh, arguments, PAM_AUTHTOK_ERR,
               "The passphrase of your encrypted directory was not changed; the system's log says "
               "why.",
               [&] { return change_password(pamh); });
}

}  // extern "C"

// SPDX-License-Identifier: GPL-2.0-or-later
// In the module this stands in the place of lib/output.cc: its standard error may be
// anybody's.
#include "pam/log.h"

#include <security/pam_ext.h>
#include <syslog.h>

#include <exception>
#include <string>

#include "lib/output.h"

namespace dcryptfs {

namespace {

thread_local pam_handle_t* transaction = nullptr;

}  // namespace

LogScope::LogScope(pam_handle_t* pamh) noexcept {
    transaction = pamh;
}

LogScope::~LogScope() {
    transaction = nullptr;
}

void complain(std::string_view line) noexcept {
    try {
        const std::string text(line);
        if (transaction != nullptr) {
            pam_syslog(transaction, LOG_ERR, "%s", text.c_str());
        }
    } catch (const std::exception&) {
        return;
    }
}

void warn(std::string_view line) {
    std::string text = "warning: ";
    text += line;
    complain(text);
}

}  // namespace dcryptfs

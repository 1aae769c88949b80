// SPDX-License-Identifier: GPL-2.0-or-later
// Looking at the error that an action ends with.
#ifndef DCRYPTFS_TESTING_ERRORS_H
#define DCRYPTFS_TESTING_ERRORS_H

#include <catch2/catch.hpp>

#include "lib/error.h"

namespace dcryptfs::testing {

// The Error that the action throws; fails the test when it throws none.
template <typename Action>
Error error_of(const Action& action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error");
    throw std::logic_error("not reached");
}

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_ERRORS_H

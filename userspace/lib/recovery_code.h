// SPDX-License-Identifier: GPL-2.0-or-later
// Recovery codes: random, printed on paper, typed by a person once in years.  A group that
// was mistyped is told from the others.
#ifndef DCRYPTFS_LIB_RECOVERY_CODE_H
#define DCRYPTFS_LIB_RECOVERY_CODE_H

#include <cstddef>
#include <string_view>

#include "lib/bytes.h"
#include "lib/secret.h"

namespace dcryptfs {

// Groups with a dash between them; four characters of a group carry 5 random bits each,
// and the fifth is made of them and the place of the group.
inline constexpr std::size_t recovery_groups = 7;
inline constexpr std::size_t recovery_group_size = 5;
inline constexpr std::size_t recovery_code_size = recovery_groups * (recovery_group_size + 1) - 1;

// A new one, of 140 random bits, as it is printed.
Secret make_recovery_code();

// The code as make_recovery_code() gave it, out of what was typed: in either case, with O for
// 0 and I or L for 1, with any white space and dashes or none.  Throws Error
// (Exit::wrong_passphrase) with a line about `subject` that says which group is wrong.
Secret parse_recovery_code(Bytes typed, std::string_view subject);

}  // namespace dcryptfs

#endif  // DCRYPTFS_LIB_RECOVERY_CODE_H

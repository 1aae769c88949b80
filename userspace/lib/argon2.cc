// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/argon2.h"

#include <argon2.h>

#include <new>

#include "lib/error.h"

namespace dcryptfs {

namespace {

// The library's parameters are not const, though these are only read.
std::uint8_t* read_only(Bytes bytes) {
    return const_cast<std::uint8_t*>(bytes.data());
}

}  // namespace

const char* argon2_cost_problem(const Argon2Cost& cost) {
    if (cost.memory < argon2_min_memory || cost.memory > argon2_max_memory) {
        return "memory must be from 8 MiB to 4 GiB";
    }
    if (cost.passes < 1 || cost.passes > argon2_max_passes) {
        return "passes must be from 1 to 1024";
    }
    if (cost.lanes < 1 || cost.lanes > argon2_max_lanes) {
        return "lanes must be from 1 to 16";
    }
    if (cost.memory * cost.passes > argon2_max_work) {
        return "memory and passes ask for more work than 16 GiB in one pass";
    }
    return nullptr;
}

Secret argon2id(Bytes passphrase, Bytes salt, const Argon2Cost& cost, std::size_t size) {
    Secret out(size);
    argon2_context context{};
    context.out = out.data();
    context.outlen = static_cast<std::uint32_t>(out.size());
    context.pwd = read_only(passphrase);
    context.pwdlen = static_cast<std::uint32_t>(passphrase.size());
    context.salt = read_only(salt);
    context.saltlen = static_cast<std::uint32_t>(salt.size());
    context.t_cost = static_cast<std::uint32_t>(cost.passes);
    context.m_cost = static_cast<std::uint32_t>(cost.memory);
    context.lanes = static_cast<std::uint32_t>(cost.lanes);
    context.threads = context.lanes;
    context.version = ARGON2_VERSION_13;
    // With these the library wipes its working memory before it gives it back.
    context.flags = ARGON2_DEFAULT_FLAGS;
    int result = argon2_ctx(&context, Argon2_id);
    if (result == ARGON2_THREAD_FAIL) {
        // Where no thread can be started, one does the work of all: the result is the same.
        context.threads = 1;
        result = argon2_ctx(&context, Argon2_id);
    }
    if (result == ARGON2_MEMORY_ALLOCATION_ERROR) {
        throw std::bad_alloc();
    }
    if (result != ARGON2_OK) {
        fail(Exit::failure, "argon2id", argon2_error_message(result));
    }
    return out;
}

}  // namespace dcryptfs

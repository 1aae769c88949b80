// SPDX-License-Identifier: GPL-2.0-or-later
// A TPM in software (swtpm), new each time, which is this process's while the object lives, and
// that of the programs it runs.
#ifndef DCRYPTFS_TESTING_SOFT_TPM_H
#define DCRYPTFS_TESTING_SOFT_TPM_H

#include <sys/types.h>

#include <string>

#include "testing/files.h"

namespace dcryptfs::testing {

class SoftTpm {
  public:
    SoftTpm();
    ~SoftTpm();
    SoftTpm(const SoftTpm&) = delete;
    SoftTpm& operator=(const SoftTpm&) = delete;
    SoftTpm(SoftTpm&&) = delete;
    SoftTpm& operator=(SoftTpm&&) = delete;

    // As after a power cycle: with its seeds and counters, and new PCRs.
    void restart();

    // Runs a program of tpm2-tools by the shell, in a scratch directory, with its standard output
    // into the file "out" there; fails the test unless it succeeds.
    void tool(const std::string& command) const;
    [[nodiscard]] std::string operator/(const std::string& name) const { return dir_ / name; }

  private:
    void start();
    void stop();

    TempDir dir_;
    pid_t child_ = -1;
};

}  // namespace dcryptfs::testing

#endif  // DCRYPTFS_TESTING_SOFT_TPM_H

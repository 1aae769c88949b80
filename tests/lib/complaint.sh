# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What no case may make the kernel say. I/O errors, and the lines with which
# dcryptfs itself reports one, are not among it: some cases provoke them. The
# lines in tests/selftest/complaints are held against it.
KERNEL_COMPLAINT='(^|[^A-Za-z_])(WARNING|BUG|Oops|KASAN|KCSAN|UBSAN|KFENCE)([^A-Za-z_]|$)'
KERNEL_COMPLAINT+='|Call Trace|general protection fault|[Uu]nable to handle'
KERNEL_COMPLAINT+='|possible (recursive|circular) locking|inconsistent lock state'
KERNEL_COMPLAINT+='|lock held when returning|lockdep|suspicious RCU usage'
KERNEL_COMPLAINT+='|rcu.*(detected (expedited )?stall|self-detected stall)'
KERNEL_COMPLAINT+='|soft lockup|hard LOCKUP|blocked for more than'
KERNEL_COMPLAINT+='|scheduling while atomic|sleeping function called from invalid'
KERNEL_COMPLAINT+='|refcount_t:|list_(add|del) corruption|Bad page|still has objects'
KERNEL_COMPLAINT+='|kmemleak|dcryptfs: .*leak'
# shellcheck disable=SC2034 # for the programs that source this file
readonly KERNEL_COMPLAINT

/* SPDX-License-Identifier: GPL-2.0 */
/* Tests that run when a module built with SELFTEST=1 is loaded. */
#ifndef DCRYPT_SELFTEST_H
#define DCRYPT_SELFTEST_H

#include <linux/printk.h>

/* Counts a check; logs it if it failed.  True if it held. */
bool dcrypt_check(bool good, const char *what, const char *file, int line);

#define CHECK(expr) dcrypt_check(expr, #expr, __FILE__, __LINE__)

void dcrypt_test_format(void);
void dcrypt_test_crypto(void);

#endif /* DCRYPT_SELFTEST_H */

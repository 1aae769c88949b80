// SPDX-License-Identifier: GPL-2.0
/* Runs the self-tests and says how they went; a failure keeps the module out. */

#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "../dcryptfs.h"
#include "../mount.h"
#include "selftest.h"

static unsigned int checks, failures;

bool dcrypt_check(bool good, const char *what, const char *file, int line)
{
	checks++;
	if (!good) {
		failures++;
		pr_err("selftest: %s:%d: %s does not hold\n", kbasename(file), line,
		       what);
	}
	return good;
}

int dcrypt_selftest(void)
{
	dcrypt_test_format();
	dcrypt_test_crypto();
	pr_info("selftest: %u checks, %u failed\n", checks, failures);
	return failures ? -EINVAL : 0;
}

// SPDX-License-Identifier: GPL-2.0
/* names=plain: the lower name is the upper name. */
#include <linux/string.h>

#include "dcryptfs.h"

static int plain_same(const struct inode *dir, const struct qstr *from,
		      struct qstr *to)
{
	*to = *from;
	return 0;
}

static unsigned int plain_max_len(unsigned int lower_max)
{
	return lower_max;
}

const struct dcrypt_name_ops dcrypt_plain_names = {
	.id		= DCRYPT_NAMES_PLAIN,
	.name		= DCRYPT_NAMES_PLAIN_NAME,
	.encode		= plain_same,
	.decode		= plain_same,
	.max_len	= plain_max_len,
};

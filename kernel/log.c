// SPDX-License-Identifier: GPL-2.0
/* Lines for the kernel log that name a lower file and a reason. */

#include <linux/dcache.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>

#include "dcryptfs.h"

static DEFINE_RATELIMIT_STATE(dcrypt_log_limit, 5 * HZ, 20);

void dcrypt_inode_err(struct inode *inode, const char *fmt, ...)
{
	struct inode *lower = dcrypt_lower_inode(inode);
	struct dentry *alias;
	struct va_format vaf;
	va_list args;

	if (!__ratelimit(&dcrypt_log_limit))
		return;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	alias = d_find_alias(lower);
	if (alias)
		pr_err("(%s) lower file %pd4: %pV\n", lower->i_sb->s_id, alias,
		       &vaf);
	else
		pr_err("(%s) lower inode %lu: %pV\n", lower->i_sb->s_id,
		       lower->i_ino, &vaf);
	dput(alias);
	va_end(args);
}

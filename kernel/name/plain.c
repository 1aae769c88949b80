// SPDX-License-Identifier: GPL-2.0
/* names=plain: the lower name is the upper name, the lower target the upper target. */
#include <linux/slab.h>
#include <linux/string.h>

#include "../names.h"
#include "name.h"

static int plain_init(struct dcrypt_sb *dsb)
{
	return 0;
}

static int plain_prepare(struct inode *dir, struct dentry *lower_dir)
{
	return 0;
}

static int plain_encode(const struct inode *dir, const struct qstr *upper,
			struct qstr *lower)
{
	if (dcrypt_lower_name_is_ours(dir, upper))
		return -EPERM;
	*lower = *upper;
	return 0;
}

static int bare_encode(const struct inode *dir, const struct qstr *upper,
		       struct qstr *lower)
{
	*lower = *upper;
	return 0;
}

static bool bare_hidden(const struct inode *dir, const struct qstr *lower)
{
	return false;
}

static int plain_decode(const struct inode *dir, struct dentry *lower_dir,
			const struct qstr *lower, struct qstr *upper)
{
	*upper = *lower;
	return 0;
}

static int plain_add_name(struct inode *dir, struct dentry *lower_dir,
			  const struct qstr *upper, const struct qstr *lower)
{
	return 0;
}

static void plain_drop_name(struct inode *dir, struct dentry *lower_dir,
			    const struct qstr *upper, const struct qstr *lower)
{
}

static int plain_init_dir(struct super_block *sb, struct dentry *lower)
{
	return 0;
}

static int plain_empty_dir(struct inode *dir, struct dentry *lower)
{
	return 0;
}

static void plain_restore_dir(struct inode *dir, struct dentry *lower)
{
}

static char *plain_link(struct dcrypt_sb *dsb, const char *target)
{
	return kstrdup(target, GFP_KERNEL) ?: ERR_PTR(-ENOMEM);
}

static unsigned int plain_max_len(unsigned int lower_max)
{
	return lower_max;
}

const struct dcrypt_name_ops dcrypt_plain_names = {
	.id		= DCRYPT_NAMES_PLAIN,
	.name		= DCRYPT_NAMES_PLAIN_NAME,
	.init		= plain_init,
	.prepare	= plain_prepare,
	.encode		= plain_encode,
	.decode		= plain_decode,
	.hidden		= dcrypt_lower_name_is_ours,
	.add_name	= plain_add_name,
	.drop_name	= plain_drop_name,
	.init_dir	= plain_init_dir,
	.empty_dir	= plain_empty_dir,
	.restore_dir	= plain_restore_dir,
	.encode_link	= plain_link,
	.decode_link	= plain_link,
	.max_len	= plain_max_len,
};

const struct dcrypt_name_ops dcrypt_bare_names = {
	.name		= DCRYPT_NAMES_PLAIN_NAME,
	.init		= plain_init,
	.prepare	= plain_prepare,
	.encode		= bare_encode,
	.decode		= plain_decode,
	.hidden		= bare_hidden,
	.add_name	= plain_add_name,
	.drop_name	= plain_drop_name,
	.init_dir	= plain_init_dir,
	.empty_dir	= plain_empty_dir,
	.restore_dir	= plain_restore_dir,
	.encode_link	= plain_link,
	.decode_link	= plain_link,
	.max_len	= plain_max_len,
};

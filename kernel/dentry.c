// SPDX-License-Identifier: GPL-2.0
/* Upper dentries: each refers to a lower one, and is as good as that. */
#include <linux/dcache.h>
#include <linux/namei.h>

#include "dcryptfs.h"
#include "inode.h"

/* The lower filesystem may ask its server, as whom the mounter is there. */
static int revalidate_lower(struct super_block *sb, struct dentry *lower,
			    unsigned int flags)
{
	const struct cred *old = dcrypt_override_creds(sb);
	int ret = lower->d_op->d_revalidate(lower, flags);

	revert_creds(old);
	return ret;
}

/*
 * Is what the upper dentry says still so below?  Somebody may have worked there
 * directly.  Called in RCU mode too (LOOKUP_RCU), where the lower dentry cannot
 * be freed, as it is freed after the upper one, and after a grace period.
 */
static int dcrypt_d_revalidate(struct dentry *dentry, unsigned int flags)
{
	struct dentry *lower = dcrypt_lower_dentry(dentry);
	struct inode *inode, *lower_inode;
	int ret;

	/* a hidden name: nothing below to ask */
	if (!lower)
		return 1;
	if (lower->d_flags & DCACHE_OP_REVALIDATE) {
		if (flags & LOOKUP_RCU)
			return -ECHILD;
		ret = revalidate_lower(dentry->d_sb, lower, flags);
		if (ret <= 0)
			return ret;
	}
	if (d_unhashed(lower))
		return 0;
	/* an operation found it elsewhere below, and had the VFS ask again */
	if (flags & LOOKUP_REVAL) {
		/* to compare its names takes memory */
		if (flags & LOOKUP_RCU)
			return -ECHILD;
		if (dcrypt_dentry_moved_below(dentry))
			return 0;
	}
	inode = d_inode_rcu(dentry);
	lower_inode = d_inode_rcu(lower);
	if (!inode)
		return !lower_inode;
	if (dcrypt_lower_inode(inode) != lower_inode)
		return 0;
	/* not every permission that depends on its owner is asked of the inode */
	dcrypt_see_attrs(inode);
	return 1;
}

static void dcrypt_d_release(struct dentry *dentry)
{
	dput(dentry->d_fsdata);
}

const struct dentry_operations dcrypt_dentry_ops = {
	.d_revalidate	= dcrypt_d_revalidate,
	.d_release	= dcrypt_d_release,
};

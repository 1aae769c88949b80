// SPDX-License-Identifier: GPL-2.0
/* Symbolic links: the target is the lower link's. */
#include <linux/fs.h>

#include "dcryptfs.h"

/* The inode operation get_link; not in RCU mode, where @dentry is NULL. */
static const char *dcrypt_get_link(struct dentry *dentry, struct inode *inode,
				   struct delayed_call *done)
{
	const struct cred *old;
	const char *target;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	old = dcrypt_override_creds(inode->i_sb);
	target = vfs_get_link(dcrypt_lower_dentry(dentry), done);
	revert_creds(old);
	return target;
}

const struct inode_operations dcrypt_symlink_iops = {
	.get_link	= dcrypt_get_link,
	.permission	= dcrypt_permission,
	.setattr	= dcrypt_setattr,
	.getattr	= dcrypt_getattr,
	.update_time	= dcrypt_update_time,
};

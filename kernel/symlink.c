// SPDX-License-Identifier: GPL-2.0
/* Symbolic links: the target is the lower link's, decoded, and kept as i_link. */
#include <linux/fs.h>
#include <linux/slab.h>

#include "dcryptfs.h"
#include "inode.h"
#include "names.h"

static char *read_target(struct dentry *dentry)
{
	struct dcrypt_sb *dsb = dcrypt_sb(dentry->d_sb);
	DEFINE_DELAYED_CALL(done);
	const struct cred *old;
	const char *lower;
	char *target;

	old = dcrypt_override_creds(dentry->d_sb);
	lower = vfs_get_link(dcrypt_lower_dentry(dentry), &done);
	revert_creds(old);
	if (IS_ERR(lower))
		return ERR_CAST(lower);
	target = dsb->names->decode_link(dsb, lower);
	do_delayed_call(&done);
	if (target == ERR_PTR(-EBADMSG)) {
		dcrypt_inode_err(d_inode(dentry), "its target is not one of this volume: it is damaged, or was put here from elsewhere");
		return ERR_PTR(-EIO);
	}
	return target;
}

/* The target, which lives as long as the inode, or an ERR_PTR. */
static const char *get_target(struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	const char *have = smp_load_acquire(&inode->i_link);
	char *target;

	if (have)
		return have;
	target = read_target(dentry);
	if (IS_ERR(target))
		return target;
	/* the VFS does not ask again for what it finds here */
	have = cmpxchg_release(&inode->i_link, NULL, target);
	if (!have)
		return target;
	kfree_sensitive(target);
	return have;
}

int dcrypt_link_size(struct dentry *dentry)
{
	const char *target = get_target(dentry);

	return IS_ERR(target) ? PTR_ERR(target) : strlen(target);
}

/* The inode operation get_link; not in RCU mode, where @dentry is NULL. */
static const char *dcrypt_get_link(struct dentry *dentry, struct inode *inode,
				   struct delayed_call *done)
{
	return dentry ? get_target(dentry) : ERR_PTR(-ECHILD);
}

const struct inode_operations dcrypt_symlink_iops = {
	.get_link	= dcrypt_get_link,
	.permission	= dcrypt_permission,
	.setattr	= dcrypt_setattr,
	.getattr	= dcrypt_getattr,
	.listxattr	= dcrypt_listxattr,
	.update_time	= dcrypt_update_time,
};

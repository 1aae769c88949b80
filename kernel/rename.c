// SPDX-License-Identifier: GPL-2.0
/* Rename, with its flags, which the lower filesystem carries out. */
#include <linux/fs.h>
#include <linux/namei.h>

#include "dcryptfs.h"

/* With both lower directories locked; @trap is their common ancestor, or NULL. */
static int rename_lower(struct dentry *lower_old_dir, struct dentry *old_dentry,
			struct dentry *lower_new_dir, struct dentry *new_dentry,
			const struct dentry *trap, unsigned int flags)
{
	struct renamedata rd = {
		.dcrypt_renamedata_old_idmap = dcrypt_nop_idmap,
		.old_dir = d_inode(lower_old_dir),
		.old_dentry = dcrypt_lower_child(lower_old_dir, old_dentry),
		.dcrypt_renamedata_new_idmap = dcrypt_nop_idmap,
		.new_dir = d_inode(lower_new_dir),
		.new_dentry = dcrypt_lower_child(lower_new_dir, new_dentry),
		.flags = flags,
	};

	if (IS_ERR(rd.old_dentry))
		return PTR_ERR(rd.old_dentry);
	if (IS_ERR(rd.new_dentry))
		return PTR_ERR(rd.new_dentry);
	/* the VFS saw to this above; below, somebody may have moved things */
	if (rd.old_dentry == trap)
		return -EINVAL;
	if (rd.new_dentry == trap)
		return flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	return vfs_rename(&rd);
}

/* The inode operation rename.  The VFS holds both directories' i_rwsem. */
int dcrypt_rename(dcrypt_idmap_t idmap, struct inode *old_dir,
		  struct dentry *old_dentry, struct inode *new_dir,
		  struct dentry *new_dentry, unsigned int flags)
{
	struct dentry *lower_old_dir = dcrypt_lower_dentry(old_dentry->d_parent);
	struct dentry *lower_new_dir = dcrypt_lower_dentry(new_dentry->d_parent);
	const struct cred *old;
	struct dentry *trap;
	int err;

	if (dcrypt_name_is_hidden(old_dir, &old_dentry->d_name) ||
	    dcrypt_name_is_hidden(new_dir, &new_dentry->d_name))
		return -EPERM;
	err = dcrypt_want_write(old_dir->i_sb);
	if (err)
		return err;

	old = dcrypt_override_creds(old_dir->i_sb);
	trap = lock_rename(lower_new_dir, lower_old_dir);
	if (IS_ERR(trap)) {
		err = PTR_ERR(trap);
	} else {
		err = rename_lower(lower_old_dir, old_dentry, lower_new_dir,
				   new_dentry, trap, flags);
		unlock_rename(lower_new_dir, lower_old_dir);
	}
	revert_creds(old);

	dcrypt_copy_attrs(old_dir);
	dcrypt_copy_attrs(new_dir);
	dcrypt_copy_attrs(d_inode(old_dentry));
	if (d_is_positive(new_dentry))
		dcrypt_copy_attrs(d_inode(new_dentry));
	dcrypt_drop_write(old_dir->i_sb);
	return err;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Inode flags and project ids (lsattr, chattr): those of the lower file that mean
 * the same above.  The others say how the lower file is stored; they are not shown,
 * cannot be set, and stay what they are.
 */
#include <linux/fileattr.h>
#include <linux/fs.h>
#include <linux/pagemap.h>

#include "data.h"
#include "dcryptfs.h"
#include "inode.h"

/* "No copy on write" is among them, as without it there is no direct I/O on btrfs. */
#define OUR_FLAGS \
	(FS_SYNC_FL | FS_DIRSYNC_FL | FS_IMMUTABLE_FL | FS_APPEND_FL | \
	 FS_NODUMP_FL | FS_NOATIME_FL | FS_PROJINHERIT_FL | FS_NOCOW_FL)

#define OUR_XFLAGS \
	(FS_XFLAG_SYNC | FS_XFLAG_IMMUTABLE | FS_XFLAG_APPEND | \
	 FS_XFLAG_NODUMP | FS_XFLAG_NOATIME | FS_XFLAG_PROJINHERIT)

static int get_lower(struct dentry *lower, struct fileattr *fa)
{
	int err = vfs_fileattr_get(lower, fa);

	return err == -ENOIOCTLCMD ? -ENOTTY : err;
}

int dcrypt_fileattr_get(struct dentry *dentry, struct fileattr *fa)
{
	const struct cred *old = dcrypt_override_creds(dentry->d_sb);
	int err = get_lower(dcrypt_lower_dentry(dentry), fa);

	revert_creds(old);
	fa->flags &= OUR_FLAGS;
	fa->fsx_xflags &= OUR_XFLAGS;
	fa->fsx_extsize = 0;
	fa->fsx_cowextsize = 0;
	return err;
}

/* Is there anything in it that is not ours to set? */
static bool has_others(const struct fileattr *fa)
{
	if (fa->flags_valid)
		return fa->flags & ~OUR_FLAGS;
	return (fa->fsx_xflags & ~OUR_XFLAGS) || fa->fsx_extsize ||
	       fa->fsx_cowextsize;
}

/* Sets what is ours and leaves what is not.  With the mounter's credentials. */
static int set_lower(struct dentry *lower, const struct fileattr *fa)
{
	struct fileattr have = { .flags_valid = fa->flags_valid,
				 .fsx_valid = fa->fsx_valid };
	struct fileattr want;
	int err = get_lower(lower, &have);

	if (err)
		return err;
	if (fa->flags_valid) {
		fileattr_fill_flags(&want, (have.flags & ~OUR_FLAGS) |
					   (fa->flags & OUR_FLAGS));
	} else {
		fileattr_fill_xflags(&want, (have.fsx_xflags & ~OUR_XFLAGS) |
					    (fa->fsx_xflags & OUR_XFLAGS));
		want.fsx_extsize = have.fsx_extsize;
		want.fsx_cowextsize = have.fsx_cowextsize;
		want.fsx_projid = fa->fsx_projid;
	}
	err = vfs_fileattr_set(dcrypt_nop_idmap, lower, &want);
	return err == -ENOIOCTLCMD ? -ENOTTY : err;
}

/*
 * Nothing can be written below to a file that is immutable, so what was written
 * above before it became so has to be there first.  The caller holds i_rwsem.
 */
static int flush_before_immutable(struct inode *inode, const struct fileattr *fa)
{
	if (!S_ISREG(inode->i_mode) || !(fa->flags & FS_IMMUTABLE_FL) ||
	    IS_IMMUTABLE(inode))
		return 0;
	/* page faults take no lock that we hold, but look at this */
	inode_set_flags(inode, S_IMMUTABLE, S_IMMUTABLE);
	return dcrypt_write_all(inode);
}

int dcrypt_fileattr_set(dcrypt_idmap_t idmap, struct dentry *dentry,
			struct fileattr *fa)
{
	struct inode *inode = d_inode(dentry);
	const struct cred *old;
	int err;

	if (has_others(fa))
		return -EOPNOTSUPP;
	/* the VFS has checked this with what was known before */
	err = dcrypt_check_owner(idmap, dentry);
	if (!err)
		err = flush_before_immutable(inode, fa);
	if (!err)
		err = dcrypt_want_write(dentry->d_sb);
	if (!err) {
		old = dcrypt_override_creds(dentry->d_sb);
		err = set_lower(dcrypt_lower_dentry(dentry), fa);
		revert_creds(old);
		dcrypt_drop_write(dentry->d_sb);
	}
	dcrypt_copy_attrs(inode);
	return err;
}

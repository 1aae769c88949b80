// SPDX-License-Identifier: GPL-2.0
/*
 * POSIX access control lists: the lower inode's.  They are cached there and not
 * above, so there is nothing here that could get old.  The VFS goes by them when it
 * checks permission above.
 */
#include <linux/fs.h>
#include <linux/posix_acl.h>

#include "dcryptfs.h"
#include "inode.h"

void dcrypt_init_acl(struct inode *inode)
{
	inode->i_acl = ACL_DONT_CACHE;
	inode->i_default_acl = ACL_DONT_CACHE;
}

struct posix_acl *dcrypt_get_acl(struct inode *inode, int type, bool rcu)
{
	struct inode *lower = dcrypt_lower_inode(inode);
	const struct cred *old;
	struct posix_acl *acl;

	if (!IS_POSIXACL(lower))
		return NULL;
	if (rcu)
		return get_cached_acl_rcu(lower, type);
	old = dcrypt_override_creds(inode->i_sb);
	acl = dcrypt_get_inode_acl(lower, type);
	revert_creds(old);
	return acl;
}

/*
 * Who gives a file of another group an ACL takes setgid away, as chmod does.
 * Below, the mounter's rights would let it stay.
 */
static int drop_setgid(dcrypt_idmap_t idmap, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct iattr ia = {
		.ia_valid = ATTR_MODE,
		.ia_mode = inode->i_mode & ~S_ISGID,
	};

	if (!(inode->i_mode & S_ISGID) ||
	    vfsgid_in_group_p(i_gid_into_vfsgid(idmap, inode)) ||
	    capable_wrt_inode_uidgid(idmap, inode, CAP_FSETID))
		return 0;
	return dcrypt_setattr_lower(idmap, dentry, &ia);
}

static int set_lower(dcrypt_idmap_t idmap, struct dentry *dentry,
		     struct posix_acl *acl, int type)
{
	struct super_block *sb = dentry->d_sb;
	const struct cred *old;
	int err;

	if (acl && type == ACL_TYPE_ACCESS) {
		err = drop_setgid(idmap, dentry);
		if (err)
			return err;
	}
	err = dcrypt_want_write(sb);
	if (err)
		return err;
	old = dcrypt_override_creds(sb);
	err = dcrypt_vfs_set_acl(dcrypt_lower_dentry(dentry), acl, type);
	revert_creds(old);
	dcrypt_drop_write(sb);
	return err;
}

DCRYPT_SET_ACL(dcrypt_set_acl)
{
	struct dentry *dentry = dcrypt_acl_dentry(object);
	int err;

	if (!dentry)
		return -ESTALE;
	/* the VFS has checked this with what was known before */
	err = dcrypt_check_owner(idmap, dentry);
	if (!err)
		err = set_lower(idmap, dentry, acl, type);
	/* it may have changed the mode */
	dcrypt_copy_attrs(d_inode(dentry));
	dput(dentry);
	return err;
}

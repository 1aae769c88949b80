// SPDX-License-Identifier: GPL-2.0
/* Attributes: permission, setattr, getattr, and times that reach the lower inode. */
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/stat.h>

#include "data.h"
#include "dcryptfs.h"
#include "inode.h"
#include "lower.h"

/* Was what permission depends on changed below? */
static bool changed_below(const struct inode *inode, const struct inode *lower)
{
	return inode->i_mode != lower->i_mode ||
	       !uid_eq(inode->i_uid, lower->i_uid) ||
	       !gid_eq(inode->i_gid, lower->i_gid);
}

void dcrypt_see_attrs(struct inode *inode)
{
	if (unlikely(changed_below(inode, dcrypt_lower_inode(inode))))
		dcrypt_copy_attrs(inode);
}

int dcrypt_fresh_attrs(struct dentry *dentry)
{
	struct path lower = dcrypt_lower_path(dentry);
	const struct cred *old;
	struct kstat stat;
	int err = 0;

	/* a security module may set attributes while the dentry is being made */
	if (!lower.dentry)
		return 0;
	if (dcrypt_sb(dentry->d_sb)->remote) {
		old = dcrypt_override_creds(dentry->d_sb);
		err = vfs_getattr(&lower, &stat,
				  STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID,
				  AT_STATX_FORCE_SYNC);
		revert_creds(old);
	}
	dcrypt_see_attrs(d_inode(dentry));
	return err;
}

int dcrypt_check_owner(dcrypt_idmap_t idmap, struct dentry *dentry)
{
	int err = dcrypt_fresh_attrs(dentry);

	if (!err && !inode_owner_or_capable(idmap, d_inode(dentry)))
		err = -EPERM;
	return err;
}

/*
 * The caller needs permission above, and the mounter below.  Also called in RCU
 * mode (MAY_NOT_BLOCK).
 */
int dcrypt_permission(dcrypt_idmap_t idmap, struct inode *inode, int mask)
{
	const struct cred *old;
	int err;

	dcrypt_see_attrs(inode);
	err = generic_permission(idmap, inode, mask);
	if (err)
		return err;
	old = dcrypt_override_creds(inode->i_sb);
	err = inode_permission(dcrypt_nop_idmap, dcrypt_lower_inode(inode), mask);
	revert_creds(old);
	return err;
}

/* Owners are stored below as they are without a mapping. */
static void unmap_owners(dcrypt_idmap_t idmap, const struct inode *inode,
			 struct iattr *ia)
{
	if (ia->ia_valid & ATTR_UID)
		ia->ia_vfsuid = VFSUIDT_INIT(from_vfsuid(idmap, i_user_ns(inode),
							 ia->ia_vfsuid));
	if (ia->ia_valid & ATTR_GID)
		ia->ia_vfsgid = VFSGIDT_INIT(from_vfsgid(idmap, i_user_ns(inode),
							 ia->ia_vfsgid));
}

int dcrypt_setattr_lower(dcrypt_idmap_t idmap, struct dentry *dentry,
			 const struct iattr *ia)
{
	struct dentry *lower = dcrypt_lower_dentry(dentry);
	struct inode *lower_inode = d_inode(lower);
	struct iattr lower_ia = *ia;
	const struct cred *old;
	bool known;
	int err;

	/*
	 * The VFS has turned the KILL flags into a mode, with the caller's
	 * credentials, and removed what there was of capabilities; the file is
	 * the upper one.
	 */
	lower_ia.ia_valid &= ~(ATTR_SIZE | ATTR_FILE | ATTR_OPEN |
			       ATTR_KILL_SUID | ATTR_KILL_SGID | ATTR_KILL_PRIV);
	if (!(lower_ia.ia_valid & ~ATTR_FORCE))
		return 0;

	/* a change of ours is not to be taken for somebody else's */
	known = S_ISREG(lower_inode->i_mode) &&
		!dcrypt_changed_below(d_inode(dentry));
	unmap_owners(idmap, d_inode(dentry), &lower_ia);
	err = dcrypt_want_write(dentry->d_sb);
	if (err)
		return err;
	old = dcrypt_override_creds(dentry->d_sb);
	inode_lock(lower_inode);
	err = notify_change(dcrypt_nop_idmap, lower, &lower_ia, NULL);
	inode_unlock(lower_inode);
	revert_creds(old);
	if (known)
		dcrypt_keep_known_state(d_inode(dentry));
	dcrypt_drop_write(dentry->d_sb);
	return err;
}

static int set_size(struct dentry *dentry, loff_t size)
{
	struct inode *inode = d_inode(dentry);
	int err;

	err = dcrypt_lower_hold(inode, dentry, true);
	if (err)
		return err;
	err = dcrypt_refresh_locked(inode);
	if (!err)
		err = dcrypt_ready(inode, true);
	if (!err)
		err = dcrypt_truncate(inode, size);
	dcrypt_lower_drop(inode);
	return err;
}

/* What of a change only the owner may do, or who may write. */
#define OWNERS_ATTRS \
	(ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME_SET | ATTR_MTIME_SET | \
	 ATTR_TIMES_SET | ATTR_TOUCH)

/*
 * The VFS has made the mode that is without setuid, or setgid, of that which was
 * known above.
 */
static void strip_mode(const struct inode *inode, umode_t old, struct iattr *ia)
{
	umode_t strip = old & ~ia->ia_mode;

	if (!(ia->ia_valid & ATTR_MODE) ||
	    !(ia->ia_valid & (ATTR_KILL_SUID | ATTR_KILL_SGID)))
		return;
	ia->ia_mode = inode->i_mode & ~(strip & (S_ISUID | S_ISGID));
}

/*
 * May the caller do this?  Below, it is done with the mounter's rights; so the
 * checks here count, and are made with what the owner and the mode are by now.
 */
static int prepare(dcrypt_idmap_t idmap, struct dentry *dentry, struct iattr *ia)
{
	struct inode *inode = d_inode(dentry);
	umode_t mode = inode->i_mode;
	int err = 0;

	if (ia->ia_valid & ATTR_FORCE)
		dcrypt_see_attrs(inode);
	else if (ia->ia_valid & OWNERS_ATTRS)
		err = dcrypt_fresh_attrs(dentry);
	if (err)
		return err;
	strip_mode(inode, mode, ia);
	/* the VFS has checked this with what was known before */
	if ((ia->ia_valid & ATTR_TOUCH) && !inode_owner_or_capable(idmap, inode))
		err = inode_permission(idmap, inode, MAY_WRITE);
	return err ?: setattr_prepare(idmap, dentry, ia);
}

/* Does the caller ask for an mtime, of his own or of now? */
static bool asks_for_mtime(const struct inode *inode, const struct iattr *ia)
{
	return S_ISREG(inode->i_mode) && (ia->ia_valid & ATTR_MTIME) &&
	       (ia->ia_valid & (ATTR_MTIME_SET | ATTR_TOUCH));
}

/*
 * Some lower filesystems move mtime whenever something is written, whatever is said
 * to them (btrfs, tmpfs, servers of NFS).  So before a time is set, all that was
 * changed until now is written.  The caller holds i_rwsem, and no freeze protection
 * below.
 *
 * What fails here is told by fsync and close, and not to who sets a time.
 */
static void write_before_times(struct inode *inode)
{
	inode_dio_wait(inode);
	dcrypt_write_all(inode);
}

/*
 * An mtime was set below: no earlier one is to be told any more.  But if it was asked
 * for, what still is dirty, as it could not be written or was stored to meanwhile,
 * would move it, so it is told again when that has been written.
 */
static void mtime_was_set(struct inode *inode, bool asked)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);

	WRITE_ONCE(di->times_deferred, false);
	dcrypt_copy_attrs(inode);
	if (!asked)
		return;
	if (mapping_tagged(inode->i_mapping, PAGECACHE_TAG_DIRTY) ||
	    mapping_tagged(inode->i_mapping, PAGECACHE_TAG_WRITEBACK))
		WRITE_ONCE(di->times_deferred, true);
}

/*
 * The inode operation setattr.  The VFS holds i_rwsem.  The size comes first: it
 * is what can fail, and the times that the caller asks for must win.
 */
int dcrypt_setattr(dcrypt_idmap_t idmap, struct dentry *dentry,
		   struct iattr *ia)
{
	struct inode *inode = d_inode(dentry);
	int err = prepare(idmap, dentry, ia);
	bool asked = asks_for_mtime(inode, ia);

	if (err)
		return err;
	/* truncate() by path leaves it to the filesystem */
	if ((ia->ia_valid & ATTR_SIZE) && ia->ia_size != i_size_read(inode))
		ia->ia_valid |= ATTR_MTIME | ATTR_CTIME;
	if (ia->ia_valid & ATTR_SIZE)
		err = set_size(dentry, ia->ia_size);
	if (!err && asked)
		write_before_times(inode);
	if (!err)
		err = dcrypt_setattr_lower(idmap, dentry, ia);
	if (!err && (ia->ia_valid & ATTR_MTIME))
		mtime_was_set(inode, asked);
	else
		dcrypt_copy_attrs(inode);
	return err;
}

/* Most files' sizes are known without it. */
static int know_size(struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int err;

	if (likely(!READ_ONCE(dcrypt_inode(inode)->size_unknown)))
		return 0;
	err = dcrypt_lower_hold(inode, dentry, false);
	if (err)
		return err;
	err = dcrypt_know_size(inode);
	dcrypt_lower_drop(inode);
	return err;
}

/* The others say how the lower file is stored. */
#define OUR_STATX_ATTRS \
	(STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND | STATX_ATTR_NODUMP)

/*
 * The inode operation getattr.  Everything is the lower inode's but the size,
 * which is known without reading the file.  EIO for a damaged file.
 */
int dcrypt_getattr(dcrypt_idmap_t idmap, const struct path *path,
		   struct kstat *stat, u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	struct path lower = dcrypt_lower_path(path->dentry);
	const struct cred *old;
	struct kstat lower_stat;
	int err;

	old = dcrypt_override_creds(inode->i_sb);
	err = vfs_getattr(&lower, &lower_stat, mask,
			  flags & AT_STATX_SYNC_TYPE);
	revert_creds(old);
	if (err)
		return err;
	dcrypt_copy_attrs(inode);
	if (S_ISREG(inode->i_mode)) {
		dcrypt_try_refresh(inode);
		err = know_size(path->dentry);
		if (err)
			return err;
	}
	if (dcrypt_inode(inode)->damaged)
		return dcrypt_damaged_size(inode);
	dcrypt_fillattr(idmap, mask, inode, stat);
	/* of a directory, some filesystems do not keep it in the inode */
	if (!S_ISREG(inode->i_mode))
		stat->size = lower_stat.size;
	if (S_ISLNK(inode->i_mode)) {
		int size = dcrypt_link_size(path->dentry);

		/* a damaged one can still be looked at, and removed */
		stat->size = size < 0 ? lower_stat.size : size;
	}
	stat->blocks = lower_stat.blocks;
	stat->btime = lower_stat.btime;
	stat->result_mask = lower_stat.result_mask &
			    (STATX_BASIC_STATS | STATX_BTIME);
	stat->attributes = lower_stat.attributes & OUR_STATX_ATTRS;
	stat->attributes_mask = lower_stat.attributes_mask & OUR_STATX_ATTRS;
	if (S_ISREG(inode->i_mode) && (mask & STATX_DIOALIGN)) {
		/* the fast way; every other alignment works as well */
		stat->result_mask |= STATX_DIOALIGN;
		stat->dio_mem_align = DCRYPT_DIO_MEM_ALIGN;
		stat->dio_offset_align = DCRYPT_BLOCK_SIZE;
	}
	return 0;
}

int dcrypt_damaged_size(struct inode *inode)
{
	dcrypt_inode_err(inode, "its size of %lld bytes is none that an encrypted file can have: it is damaged",
			 i_size_read(dcrypt_lower_inode(inode)));
	return -EIO;
}

/*
 * The inode operation update_time.
 *
 * Times change below at the same moment, so that they are the same after the
 * inode was evicted, and whatever writeback does later.  May be called with
 * mmap_lock held (a page fault), where waiting for a frozen lower filesystem
 * could deadlock: then the change is kept here until writeback.
 */
DCRYPT_UPDATE_TIME(dcrypt_update_time)
{
	struct inode *lower = dcrypt_lower_inode(inode);
	const struct cred *old;
	int err;

	if (flags & (S_MTIME | S_CTIME))
		dcrypt_changed_here(inode);
	if (!sb_start_write_trylock(lower->i_sb)) {
		dcrypt_set_times_now(inode, flags);
		if (flags & S_MTIME)
			WRITE_ONCE(dcrypt_inode(inode)->times_deferred, true);
		return 0;
	}
	if (sb_rdonly(lower->i_sb)) {
		err = -EROFS;
	} else {
		old = dcrypt_override_creds(inode->i_sb);
		err = dcrypt_inode_update_time(lower, flags);
		revert_creds(old);
	}
	sb_end_write(lower->i_sb);
	if (!err && (flags & S_MTIME))
		WRITE_ONCE(dcrypt_inode(inode)->times_deferred, false);
	spin_lock(&inode->i_lock);
	if (!READ_ONCE(dcrypt_inode(inode)->times_deferred))
		dcrypt_copy_times(inode, lower);
	spin_unlock(&inode->i_lock);
	return err;
}

void dcrypt_flush_times(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	struct timespec64 mtime, now;

	if (!READ_ONCE(di->times_deferred))
		return;
	mutex_lock(&di->lock);
	mtime = dcrypt_mtime(inode);
	/* while it is deferred, the mtime above is not taken from below */
	if (!dcrypt_lower_set_mtime(inode) &&
	    !mapping_tagged(inode->i_mapping, PAGECACHE_TAG_DIRTY) &&
	    !mapping_tagged(inode->i_mapping, PAGECACHE_TAG_WRITEBACK)) {
		WRITE_ONCE(di->times_deferred, false);
		now = dcrypt_mtime(inode);
		/* it was changed while it was told */
		if (!timespec64_equal(&mtime, &now))
			WRITE_ONCE(di->times_deferred, true);
	}
	mutex_unlock(&di->lock);
}

const struct inode_operations dcrypt_file_iops = {
	.permission	= dcrypt_permission,
	.setattr	= dcrypt_setattr,
	.getattr	= dcrypt_getattr,
	.listxattr	= dcrypt_listxattr,
	DCRYPT_ACL_IOPS
	.update_time	= dcrypt_update_time,
	.fiemap		= dcrypt_fiemap,
	.fileattr_get	= dcrypt_fileattr_get,
	.fileattr_set	= dcrypt_fileattr_set,
};

const struct inode_operations dcrypt_special_iops = {
	.permission	= dcrypt_permission,
	.setattr	= dcrypt_setattr,
	.getattr	= dcrypt_getattr,
	.listxattr	= dcrypt_listxattr,
	DCRYPT_ACL_IOPS
	.update_time	= dcrypt_update_time,
};

/* SPDX-License-Identifier: GPL-2.0 */
/* Inodes, their attributes and their names. */
#ifndef DCRYPT_INODE_H
#define DCRYPT_INODE_H

#include "dcryptfs.h"

/* ---- inode.c: inodes and their life ---- */

/*
 * The upper inode of @lower, whose reference is taken from the caller in any
 * case.  Returns it referenced, or an ERR_PTR.
 */
struct inode *dcrypt_iget(struct super_block *sb, struct inode *lower);
void dcrypt_evict_inode(struct inode *inode);

/*
 * Takes a regular file's size from the lower file, with dcrypt_inode.lock if others
 * see it.  If it is in the header, it stays unknown until dcrypt_know_size(), unless
 * the lower file is open.  Only then can it fail: EIO, ENOMEM.
 */
int dcrypt_load_size(struct inode *inode);
/* Makes the size known.  The caller has a hold.  0, EIO, ENOMEM, ... */
int dcrypt_know_size(struct inode *inode);

/* Copies attributes, but not a regular file's size, from the lower inode. */
void dcrypt_copy_attrs(struct inode *inode);

extern const struct super_operations dcrypt_super_ops;
extern const struct inode_operations dcrypt_dir_iops;
extern const struct inode_operations dcrypt_file_iops;
extern const struct inode_operations dcrypt_special_iops;
extern const struct inode_operations dcrypt_symlink_iops;

/* ---- attr.c ---- */

int dcrypt_permission(dcrypt_idmap_t idmap, struct inode *inode, int mask);
int dcrypt_setattr(dcrypt_idmap_t idmap, struct dentry *dentry,
		   struct iattr *ia);
int dcrypt_getattr(dcrypt_idmap_t idmap, const struct path *path,
		   struct kstat *stat, u32 mask, unsigned int flags);

/* Copies the attributes if what permission depends on changed; also in RCU mode. */
void dcrypt_see_attrs(struct inode *inode);
/*
 * The same, after a remote lower filesystem has asked its server.  To be called
 * before the owner or the mode decides about a change, as below it is done with
 * the mounter's rights.  0, or what the lower filesystem says.
 */
int dcrypt_fresh_attrs(struct dentry *dentry);
/* Then: EPERM for who is not the owner, and has not the rights of one. */
int dcrypt_check_owner(dcrypt_idmap_t idmap, struct dentry *dentry);

/*
 * Changes attributes of the lower inode, but not its size.  The caller holds the
 * upper i_rwsem, and has made the checks.  @idmap is that of @ia.
 */
int dcrypt_setattr_lower(dcrypt_idmap_t idmap, struct dentry *dentry,
			 const struct iattr *ia);

/* Logs that the file's size makes no sense, and returns EIO. */
int dcrypt_damaged_size(struct inode *inode);

/*
 * Brings an mtime that could not be forwarded when it changed to the lower
 * inode.  The caller holds the lower file (dcrypt_lower_hold).
 */
void dcrypt_flush_times(struct inode *inode);

DCRYPT_UPDATE_TIME(dcrypt_update_time);

/* ---- xattr.c, acl.c, fileattr.c: more attributes, which are the lower inode's ---- */

/* For the superblock; ends with NULL. */
extern const struct xattr_handler *dcrypt_xattr_handlers[];

/* The inode operations listxattr, fileattr_get and fileattr_set. */
ssize_t dcrypt_listxattr(struct dentry *dentry, char *list, size_t size);
int dcrypt_fileattr_get(struct dentry *dentry, struct fileattr *fa);
int dcrypt_fileattr_set(dcrypt_idmap_t idmap, struct dentry *dentry,
			struct fileattr *fa);

/* DCRYPT_ACL_IOPS is what a table of inode operations has for ACLs. */
#ifdef CONFIG_FS_POSIX_ACL
/* Of a new inode: the VFS is not to cache its ACLs. */
void dcrypt_init_acl(struct inode *inode);
/* The inode operations that get (also in RCU mode) and set an ACL. */
struct posix_acl *dcrypt_get_acl(struct inode *inode, int type, bool rcu);
DCRYPT_SET_ACL(dcrypt_set_acl);

#define DCRYPT_ACL_IOPS \
	.dcrypt_iop_get_acl = dcrypt_get_acl, \
	.set_acl = dcrypt_set_acl,
#else
static inline void dcrypt_init_acl(struct inode *inode)
{
}

#define DCRYPT_ACL_IOPS
#endif

/* ---- namei.c, rename.c, dentry.c, readdir.c, symlink.c ---- */

/*
 * The lower dentry of @dentry, if it is still a child of @lower_dir, whose lock
 * the caller holds, and called @name there; else ERR_PTR(-ESTALE), on which the
 * VFS looks up again.  No reference is passed on.
 */
struct dentry *dcrypt_lower_child(struct dentry *lower_dir,
				  struct dentry *dentry,
				  const struct qstr *name);
/*
 * The lower name of @dentry in its directory @dir, to be given back with
 * dcrypt_name_put().  0, EPERM (a name that is not to be had), ENAMETOOLONG,
 * EIO (the directory is damaged), ...
 */
int dcrypt_encode_name(struct inode *dir, const struct dentry *dentry,
		       struct qstr *name);
/*
 * Before a lower entry goes, with its lower directory locked: a directory must
 * be empty of names, and then of what is hidden in it.  If the entry stays after
 * all, dcrypt_stays() puts that back.
 */
int dcrypt_goes(struct inode *inode, struct dentry *lower);
void dcrypt_stays(struct inode *inode, struct dentry *lower);
/* Was it renamed below?  Not in RCU mode. */
bool dcrypt_dentry_moved_below(struct dentry *dentry);
int dcrypt_rename(dcrypt_idmap_t idmap, struct inode *old_dir,
		  struct dentry *old_dentry, struct inode *new_dir,
		  struct dentry *new_dentry, unsigned int flags);
/* Is the lower mount writable?  0, or EROFS and the like; drop afterwards. */
int dcrypt_want_write(struct super_block *sb);
void dcrypt_drop_write(struct super_block *sb);
/*
 * Brings what the names on the way from @dentry up to the root depend on to
 * stable storage, where it may not be.
 */
int dcrypt_sync_names(struct dentry *dentry);
/* The length of a symbolic link's target, as readlink() will show it, or an error. */
int dcrypt_link_size(struct dentry *dentry);

extern const struct dentry_operations dcrypt_dentry_ops;
extern const struct file_operations dcrypt_dir_fops;

/* ---- lock.c: a mount without its keys ---- */

/* Of directories. */
long dcrypt_dir_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int dcrypt_drop_inode(struct inode *inode);
/*
 * Drops all folios of a mapping from the cache, and overwrites those that nobody else
 * has.  The caller has i_rwsem and the invalidate_lock, and has written what is dirty.
 * 0; EBUSY: one is dirty again.
 */
int dcrypt_wipe_cached(struct address_space *mapping, struct dcrypt_wipe *wipe);

/* ---- export.c: file handles ---- */

/* Of a superblock that is being set up: handles, if the lower one has them. */
void dcrypt_init_export(struct super_block *sb);

/* ---- changed.c: what others change below ---- */

/* To be called when the lower file's data, size or mtime was changed from here. */
void dcrypt_changed_here(struct inode *inode);
/*
 * All changes from here have been written: what the lower file is now is known.
 * The caller has a hold.
 */
void dcrypt_keep_state(struct inode *inode);
/*
 * Forgets all that was read of a file, its size and its key, after writing what is
 * dirty; with @wipe, what was cached is overwritten.  The caller holds i_rwsem and the
 * invalidate_lock.  0, EBUSY, or what writing says.
 */
int dcrypt_forget(struct inode *inode, struct dcrypt_wipe *wipe);
/* What the lower file is now is known in any case. */
void dcrypt_take_state(struct inode *inode);
/* The lower file was changed from here in a way that concerns nothing cached. */
void dcrypt_keep_known_state(struct inode *inode);
/* Was it changed, and not from here? */
bool dcrypt_changed_below(struct inode *inode);
/*
 * If it was: forgets what is cached, the size and the key.  0; EBUSY (it is
 * being written to through mmap), or what writing dirty pages back says.  Takes
 * i_rwsem, which the caller of the second has exclusively; the third does it only
 * if nobody has that just now.
 */
int dcrypt_refresh(struct inode *inode);
int dcrypt_refresh_locked(struct inode *inode);
void dcrypt_try_refresh(struct inode *inode);

#endif /* DCRYPT_INODE_H */

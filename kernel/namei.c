// SPDX-License-Identifier: GPL-2.0
/* Names: looked up, made and removed, below and above at once. */
#include <linux/fs.h>
#include <linux/namei.h>

#include "dcryptfs.h"

/* Is it still called below what it is called above? */
static bool same_name(struct dentry *dentry, const struct qstr *lower)
{
	const struct inode *dir = d_inode(dentry->d_parent);
	struct qstr name;
	bool same;

	if (dcrypt_sb(dir->i_sb)->names->encode(dir, &dentry->d_name, &name))
		return false;
	same = name.len == lower->len && !memcmp(name.name, lower->name, name.len);
	dcrypt_name_put(&dentry->d_name, &name);
	return same;
}

bool dcrypt_dentry_moved_below(struct dentry *dentry)
{
	struct dentry *lower = dcrypt_lower_dentry(dentry);
	struct dentry *parent = dget_parent(dentry);
	struct name_snapshot name;
	bool moved;

	take_dentry_name_snapshot(&name, lower);
	moved = READ_ONCE(lower->d_parent) != dcrypt_lower_dentry(parent) ||
		!same_name(dentry, &name.name);
	release_dentry_name_snapshot(&name);
	dput(parent);
	return moved;
}

struct dentry *dcrypt_lower_child(struct dentry *lower_dir,
				  struct dentry *dentry)
{
	struct dentry *lower = dcrypt_lower_dentry(dentry);

	if (!lower || lower->d_parent != lower_dir || d_unhashed(lower) ||
	    !same_name(dentry, &lower->d_name))
		return ERR_PTR(-ESTALE);
	/* somebody made or removed it below */
	if (d_is_negative(lower) != d_is_negative(dentry))
		return ERR_PTR(-ESTALE);
	return lower;
}

/* The lower dentry for a name in an upper directory, referenced. */
static struct dentry *lookup_lower(struct inode *dir, struct dentry *dentry)
{
	const struct dcrypt_name_ops *names = dcrypt_sb(dir->i_sb)->names;
	struct dentry *lower_dir = dcrypt_lower_dentry(dentry->d_parent);
	const struct cred *old;
	struct dentry *lower;
	struct qstr name;
	int err;

	err = names->encode(dir, &dentry->d_name, &name);
	if (err)
		return ERR_PTR(err);
	old = dcrypt_override_creds(dir->i_sb);
	lower = lookup_one_len_unlocked(name.name, lower_dir, name.len);
	revert_creds(old);
	dcrypt_name_put(&dentry->d_name, &name);
	return lower;
}

/* The inode operation lookup.  The VFS holds i_rwsem, shared or exclusive. */
static struct dentry *dcrypt_lookup(struct inode *dir, struct dentry *dentry,
				    unsigned int flags)
{
	struct inode *inode = NULL;
	struct dentry *lower;

	if (dcrypt_name_is_hidden(dir, &dentry->d_name)) {
		d_add(dentry, NULL);
		return NULL;
	}

	lower = lookup_lower(dir, dentry);
	if (IS_ERR(lower))
		return lower;
	dentry->d_fsdata = lower;
	if (d_is_positive(lower)) {
		inode = dcrypt_iget(dir->i_sb, igrab(d_inode(lower)));
		if (IS_ERR(inode))
			return ERR_CAST(inode);
	}
	return d_splice_alias(inode, dentry);
}

/*
 * What is made belongs to the caller, though the mounter makes it.  The result
 * goes to revert_creds(); NULL if there is no memory.
 */
static const struct cred *override_creator(struct super_block *sb)
{
	const struct cred *old = dcrypt_override_creds(sb);
	struct cred *creds;

	if (uid_eq(old->fsuid, current_fsuid()) &&
	    gid_eq(old->fsgid, current_fsgid()))
		return old;

	creds = prepare_creds();
	if (!creds) {
		revert_creds(old);
		return NULL;
	}
	creds->fsuid = old->fsuid;
	creds->fsgid = old->fsgid;
	put_cred(override_creds(creds));
	put_cred(creds);
	return old;
}

/* What is to be made in a directory. */
struct make {
	umode_t mode;			/* with its type */
	dev_t rdev;			/* of a device */
	const char *target;		/* of a symbolic link */
};

static int make_lower(struct inode *lower_dir, struct dentry *lower,
		      const struct make *make)
{
	switch (make->mode & S_IFMT) {
	case S_IFREG:
		return vfs_create(dcrypt_nop_idmap, lower_dir, lower,
				  make->mode, true);
	case S_IFDIR:
		return vfs_mkdir(dcrypt_nop_idmap, lower_dir, lower, make->mode);
	case S_IFLNK:
		return vfs_symlink(dcrypt_nop_idmap, lower_dir, lower,
				   make->target);
	default:
		return vfs_mknod(dcrypt_nop_idmap, lower_dir, lower, make->mode,
				 make->rdev);
	}
}

/* Gives a negative upper dentry the inode that its lower one now has. */
static int instantiate(struct dentry *dentry, struct dentry *lower)
{
	struct inode *inode;

	if (d_unhashed(lower) || d_is_negative(lower)) {
		/* the lower filesystem wants it looked up */
		d_drop(dentry);
		return 0;
	}
	inode = dcrypt_iget(dentry->d_sb, igrab(d_inode(lower)));
	if (IS_ERR(inode)) {
		d_drop(dentry);
		return PTR_ERR(inode);
	}
	d_instantiate(dentry, inode);
	return 0;
}

/*
 * A change in a directory: locks the lower one, for the mounter, and says which
 * lower dentry is meant.  end_change() undoes it, also after an error.
 */
struct change {
	struct inode *dir;
	struct dentry *lower_dir;
	struct dentry *lower;		/* no reference */
	const struct cred *old;
};

static int begin_change(struct change *c, struct inode *dir,
			struct dentry *dentry, bool create)
{
	int err;

	if (dcrypt_name_is_hidden(dir, &dentry->d_name))
		return -EPERM;
	err = dcrypt_want_write(dir->i_sb);
	if (err)
		return err;

	c->dir = dir;
	c->lower_dir = dcrypt_lower_dentry(dentry->d_parent);
	c->old = create ? override_creator(dir->i_sb) :
			  dcrypt_override_creds(dir->i_sb);
	if (!c->old) {
		dcrypt_drop_write(dir->i_sb);
		return -ENOMEM;
	}
	inode_lock_nested(d_inode(c->lower_dir), I_MUTEX_PARENT);
	c->lower = dcrypt_lower_child(c->lower_dir, dentry);
	return 0;
}

static void end_change(struct change *c)
{
	inode_unlock(d_inode(c->lower_dir));
	revert_creds(c->old);
	dcrypt_copy_attrs(c->dir);
	dcrypt_drop_write(c->dir->i_sb);
}

static int make_one(struct inode *dir, struct dentry *dentry,
		    const struct make *make)
{
	struct change c;
	int err = begin_change(&c, dir, dentry, true);

	if (err)
		return err;
	err = PTR_ERR_OR_ZERO(c.lower);
	if (!err)
		err = make_lower(d_inode(c.lower_dir), c.lower, make);
	if (!err)
		err = instantiate(dentry, c.lower);
	end_change(&c);
	return err;
}

static int dcrypt_create(dcrypt_idmap_t idmap, struct inode *dir,
			 struct dentry *dentry, umode_t mode, bool excl)
{
	struct make make = { .mode = S_IFREG | (mode & S_IALLUGO) };

	return make_one(dir, dentry, &make);
}

static int dcrypt_mkdir(dcrypt_idmap_t idmap, struct inode *dir,
			struct dentry *dentry, umode_t mode)
{
	struct make make = { .mode = S_IFDIR | (mode & S_IALLUGO) };

	return make_one(dir, dentry, &make);
}

static int dcrypt_mknod(dcrypt_idmap_t idmap, struct inode *dir,
			struct dentry *dentry, umode_t mode, dev_t rdev)
{
	struct make make = { .mode = mode, .rdev = rdev };

	return make_one(dir, dentry, &make);
}

static int dcrypt_symlink(dcrypt_idmap_t idmap, struct inode *dir,
			  struct dentry *dentry, const char *target)
{
	struct make make = { .mode = S_IFLNK, .target = target };

	return make_one(dir, dentry, &make);
}

static int dcrypt_link(struct dentry *old_dentry, struct inode *dir,
		       struct dentry *dentry)
{
	struct dentry *lower_old = dcrypt_lower_dentry(old_dentry);
	struct inode *inode = d_inode(old_dentry);
	struct change c;
	int err = begin_change(&c, dir, dentry, false);

	if (err)
		return err;
	err = PTR_ERR_OR_ZERO(c.lower);
	if (!err)
		err = vfs_link(lower_old, dcrypt_nop_idmap,
			       d_inode(c.lower_dir), c.lower, NULL);
	if (!err)
		err = instantiate(dentry, c.lower);
	end_change(&c);
	dcrypt_copy_attrs(inode);
	return err;
}

static int remove_one(struct inode *dir, struct dentry *dentry, bool is_dir)
{
	struct inode *inode = d_inode(dentry);
	struct change c;
	int err = begin_change(&c, dir, dentry, false);

	if (err)
		return err;
	err = PTR_ERR_OR_ZERO(c.lower);
	if (!err)
		err = is_dir ?
			vfs_rmdir(dcrypt_nop_idmap, d_inode(c.lower_dir),
				  c.lower) :
			vfs_unlink(dcrypt_nop_idmap, d_inode(c.lower_dir),
				   c.lower, NULL);
	end_change(&c);
	dcrypt_copy_attrs(inode);
	/* a cached negative dentry would keep the lower file from being freed */
	if (!err)
		d_drop(dentry);
	return err;
}

static int dcrypt_unlink(struct inode *dir, struct dentry *dentry)
{
	return remove_one(dir, dentry, false);
}

static int dcrypt_rmdir(struct inode *dir, struct dentry *dentry)
{
	return remove_one(dir, dentry, true);
}

static struct file *open_lower_tmpfile(struct inode *dir, struct file *file,
				       umode_t mode)
{
	struct path path = dcrypt_lower_path(file->f_path.dentry->d_parent);
	const struct cred *old = override_creator(dir->i_sb);
	struct file *lower;

	if (!old)
		return ERR_PTR(-ENOMEM);
	lower = dcrypt_vfs_tmpfile_open(dcrypt_nop_idmap, &path, mode,
					O_RDWR | O_LARGEFILE |
					(file->f_flags & O_EXCL),
					current_cred());
	revert_creds(old);
	return lower;
}

/* The inode operation tmpfile: @file has a dentry without a name in @dir. */
static int dcrypt_tmpfile(dcrypt_idmap_t idmap, struct inode *dir,
			  struct file *file, umode_t mode)
{
	struct dentry *dentry = file->f_path.dentry;
	struct file *lower;
	struct inode *inode;
	int err = dcrypt_want_write(dir->i_sb);

	if (err)
		return err;
	lower = open_lower_tmpfile(dir, file, mode);
	/* opening the upper file must not be inside it: locking.md */
	dcrypt_drop_write(dir->i_sb);
	if (IS_ERR(lower))
		return PTR_ERR(lower);

	inode = dcrypt_iget(dir->i_sb, igrab(file_inode(lower)));
	if (IS_ERR(inode)) {
		err = PTR_ERR(inode);
		goto out;
	}
	dentry->d_fsdata = dget(file_dentry(lower));
	/* d_tmpfile() takes the one link that a new inode is born with */
	set_nlink(inode, 1);
	d_tmpfile(file, inode);
	err = finish_open_simple(file, 0);
out:
	fput(lower);
	return err;
}

const struct inode_operations dcrypt_dir_iops = {
	.lookup		= dcrypt_lookup,
	.create		= dcrypt_create,
	.link		= dcrypt_link,
	.unlink		= dcrypt_unlink,
	.symlink	= dcrypt_symlink,
	.mkdir		= dcrypt_mkdir,
	.rmdir		= dcrypt_rmdir,
	.mknod		= dcrypt_mknod,
	.rename		= dcrypt_rename,
	.tmpfile	= dcrypt_tmpfile,
	.permission	= dcrypt_permission,
	.setattr	= dcrypt_setattr,
	.getattr	= dcrypt_getattr,
	.update_time	= dcrypt_update_time,
};

// SPDX-License-Identifier: GPL-2.0
/* Names: looked up, made and removed, below and above at once. */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/namei.h>

#include "data.h"
#include "dcryptfs.h"
#include "format.h"
#include "inode.h"
#include "lower.h"
#include "names.h"

int dcrypt_encode_name(struct inode *dir, const struct dentry *dentry,
		       struct qstr *name)
{
	const struct dcrypt_name_ops *names = dcrypt_sb(dir->i_sb)->names;
	int err = names->prepare(dir, dcrypt_lower_dentry(dentry->d_parent));

	return err ?: names->encode(dir, &dentry->d_name, name);
}

static bool same_name(const struct qstr *a, const struct qstr *b)
{
	return a->len == b->len && !memcmp(a->name, b->name, a->len);
}

/* Is it still called below what it is called above? */
static bool still_called(struct inode *dir, const struct qstr *upper,
			 const struct qstr *lower)
{
	struct qstr name;
	bool same;

	if (dcrypt_sb(dir->i_sb)->names->encode(dir, upper, &name))
		return false;
	same = same_name(&name, lower);
	dcrypt_name_put(upper, &name);
	return same;
}

bool dcrypt_dentry_moved_below(struct dentry *dentry)
{
	struct dentry *lower = dcrypt_lower_dentry(dentry);
	struct dentry *parent = dget_parent(dentry);
	struct name_snapshot upper_name, lower_name;
	bool moved;

	take_dentry_name_snapshot(&upper_name, dentry);
	take_dentry_name_snapshot(&lower_name, lower);
	moved = READ_ONCE(lower->d_parent) != dcrypt_lower_dentry(parent) ||
		!still_called(d_inode(parent), &upper_name.name,
			      &lower_name.name);
	release_dentry_name_snapshot(&lower_name);
	release_dentry_name_snapshot(&upper_name);
	dput(parent);
	return moved;
}

struct dentry *dcrypt_lower_child(struct dentry *lower_dir,
				  struct dentry *dentry,
				  const struct qstr *name)
{
	struct dentry *lower = dcrypt_lower_dentry(dentry);

	if (!lower || lower->d_parent != lower_dir || d_unhashed(lower) ||
	    !same_name(name, &lower->d_name))
		return ERR_PTR(-ESTALE);
	/* somebody made or removed it below */
	if (d_is_negative(lower) != d_is_negative(dentry))
		return ERR_PTR(-ESTALE);
	return lower;
}

/* The lower dentry for a name in an upper directory, referenced. */
static struct dentry *lookup_lower(struct inode *dir, struct dentry *dentry)
{
	struct dentry *lower_dir = dcrypt_lower_dentry(dentry->d_parent);
	const struct cred *old;
	struct dentry *lower;
	struct qstr name;
	int err;

	err = dcrypt_encode_name(dir, dentry, &name);
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
	struct dentry *lower, *alias;
	struct inode *inode = NULL;

	lower = lookup_lower(dir, dentry);
	/* a name that can't be there; as there is no lower one, it is not kept */
	if (lower == ERR_PTR(-EPERM) || lower == ERR_PTR(-ENOENT))
		return NULL;
	if (IS_ERR(lower))
		return lower;
	dentry->d_fsdata = lower;
	if (d_is_positive(lower)) {
		inode = dcrypt_iget(dir->i_sb, igrab(d_inode(lower)));
		if (IS_ERR(inode))
			return ERR_CAST(inode);
	}
	alias = d_splice_alias(inode, dentry);
	/* a file handle may just have made it */
	if (!IS_ERR_OR_NULL(alias))
		dcrypt_set_lower_dentry(alias, dget(lower));
	return alias;
}

/*
 * What is made belongs to the caller, though the mounter makes it: as the mount
 * that it came by maps ids.  The result goes to revert_creds(); NULL if there is
 * no memory.
 */
static const struct cred *override_creator(struct super_block *sb,
					   dcrypt_idmap_t idmap)
{
	kuid_t uid = mapped_fsuid(idmap, sb->s_user_ns);
	kgid_t gid = mapped_fsgid(idmap, sb->s_user_ns);
	const struct cred *old = dcrypt_override_creds(sb);
	struct cred *creds;

	if (uid_eq(uid, current_fsuid()) && gid_eq(gid, current_fsgid()))
		return old;

	creds = prepare_creds();
	if (!creds) {
		revert_creds(old);
		return NULL;
	}
	creds->fsuid = uid;
	creds->fsgid = gid;
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

static int make_link(struct super_block *sb, struct inode *lower_dir,
		     struct dentry *lower, const char *target)
{
	struct dcrypt_sb *dsb = dcrypt_sb(sb);
	char *lower_target = dsb->names->encode_link(dsb, target);
	int err;

	if (IS_ERR(lower_target))
		return PTR_ERR(lower_target);
	err = vfs_symlink(dcrypt_nop_idmap, lower_dir, lower, lower_target);
	kfree(lower_target);
	return err;
}

static int make_dir(struct super_block *sb, struct inode *lower_dir,
		    struct dentry *lower, umode_t mode)
{
	int err = vfs_mkdir(dcrypt_nop_idmap, lower_dir, lower, mode);

	/* some filesystems want it looked up */
	if (err || d_is_negative(lower))
		return err;
	err = dcrypt_sb(sb)->names->init_dir(sb, lower);
	if (err)
		vfs_rmdir(dcrypt_nop_idmap, lower_dir, lower);
	return err;
}

static int make_lower(struct super_block *sb, struct inode *lower_dir,
		      struct dentry *lower, const struct make *make)
{
	switch (make->mode & S_IFMT) {
	case S_IFREG:
		return vfs_create(dcrypt_nop_idmap, lower_dir, lower,
				  make->mode, true);
	case S_IFDIR:
		return make_dir(sb, lower_dir, lower, make->mode);
	case S_IFLNK:
		return make_link(sb, lower_dir, lower, make->target);
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
		/* it is made; only who makes a file opens it, too */
		if (PTR_ERR(inode) == -ENOMEM && !d_is_reg(lower))
			return 0;
		return PTR_ERR(inode);
	}
	/* if a new one: its nonce is not on stable storage, either */
	if (S_ISDIR(inode->i_mode))
		atomic_inc(&dcrypt_inode(inode)->names_made);
	d_instantiate(dentry, inode);
	return 0;
}

/*
 * A change in a directory: locks the lower one, for the mounter, and says which
 * lower dentry is meant.  end_change() undoes it.
 */
struct change {
	struct inode *dir;
	const struct qstr *upper_name;
	struct qstr name;		/* below */
	struct dentry *lower_dir;
	struct dentry *lower;		/* no reference */
	const struct cred *old;
};

/* @creator is the id mapping that something is made with, or NULL. */
static int begin_change(struct change *c, struct inode *dir,
			struct dentry *dentry, dcrypt_idmap_t creator)
{
	int err;

	c->dir = dir;
	c->upper_name = &dentry->d_name;
	c->lower_dir = dcrypt_lower_dentry(dentry->d_parent);
	err = dcrypt_encode_name(dir, dentry, &c->name);
	if (err)
		return err;
	err = dcrypt_want_write(dir->i_sb);
	if (err)
		goto err_name;

	c->old = creator ? override_creator(dir->i_sb, creator) :
			   dcrypt_override_creds(dir->i_sb);
	if (!c->old) {
		err = -ENOMEM;
		goto err_write;
	}
	inode_lock_nested(d_inode(c->lower_dir), I_MUTEX_PARENT);
	c->lower = dcrypt_lower_child(c->lower_dir, dentry, &c->name);
	if (!IS_ERR(c->lower))
		return 0;

	err = PTR_ERR(c->lower);
	inode_unlock(d_inode(c->lower_dir));
	revert_creds(c->old);
err_write:
	dcrypt_drop_write(dir->i_sb);
err_name:
	dcrypt_name_put(c->upper_name, &c->name);
	return err;
}

/* What a new lower name needs beside it. */
static int add_name(const struct change *c)
{
	return dcrypt_sb(c->dir->i_sb)->names->add_name(c->dir, c->lower_dir,
							c->upper_name, &c->name);
}

/* The lower name is gone, or was not made. */
static void drop_name(const struct change *c)
{
	dcrypt_sb(c->dir->i_sb)->names->drop_name(c->dir, c->lower_dir,
						  c->upper_name, &c->name);
}

static void end_change(struct change *c)
{
	inode_unlock(d_inode(c->lower_dir));
	revert_creds(c->old);
	dcrypt_copy_attrs(c->dir);
	dcrypt_drop_write(c->dir->i_sb);
	dcrypt_name_put(c->upper_name, &c->name);
}

/*
 * Somebody made below what both dentries say is not there.  Some filesystems take
 * a negative dentry for good when something is to be made, as making it tells.
 */
static void forget_missing(struct dentry *dentry, struct dentry *lower)
{
	if (d_is_negative(lower))
		d_drop(lower);
	d_drop(dentry);
}

static int make_one(dcrypt_idmap_t idmap, struct inode *dir,
		    struct dentry *dentry, const struct make *make)
{
	struct change c;
	int err;

	/* or who opens it could not, and would leave an empty file behind */
	if (S_ISREG(make->mode) && dcrypt_is_locked(dir->i_sb))
		return -ENOKEY;
	err = begin_change(&c, dir, dentry, idmap);
	if (err)
		return err;
	err = add_name(&c);
	if (!err)
		err = make_lower(dir->i_sb, d_inode(c.lower_dir), c.lower, make);
	if (!err)
		err = instantiate(dentry, c.lower);
	else if (err == -EEXIST)
		forget_missing(dentry, c.lower);
	else
		/* if somebody made it below, it needs what lies beside it */
		drop_name(&c);
	end_change(&c);
	return err;
}

static int dcrypt_mkdir(dcrypt_idmap_t idmap, struct inode *dir,
			struct dentry *dentry, umode_t mode)
{
	struct make make = { .mode = S_IFDIR | (mode & S_IALLUGO) };

	return make_one(idmap, dir, dentry, &make);
}

static int dcrypt_symlink(dcrypt_idmap_t idmap, struct inode *dir,
			  struct dentry *dentry, const char *target)
{
	struct make make = { .mode = S_IFLNK, .target = target };

	return make_one(idmap, dir, dentry, &make);
}

static int dcrypt_link(struct dentry *old_dentry, struct inode *dir,
		       struct dentry *dentry)
{
	struct dentry *lower_old = dcrypt_lower_dentry(old_dentry);
	struct inode *inode = d_inode(old_dentry);
	struct change c;
	int err = begin_change(&c, dir, dentry, NULL);

	if (err)
		return err;
	err = add_name(&c);
	if (!err)
		err = vfs_link(lower_old, dcrypt_nop_idmap,
			       d_inode(c.lower_dir), c.lower, NULL);
	if (!err)
		err = instantiate(dentry, c.lower);
	else if (err != -EEXIST)
		/* if somebody made it below, it needs what lies beside it */
		drop_name(&c);
	end_change(&c);
	dcrypt_copy_attrs(inode);
	return err;
}

int dcrypt_goes(struct inode *inode, struct dentry *lower)
{
	const struct dcrypt_name_ops *names = dcrypt_sb(inode->i_sb)->names;

	return S_ISDIR(inode->i_mode) ? names->empty_dir(inode, lower) : 0;
}

void dcrypt_stays(struct inode *inode, struct dentry *lower)
{
	const struct dcrypt_name_ops *names = dcrypt_sb(inode->i_sb)->names;

	if (S_ISDIR(inode->i_mode))
		names->restore_dir(inode, lower);
}

static int remove_lower(struct inode *inode, struct inode *lower_dir,
			struct dentry *lower)
{
	int err = dcrypt_goes(inode, lower);

	if (!err)
		err = S_ISDIR(inode->i_mode) ?
			vfs_rmdir(dcrypt_nop_idmap, lower_dir, lower) :
			vfs_unlink(dcrypt_nop_idmap, lower_dir, lower, NULL);
	if (err)
		dcrypt_stays(inode, lower);
	return err;
}

/* The inode operations unlink and rmdir. */
static int dcrypt_remove(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct change c;
	int err = begin_change(&c, dir, dentry, NULL);

	if (err)
		return err;
	err = remove_lower(inode, d_inode(c.lower_dir), c.lower);
	if (!err)
		drop_name(&c);
	end_change(&c);
	dcrypt_copy_attrs(inode);
	/* a cached negative dentry would keep the lower file from being freed */
	if (!err)
		d_drop(dentry);
	return err;
}

/*
 * Where a file needs its header to be opened, a new one gets it at once; else who
 * opens it with another program of that format, or only for reading, finds none.
 */
static int make_header(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int err;

	if (!inode || !S_ISREG(inode->i_mode) ||
	    !dcrypt_sb(dir->i_sb)->format->ready_at_open)
		return 0;
	err = dcrypt_lower_hold(inode, dentry, true);
	if (!err) {
		err = dcrypt_ready(inode, true);
		dcrypt_lower_drop(inode);
	}
	if (err)
		dcrypt_remove(dir, dentry);
	return err;
}

static int dcrypt_create(dcrypt_idmap_t idmap, struct inode *dir,
			 struct dentry *dentry, umode_t mode, bool excl)
{
	struct make make = { .mode = S_IFREG | (mode & S_IALLUGO) };
	int err = make_one(idmap, dir, dentry, &make);

	/* another client was faster: the VFS looks again, and opens that */
	if (err == -EEXIST && !excl)
		return -ESTALE;
	return err ?: make_header(dir, dentry);
}

static int dcrypt_mknod(dcrypt_idmap_t idmap, struct inode *dir,
			struct dentry *dentry, umode_t mode, dev_t rdev)
{
	struct make make = { .mode = mode, .rdev = rdev };
	int err = make_one(idmap, dir, dentry, &make);

	return err ?: make_header(dir, dentry);
}

static struct file *open_lower_tmpfile(dcrypt_idmap_t idmap, struct inode *dir,
				       struct file *file, umode_t mode)
{
	struct path path = dcrypt_lower_path(file->f_path.dentry->d_parent);
	const struct cred *old = override_creator(dir->i_sb, idmap);
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
	lower = open_lower_tmpfile(idmap, dir, file, mode);
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
	.unlink		= dcrypt_remove,
	.symlink	= dcrypt_symlink,
	.mkdir		= dcrypt_mkdir,
	.rmdir		= dcrypt_remove,
	.mknod		= dcrypt_mknod,
	.rename		= dcrypt_rename,
	.tmpfile	= dcrypt_tmpfile,
	.permission	= dcrypt_permission,
	.setattr	= dcrypt_setattr,
	.getattr	= dcrypt_getattr,
	.listxattr	= dcrypt_listxattr,
	DCRYPT_ACL_IOPS
	.update_time	= dcrypt_update_time,
	.fileattr_get	= dcrypt_fileattr_get,
	.fileattr_set	= dcrypt_fileattr_set,
};

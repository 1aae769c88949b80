// SPDX-License-Identifier: GPL-2.0
/* Rename, with its flags, which the lower filesystem carries out. */
#include <linux/fs.h>
#include <linux/namei.h>

#include "dcryptfs.h"
#include "inode.h"
#include "names.h"

/* One of the two names. */
struct end {
	struct inode *dir;
	struct dentry *dentry;
	struct dentry *lower_dir;
	struct dentry *lower;		/* no reference */
	struct qstr name;		/* below */
};

static int init_end(struct end *end, struct inode *dir, struct dentry *dentry)
{
	end->dir = dir;
	end->dentry = dentry;
	end->lower_dir = dcrypt_lower_dentry(dentry->d_parent);
	return dcrypt_encode_name(dir, dentry, &end->name);
}

static void free_end(struct end *end)
{
	dcrypt_name_put(&end->dentry->d_name, &end->name);
}

static int find_lower(struct end *end)
{
	end->lower = dcrypt_lower_child(end->lower_dir, end->dentry, &end->name);
	return PTR_ERR_OR_ZERO(end->lower);
}

static int add_name(const struct end *end)
{
	return dcrypt_sb(end->dir->i_sb)->names->add_name(end->dir,
			end->lower_dir, &end->dentry->d_name, &end->name);
}

static void drop_name(const struct end *end)
{
	dcrypt_sb(end->dir->i_sb)->names->drop_name(end->dir,
			end->lower_dir, &end->dentry->d_name, &end->name);
}

/* The VFS saw to this above; below, somebody may have moved things. */
static int check_trap(const struct end *old, const struct end *new,
		      const struct dentry *trap, unsigned int flags)
{
	if (old->lower == trap)
		return -EINVAL;
	if (new->lower == trap)
		return flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	return 0;
}

static int vfs_rename_lower(const struct end *old, const struct end *new,
			    unsigned int flags)
{
	struct renamedata rd = {
		.dcrypt_renamedata_old_idmap = dcrypt_nop_idmap,
		.old_dir = d_inode(old->lower_dir),
		.old_dentry = old->lower,
		.dcrypt_renamedata_new_idmap = dcrypt_nop_idmap,
		.new_dir = d_inode(new->lower_dir),
		.new_dentry = new->lower,
		.flags = flags,
	};

	return vfs_rename(&rd);
}

/* The new name comes into being, or what it was goes. */
static int rename_over(const struct end *old, const struct end *new,
		       unsigned int flags)
{
	struct inode *target = d_inode(new->dentry);
	int err;

	err = target ? dcrypt_goes(target, new->lower) : add_name(new);
	if (!err)
		err = vfs_rename_lower(old, new, flags);

	if (err && target)
		dcrypt_stays(target, new->lower);
	/* if somebody made it below, it needs what lies beside it */
	else if (err && err != -EEXIST)
		drop_name(new);
	/* a whiteout is called as the file was */
	else if (!err && !(flags & RENAME_WHITEOUT))
		drop_name(old);
	return err;
}

/* With both lower directories locked; @trap is their common ancestor, or NULL. */
static int rename_locked(struct end *old, struct end *new,
			 const struct dentry *trap, unsigned int flags)
{
	int err = find_lower(old);

	if (!err)
		err = find_lower(new);
	if (!err)
		err = check_trap(old, new, trap, flags);
	if (err)
		return err;
	if (flags & RENAME_EXCHANGE)
		return vfs_rename_lower(old, new, flags);
	return rename_over(old, new, flags);
}

static int rename_lower(struct end *old, struct end *new, unsigned int flags)
{
	struct super_block *sb = old->dir->i_sb;
	const struct cred *creds;
	struct dentry *trap;
	int err = dcrypt_want_write(sb);

	if (err)
		return err;
	creds = dcrypt_override_creds(sb);
	trap = lock_rename(new->lower_dir, old->lower_dir);
	if (IS_ERR(trap)) {
		err = PTR_ERR(trap);
	} else {
		err = rename_locked(old, new, trap, flags);
		unlock_rename(new->lower_dir, old->lower_dir);
	}
	revert_creds(creds);

	dcrypt_copy_attrs(old->dir);
	dcrypt_copy_attrs(new->dir);
	dcrypt_copy_attrs(d_inode(old->dentry));
	if (d_is_positive(new->dentry))
		dcrypt_copy_attrs(d_inode(new->dentry));
	dcrypt_drop_write(sb);
	return err;
}

/* The inode operation rename.  The VFS holds both directories' i_rwsem. */
int dcrypt_rename(dcrypt_idmap_t idmap, struct inode *old_dir,
		  struct dentry *old_dentry, struct inode *new_dir,
		  struct dentry *new_dentry, unsigned int flags)
{
	struct end old, new;
	int err = init_end(&old, old_dir, old_dentry);

	if (err)
		return err;
	err = init_end(&new, new_dir, new_dentry);
	if (!err) {
		err = rename_lower(&old, &new, flags);
		free_end(&new);
	}
	free_end(&old);
	return err;
}

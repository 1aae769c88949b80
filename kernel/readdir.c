// SPDX-License-Identifier: GPL-2.0
/* Directories, read through an open lower directory, with its own positions. */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/string.h>

#include "dcryptfs.h"

struct readdir {
	struct dir_context ctx;		/* for the lower directory */
	struct dir_context *caller;
	const struct inode *dir;
};

bool dcrypt_name_is_hidden(const struct inode *dir, const struct qstr *name)
{
	const unsigned int prefix = strlen(DCRYPT_HIDDEN_PREFIX);

	if (name->len >= prefix &&
	    !memcmp(name->name, DCRYPT_HIDDEN_PREFIX, prefix))
		return true;
	return name->len == strlen(DCRYPT_CONFIG_NAME) &&
	       dir == d_inode(dir->i_sb->s_root) &&
	       !memcmp(name->name, DCRYPT_CONFIG_NAME, name->len);
}

static bool fill_dir(struct dir_context *ctx, const char *name, int len,
		     loff_t pos, u64 ino, unsigned int type)
{
	struct readdir *rd = container_of(ctx, struct readdir, ctx);
	const struct dcrypt_name_ops *names = dcrypt_sb(rd->dir->i_sb)->names;
	struct qstr lower = QSTR_INIT(name, len);
	struct qstr upper;
	bool more;

	rd->caller->pos = pos;
	if (dcrypt_name_is_hidden(rd->dir, &lower) ||
	    names->decode(rd->dir, &lower, &upper))
		return true;
	more = dir_emit(rd->caller, upper.name, upper.len, ino, type);
	dcrypt_name_put(&lower, &upper);
	return more;
}

/* The file operation iterate_shared.  The VFS holds i_rwsem shared, and the position. */
static int dcrypt_iterate(struct file *file, struct dir_context *ctx)
{
	struct file *lower = file->private_data;
	struct readdir rd = {
		.ctx.actor = fill_dir,
		.caller = ctx,
		.dir = file_inode(file),
	};
	const struct cred *old;
	int err;

	lower->f_pos = ctx->pos;
	old = dcrypt_override_creds(rd.dir->i_sb);
	err = iterate_dir(lower, &rd.ctx);
	revert_creds(old);
	ctx->pos = rd.ctx.pos;
	return err;
}

/* Positions are the lower directory's, which may not be plain offsets. */
static loff_t dcrypt_dir_llseek(struct file *file, loff_t offset, int whence)
{
	struct file *lower = file->private_data;
	loff_t pos;

	lower->f_pos = file->f_pos;
	pos = vfs_llseek(lower, offset, whence);
	if (pos >= 0)
		file->f_pos = pos;
	return pos;
}

static int dcrypt_dir_open(struct inode *inode, struct file *file)
{
	struct path path = dcrypt_lower_path(file_dentry(file));
	const struct cred *old = dcrypt_override_creds(inode->i_sb);
	struct file *lower;

	lower = dentry_open(&path, O_RDONLY | O_DIRECTORY | O_LARGEFILE |
			    O_NOATIME, dcrypt_sb(inode->i_sb)->creds);
	revert_creds(old);
	if (IS_ERR(lower))
		return PTR_ERR(lower);
	file->private_data = lower;
	return 0;
}

static int dcrypt_dir_release(struct inode *inode, struct file *file)
{
	fput(file->private_data);
	return 0;
}

static int dcrypt_dir_fsync(struct file *file, loff_t start, loff_t end,
			    int datasync)
{
	return vfs_fsync_range(file->private_data, start, end, datasync);
}

const struct file_operations dcrypt_dir_fops = {
	.open		= dcrypt_dir_open,
	.release	= dcrypt_dir_release,
	.iterate_shared	= dcrypt_iterate,
	.llseek		= dcrypt_dir_llseek,
	.read		= generic_read_dir,
	.fsync		= dcrypt_dir_fsync,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Directories, read through an open lower directory, with its own positions.
 *
 * To decode a name may mean to look another one up, which can't be done while the
 * lower directory is being read.  So some entries are read, and then decoded.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dcryptfs.h"
#include "inode.h"
#include "names.h"

#define BATCH_SIZE	PAGE_SIZE

/* A lower entry, as it lies in a batch. */
struct entry {
	loff_t pos;
	u64 ino;
	unsigned short len;
	unsigned char type;		/* DT_* */
	char name[];
};

struct readdir {
	struct dir_context ctx;		/* for the lower directory */
	struct dir_context *caller;
	struct inode *dir;
	struct file *lower;
	void *batch;
	unsigned int used;		/* bytes of it */
	unsigned int skipped;		/* names that are none of this volume's */
	int err;			/* why an entry could not be decoded */
};

static unsigned int entry_size(unsigned int len)
{
	return ALIGN(sizeof(struct entry) + len, __alignof__(struct entry));
}

/* Takes an entry of the lower directory into the batch, while there is room. */
static bool gather_entry(struct dir_context *ctx, const char *name, int len,
			 loff_t pos, u64 ino, unsigned int type)
{
	struct readdir *rd = container_of(ctx, struct readdir, ctx);
	struct entry *entry = rd->batch + rd->used;

	if (rd->used + entry_size(len) > BATCH_SIZE)
		return false;
	entry->pos = pos;
	entry->ino = ino;
	entry->len = len;
	entry->type = type;
	memcpy(entry->name, name, len);
	rd->used += entry_size(len);
	return true;
}

/* False if the caller has no room left, or with rd->err. */
static bool emit_entry(struct readdir *rd, const struct entry *entry)
{
	const struct dcrypt_name_ops *names = dcrypt_sb(rd->dir->i_sb)->names;
	struct qstr lower = QSTR_INIT(entry->name, entry->len);
	struct qstr upper;
	bool more;
	int err;

	rd->caller->pos = entry->pos;
	if (names->hidden(rd->dir, &lower))
		return true;
	err = names->decode(rd->dir, rd->lower->f_path.dentry, &lower, &upper);
	if (err == -ENOMEM || err == -ENOKEY) {
		/* nothing is wrong with the name: it will be read again */
		rd->err = err;
		return false;
	}
	if (err) {
		rd->skipped++;
		return true;
	}
	more = dir_emit(rd->caller, upper.name, upper.len, entry->ino,
			entry->type);
	dcrypt_name_put(&lower, &upper);
	return more;
}

static bool emit_batch(struct readdir *rd)
{
	unsigned int at;

	for (at = 0; at < rd->used; ) {
		const struct entry *entry = rd->batch + at;

		if (!emit_entry(rd, entry))
			return false;
		at += entry_size(entry->len);
	}
	return true;
}

static int gather_batch(struct readdir *rd)
{
	const struct cred *old = dcrypt_override_creds(rd->dir->i_sb);
	int err;

	rd->used = 0;
	err = iterate_dir(rd->lower, &rd->ctx);
	revert_creds(old);
	return err;
}

/*
 * To the end of the lower directory, which is where it gives no more: some
 * filesystems give a part of it at a time, and all of a part may be hidden.
 */
static int read_entries(struct readdir *rd)
{
	int err;

	do {
		err = gather_batch(rd);
		/* what was read before an error is good */
		if (!emit_batch(rd))
			return rd->err;
		if (err)
			return err;
		rd->caller->pos = rd->ctx.pos;
	} while (rd->used);
	return 0;
}

static void count_skipped(struct inode *dir, unsigned int skipped)
{
	struct dcrypt_inode *di = dcrypt_inode(dir);

	if (!skipped)
		return;
	this_cpu_add(dcrypt_sb(dir->i_sb)->stats->names_skipped, skipped);
	if (READ_ONCE(di->said_skipped))
		return;
	WRITE_ONCE(di->said_skipped, true);
	dcrypt_inode_err(dir, "%u names in it are not shown: they are damaged, or were put there from elsewhere",
			 skipped);
}

/* Not f_pos, by which some filesystems do not go. */
static int seek_lower(struct file *lower, loff_t pos)
{
	loff_t ret = 0;

	if (lower->f_pos != pos)
		ret = vfs_llseek(lower, pos, SEEK_SET);
	return ret < 0 ? ret : 0;
}

/* The file operation iterate_shared.  The VFS holds i_rwsem shared, and the position. */
static int dcrypt_iterate(struct file *file, struct dir_context *ctx)
{
	struct readdir rd = {
		.ctx.actor = gather_entry,
		.caller = ctx,
		.dir = file_inode(file),
		.lower = file->private_data,
	};
	int err;

	/* removed below: as the VFS says of one that was removed above */
	if (IS_DEADDIR(file_inode(rd.lower)))
		return -ENOENT;
	err = dcrypt_sb(rd.dir->i_sb)->names->prepare(rd.dir,
						      rd.lower->f_path.dentry);
	/* without names, there are still "." and ".." */
	if (err && err != -ENOENT)
		return err;
	err = seek_lower(rd.lower, ctx->pos);
	if (err)
		return err;
	rd.batch = kmalloc(BATCH_SIZE, GFP_KERNEL);
	if (!rd.batch)
		return -ENOMEM;
	err = read_entries(&rd);
	kfree(rd.batch);
	count_skipped(rd.dir, rd.skipped);
	return err;
}

/* Positions are the lower directory's, which may not be plain offsets. */
static loff_t dcrypt_dir_llseek(struct file *file, loff_t offset, int whence)
{
	loff_t pos;

	if (whence == SEEK_CUR) {
		offset += file->f_pos;
		whence = SEEK_SET;
	}
	pos = vfs_llseek(file->private_data, offset, whence);
	if (pos >= 0)
		file->f_pos = pos;
	return pos;
}

static struct file *open_lower_dir(struct dentry *dentry)
{
	struct path path = dcrypt_lower_path(dentry);
	const struct cred *old = dcrypt_override_creds(dentry->d_sb);
	struct file *lower;

	lower = dentry_open(&path, O_RDONLY | O_DIRECTORY | O_LARGEFILE |
			    O_NOATIME, dcrypt_sb(dentry->d_sb)->creds);
	revert_creds(old);
	return lower;
}

static int dcrypt_dir_open(struct inode *inode, struct file *file)
{
	struct file *lower = open_lower_dir(file_dentry(file));

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
	int err = dcrypt_sync_names(file_dentry(file));

	return err ?: vfs_fsync_range(file->private_data, start, end, datasync);
}

static int sync_lower_dir(struct dentry *dentry)
{
	struct dcrypt_inode *di = dcrypt_inode(d_inode(dentry));
	int made = atomic_read(&di->names_made);
	struct file *lower;
	int err;

	if (made == atomic_read(&di->names_synced))
		return 0;
	lower = open_lower_dir(dentry);
	err = PTR_ERR_OR_ZERO(lower);
	if (!err) {
		err = vfs_fsync(lower, 0);
		fput(lower);
	}
	/* some filesystems have no fsync for directories */
	if (err == -EINVAL)
		err = 0;
	/* two at once may set it back a little: then it is done once more */
	if (!err)
		atomic_set(&di->names_synced, made);
	return err;
}

int dcrypt_sync_names(struct dentry *dentry)
{
	struct dentry *dir = dget(dentry), *parent;
	int err = 0;

	while (!err) {
		if (d_is_dir(dir))
			err = sync_lower_dir(dir);
		if (IS_ROOT(dir))
			break;
		parent = dget_parent(dir);
		dput(dir);
		dir = parent;
	}
	dput(dir);
	return err;
}

const struct file_operations dcrypt_dir_fops = {
	.open		= dcrypt_dir_open,
	.release	= dcrypt_dir_release,
	.iterate_shared	= dcrypt_iterate,
	.llseek		= dcrypt_dir_llseek,
	.read		= generic_read_dir,
	.fsync		= dcrypt_dir_fsync,
	.unlocked_ioctl	= dcrypt_dir_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

// SPDX-License-Identifier: GPL-2.0
/* Upper inodes: each stands on one lower inode, whose attributes it copies. */
#include <linux/fs.h>
#include <linux/stat.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"
#include "format.h"
#include "inode.h"
#include "lower.h"

static int test_lower(struct inode *inode, void *lower)
{
	return dcrypt_lower_inode(inode) == lower;
}

static int set_lower(struct inode *inode, void *lower)
{
	dcrypt_inode(inode)->lower = lower;
	inode->i_ino = ((struct inode *)lower)->i_ino;
	return 0;
}

void dcrypt_copy_attrs(struct inode *inode)
{
	/* the flags that our VFS has to act upon */
	const unsigned int copied = S_SYNC | S_NOATIME | S_APPEND |
				    S_IMMUTABLE | S_DIRSYNC;
	struct inode *lower = dcrypt_lower_inode(inode);

	/* what is read before another's copy is not written after it */
	spin_lock(&inode->i_lock);
	inode->i_mode = lower->i_mode;
	inode->i_uid = lower->i_uid;
	inode->i_gid = lower->i_gid;
	inode->i_rdev = lower->i_rdev;
	inode->i_generation = lower->i_generation;
	if (!READ_ONCE(dcrypt_inode(inode)->times_deferred))
		dcrypt_copy_times(inode, lower);
	inode_set_flags(inode, lower->i_flags & copied, copied);
	/*
	 * As chmod does: what says "nothing to strip on write" is over.  And it
	 * has to be found out again when nobody knows it below, as somebody may
	 * have set capabilities there.
	 */
	if (is_sxid(lower->i_mode) || !IS_NOSEC(lower))
		inode_set_flags(inode, 0, S_NOSEC);
	if (inode->i_nlink != lower->i_nlink)
		set_nlink(inode, lower->i_nlink);
	if (!S_ISREG(inode->i_mode))
		i_size_write(inode, i_size_read(lower));
	spin_unlock(&inode->i_lock);
	if (S_ISREG(inode->i_mode) && READ_ONCE(dcrypt_inode(inode)->plain))
		dcrypt_plain_size(inode);
}

/* The file has @size, or if that is negative none, and data up to @on_disk. */
static void set_size(struct inode *inode, loff_t size, loff_t on_disk)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);

	di->damaged = size < 0;
	i_size_write(inode, max_t(loff_t, size, 0));
	on_disk = max_t(loff_t, on_disk, 0);
	di->tail_unknown = on_disk % DCRYPT_BLOCK_SIZE || on_disk < size;
	WRITE_ONCE(di->end_unknown, di->tail_unknown);
	/* last: dcrypt_disk_is_ready() */
	dcrypt_set_disk_size(inode, on_disk);
	WRITE_ONCE(di->size_untold, false);
}

static int parse_size(struct inode *inode, const void *header)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	loff_t on_disk = 0;
	loff_t size = format->header_size(inode, header, &on_disk);

	set_size(inode, size, on_disk);
	return 0;
}

static int know_size_locked(struct inode *inode)
{
	int err = 0;

	if (!dcrypt_inode(inode)->size_unknown)
		return 0;
	err = dcrypt_read_header(inode, parse_size);
	if (!err)
		WRITE_ONCE(dcrypt_inode(inode)->size_unknown, false);
	return err;
}

int dcrypt_know_size(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs;
	int err;

	if (likely(!READ_ONCE(di->size_unknown)))
		return 0;
	nofs = dcrypt_lock(di);
	err = know_size_locked(inode);
	dcrypt_unlock(di, nofs);
	return err;
}

int dcrypt_load_size(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	loff_t lower_size = i_size_read(di->lower);
	loff_t size = dcrypt_sb(inode->i_sb)->format->upper_size(lower_size);

	/* the header goes with the data: without any, it is made anew */
	di->header_on_disk = size && (size != -EIO);
	WRITE_ONCE(di->size_unknown, size == -ENODATA);
	if (size != -ENODATA) {
		WRITE_ONCE(di->plain, false);
		set_size(inode, size, size);
	} else if (di->lower_file) {
		return know_size_locked(inode);
	}
	return 0;
}

static void init_ops(struct inode *inode)
{
	switch (inode->i_mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &dcrypt_file_iops;
		inode->i_fop = &dcrypt_file_fops;
		inode->i_mapping->a_ops = &dcrypt_aops;
		dcrypt_set_folio_order(inode->i_mapping, DCRYPT_MAX_FOLIO_ORDER);
		break;
	case S_IFDIR:
		inode->i_op = &dcrypt_dir_iops;
		inode->i_fop = &dcrypt_dir_fops;
		break;
	case S_IFLNK:
		inode->i_op = &dcrypt_symlink_iops;
		break;
	default:
		inode->i_op = &dcrypt_special_iops;
		init_special_inode(inode, inode->i_mode, inode->i_rdev);
		break;
	}
}

struct inode *dcrypt_iget(struct super_block *sb, struct inode *lower)
{
	struct inode *inode;

	if (!lower)
		return ERR_PTR(-ESTALE);

	inode = iget5_locked(sb, (unsigned long)lower, test_lower, set_lower,
			     lower);
	if (!inode) {
		iput(lower);
		return ERR_PTR(-ENOMEM);
	}
	if (!(inode->i_state & I_NEW)) {
		/* it holds a reference of its own */
		iput(lower);
		dcrypt_copy_attrs(inode);
		return inode;
	}

	dcrypt_copy_attrs(inode);
	if (IS_CASEFOLDED(lower)) {
		dcrypt_inode_err(inode, "it ignores case in names, which is not supported: move what is in it to a directory that does not");
		iget_failed(inode);
		return ERR_PTR(-EIO);
	}
	dcrypt_init_acl(inode);
	if (S_ISREG(inode->i_mode)) {
		/* first: if it changes in between, that shows */
		dcrypt_take_state(inode);
		dcrypt_load_size(inode);
	}
	init_ops(inode);
	unlock_new_inode(inode);
	return inode;
}

/* The super operation evict_inode: nobody uses the inode any more. */
void dcrypt_evict_inode(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	dcrypt_lower_release(inode);
	if (di->tfm) {
		crypto_free_skcipher(di->tfm);
		di->tfm = NULL;
	}
	memzero_explicit(&di->header, sizeof(di->header));
	/* not cleared: a path walk under RCU may still look at it */
	iput(di->lower);
}

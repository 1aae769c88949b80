// SPDX-License-Identifier: GPL-2.0
/*
 * The size that a file's header says, in formats where it does.
 *
 * It follows the data: the header is never told of bytes that were not written,
 * so that whoever reads the file after a crash finds no garbage in it.  A growing
 * file's header is written when the file is closed or synced, and when the kernel
 * writes dirty inodes, not at each write.
 */
#include <linux/pagemap.h>
#include <linux/writeback.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"
#include "lower.h"

void dcrypt_set_disk_size(struct inode *inode, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);

	spin_lock(&di->size_lock);
	atomic64_set(&di->disk_size, size);
	if (!di->extending || size < atomic64_read(&di->valid_size))
		atomic64_set(&di->valid_size, size);
	else
		di->reached = max(di->reached, size);
	spin_unlock(&di->size_lock);
}

int dcrypt_begin_extending(struct inode *inode, loff_t end)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	int extends;

	spin_lock(&di->size_lock);
	extends = end > atomic64_read(&di->valid_size);
	di->extending += extends;
	if (end > atomic64_read(&di->disk_size))
		atomic64_set(&di->disk_size, end);
	spin_unlock(&di->size_lock);
	return extends;
}

/*
 * The last write past the valid size is over.  If one failed, and none succeeded
 * behind it, there is nothing there; if one did, what the other left is a hole.
 */
static void settle(struct dcrypt_inode *di)
{
	loff_t written = max3(di->missed, di->reached,
			      (loff_t)atomic64_read(&di->valid_size));
	loff_t size = min_t(loff_t, atomic64_read(&di->disk_size), written);

	atomic64_set(&di->disk_size, size);
	atomic64_set(&di->valid_size, size);
	di->missed = LLONG_MAX;
	di->reached = 0;
}

void dcrypt_extended(struct inode *inode, loff_t end, loff_t done)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	bool last;

	/* no mutex: its owner may wait for what the run that is over holds */
	spin_lock(&di->size_lock);
	if (done < end)
		di->missed = min(di->missed, done);
	else
		di->reached = max(di->reached, end);
	last = !--di->extending;
	if (last)
		settle(di);
	WRITE_ONCE(di->size_untold, true);
	spin_unlock(&di->size_lock);
	if (last)
		mark_inode_dirty_sync(inode);
}

void dcrypt_size_untold(struct inode *inode)
{
	WRITE_ONCE(dcrypt_inode(inode)->size_untold, true);
	/* for dcrypt_write_inode() */
	mark_inode_dirty_sync(inode);
}

/* What the header may say now; false in *@all if there will be more.  Under size_lock. */
static loff_t size_to_tell(struct inode *inode, bool *all)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	loff_t valid = atomic64_read(&di->valid_size);
	loff_t size = min(i_size_read(inode), valid);

	/* who writes moves the file's size after this one, and does not say so then */
	*all = !di->extending && size == valid;
	return size;
}

/*
 * While somebody extends the file, that is what was settled before; he will say so
 * again.  It is told when it has been written, and not before, as who finds it told
 * does not wait.
 */
int dcrypt_tell_size_locked(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	loff_t size;
	bool all;
	int err;

	if (!READ_ONCE(di->size_untold))
		return 0;
	spin_lock(&di->size_lock);
	size = size_to_tell(inode, &all);
	spin_unlock(&di->size_lock);

	err = dcrypt_write_header_size(inode, size);
	if (err)
		return err;
	spin_lock(&di->size_lock);
	if (size == size_to_tell(inode, &all) && all)
		WRITE_ONCE(di->size_untold, false);
	spin_unlock(&di->size_lock);
	return 0;
}

int dcrypt_tell_size(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs;
	int err;

	if (!READ_ONCE(di->size_untold))
		return 0;
	nofs = dcrypt_lock(di);
	err = dcrypt_tell_size_locked(inode);
	dcrypt_unlock(di, nofs);
	return err;
}

/*
 * With i_rwsem, nothing new gets past the old size; so once what is dirty is
 * written, no write past it is under way.
 */
int dcrypt_sync_size(struct inode *inode, int datasync)
{
	struct address_space *mapping = inode->i_mapping;
	errseq_t since;
	int err = 0;

	if (!READ_ONCE(dcrypt_inode(inode)->size_untold))
		return 0;
	inode_lock(inode);
	if (READ_ONCE(dcrypt_inode(inode)->size_untold)) {
		/* not what is no news to who asks */
		since = READ_ONCE(mapping->wb_err);
		err = filemap_fdatawrite(mapping);
		filemap_fdatawait_keep_errors(mapping);
		err = errseq_check(&mapping->wb_err, since) ?: err;
		if (!err)
			err = dcrypt_lower_fsync(inode, datasync);
		if (!err)
			err = dcrypt_tell_size(inode);
	}
	inode_unlock(inode);
	return err;
}

/* The VFS calls it after it has written the inode's pages. */
int dcrypt_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	int err = 0;

	/* a file that is not open has told its size when it was closed */
	if (!READ_ONCE(dcrypt_inode(inode)->size_untold) ||
	    dcrypt_lower_hold_dirty(inode) <= 0)
		return 0;
	if (wbc->sync_mode == WB_SYNC_ALL)
		err = dcrypt_lower_fsync(inode, 1);
	if (!err)
		err = dcrypt_tell_size(inode);
	dcrypt_lower_drop(inode);
	return err;
}

int dcrypt_write_all(struct inode *inode)
{
	int err = filemap_write_and_wait(inode->i_mapping);

	/* a file that is not open has told its size when it was closed */
	if (err || !READ_ONCE(dcrypt_inode(inode)->size_untold) ||
	    dcrypt_lower_hold_dirty(inode) <= 0)
		return err;
	err = dcrypt_tell_size(inode);
	dcrypt_lower_drop(inode);
	return err;
}

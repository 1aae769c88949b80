// SPDX-License-Identifier: GPL-2.0
/*
 * What comes before and after a direct request: locks, what is cached, the key, and the
 * end of the file.  How it is moved is in direct.c.
 */
#include <linux/pagemap.h>
#include <linux/uio.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"

/* i_rwsem for a request, shared.  EAGAIN if it may not be waited for. */
static int lock_shared(struct inode *inode, const struct kiocb *iocb)
{
	if (!(iocb->ki_flags & IOCB_NOWAIT))
		inode_lock_shared(inode);
	else if (!inode_trylock_shared(inode))
		return -EAGAIN;
	return 0;
}

/* What is cached and dirty of what will be read goes to disk, and the key is there. */
static int prepare_read(struct kiocb *iocb, size_t count)
{
	struct address_space *mapping = iocb->ki_filp->f_mapping;
	struct dcrypt_inode *di = dcrypt_inode(mapping->host);
	loff_t last = iocb->ki_pos + count - 1;
	int err;

	if (iocb->ki_flags & IOCB_NOWAIT) {
		if (filemap_range_needs_writeback(mapping, iocb->ki_pos, last))
			return -EAGAIN;
		return !smp_load_acquire(&di->tfm) &&
		       atomic64_read(&di->disk_size) ? -EAGAIN : 0;
	}
	err = filemap_write_and_wait_range(mapping, iocb->ki_pos, last);
	if (!err && atomic64_read(&di->disk_size))
		err = dcrypt_prepare_key(mapping->host);
	return err;
}

static int make_folios_small(struct kiocb *iocb)
{
	if (likely(!dcrypt_has_large_folios(iocb->ki_filp->f_mapping)))
		return 0;
	/* O_DIRECT was set after the file was opened */
	if (iocb->ki_flags & IOCB_NOWAIT)
		return -EAGAIN;
	return dcrypt_make_folios_small(file_inode(iocb->ki_filp));
}

ssize_t dcrypt_direct_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	struct inode *inode = file_inode(file);
	size_t count = iov_iter_count(to);
	ssize_t ret;

	if (!count)
		return 0;
	ret = make_folios_small(iocb);
	if (!ret)
		ret = lock_shared(inode, iocb);
	if (ret)
		return ret;
	ret = prepare_read(iocb, count);
	if (!ret)
		ret = file->f_mapping->a_ops->direct_IO(iocb, to);
	if (ret > 0)
		iocb->ki_pos += ret;
	inode_unlock_shared(inode);
	file_accessed(file);
	return ret;
}

/* May this write go on beside others?  If it is whole blocks within the file. */
static bool write_may_share(const struct inode *inode, loff_t pos, size_t count)
{
	return IS_NOSEC(inode) && dcrypt_is_inside(inode, pos, count);
}

/*
 * Somebody kept a cached page from being dropped: the page cache must have the
 * new data, or it would go on showing the old.  Exclusive lock.
 */
static ssize_t write_through_cache(struct kiocb *iocb, struct iov_iter *from)
{
	struct address_space *mapping = iocb->ki_filp->f_mapping;
	loff_t pos = iocb->ki_pos;
	ssize_t ret = dcrypt_buffered_write(iocb, from);
	int err;

	if (ret <= 0)
		return ret;
	err = filemap_write_and_wait_range(mapping, pos, pos + ret - 1);
	return err ?: ret;
}

/* The lower file is to be ready for data up to @end.  As dcrypt_prepare_disk(). */
static int prepare_write(struct kiocb *iocb, loff_t end)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	int err;

	if (iocb->ki_flags & IOCB_NOWAIT)
		return smp_load_acquire(&dcrypt_inode(inode)->tfm) &&
		       dcrypt_disk_is_ready(inode, end) ? 0 : -EAGAIN;
	err = dcrypt_prepare_key(inode);
	if (!err)
		err = dcrypt_fill_gap(inode, iocb->ki_pos);
	if (!err)
		err = dcrypt_prepare_disk(inode, iocb->ki_pos, end);
	/* only who extends the file has i_rwsem to himself */
	if (err < 0 && end > i_size_read(inode))
		dcrypt_empty_gap(inode);
	return err;
}

/* An extension, for a write up to @end, that did not all get there is undone. */
static int undo_extension(struct inode *inode, loff_t pos, loff_t end,
			  loff_t old_size)
{
	loff_t size = i_size_read(inode);
	int err;

	if (end <= size || end <= old_size)
		return 0;
	err = dcrypt_shrink_disk(inode, size);
	/* a write that failed may still have changed the last block */
	if (pos >> DCRYPT_BLOCK_BITS <= size >> DCRYPT_BLOCK_BITS)
		WRITE_ONCE(dcrypt_inode(inode)->end_unknown,
			   size % DCRYPT_BLOCK_SIZE);
	return err;
}

/* For a write whose end must be known before anything else is done. */
static ssize_t write_and_wait(struct kiocb *iocb, struct iov_iter *from)
{
	struct kiocb sync;
	ssize_t ret;

	init_sync_kiocb(&sync, iocb->ki_filp);
	sync.ki_pos = iocb->ki_pos;
	sync.ki_flags = iocb->ki_flags;
	ret = generic_file_direct_write(&sync, from);
	iocb->ki_pos = sync.ki_pos;
	return ret;
}

/*
 * With the checks done, and the lock held that the write needs.  *@busy if a
 * cached page could not be dropped, and nothing was done.
 */
static ssize_t write_locked(struct kiocb *iocb, struct iov_iter *from,
			    bool *busy)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	loff_t old_size = i_size_read(inode);
	loff_t pos = iocb->ki_pos;
	loff_t end = pos + iov_iter_count(from);
	ssize_t ret;
	int extends, err;

	extends = prepare_write(iocb, end);
	if (extends < 0)
		return extends;
	if (pos > old_size)
		dcrypt_zero_cached_tail(inode, old_size);

	ret = extends ? write_and_wait(iocb, from) :
			generic_file_direct_write(iocb, from);
	*busy = !ret;
	if (extends)
		dcrypt_extended(inode, end, pos + max_t(ssize_t, ret, 0));

	err = undo_extension(inode, pos, end, old_size);
	return err && ret >= 0 ? err : ret;
}

/*
 * Tries to write beside others.  False if it has to be done alone; the result
 * is in *@ret otherwise.
 */
static bool write_shared(struct kiocb *iocb, struct iov_iter *from, ssize_t *ret)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	bool busy = false;

	if ((iocb->ki_flags & IOCB_APPEND) ||
	    !write_may_share(inode, iocb->ki_pos, iov_iter_count(from)))
		return false;

	*ret = lock_shared(inode, iocb);
	if (*ret)
		return true;
	*ret = dcrypt_write_checks(iocb, from);
	if (*ret > 0) {
		/* the file may have changed while we waited for the lock */
		busy = !write_may_share(inode, iocb->ki_pos, *ret);
		if (!busy)
			*ret = kiocb_modified(iocb);
		if (!*ret)
			*ret = write_locked(iocb, from, &busy);
	}
	inode_unlock_shared(inode);
	return !busy;
}

ssize_t dcrypt_direct_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	bool busy = false;
	ssize_t ret = make_folios_small(iocb);

	if (ret || write_shared(iocb, from, &ret))
		return ret;
	if (iocb->ki_flags & IOCB_NOWAIT)
		return -EAGAIN;

	inode_lock(inode);
	ret = dcrypt_write_checks(iocb, from);
	if (ret > 0) {
		inode_dio_wait(inode);
		ret = file_modified(iocb->ki_filp);
		if (!ret)
			ret = write_locked(iocb, from, &busy);
		if (busy)
			ret = write_through_cache(iocb, from);
	}
	inode_unlock(inode);
	return ret;
}

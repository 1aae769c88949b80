// SPDX-License-Identifier: GPL-2.0
/*
 * Direct I/O: runs of whole blocks go between the caller's own pages and the
 * lower file.  What is not a whole block in memory that the cipher can take at
 * once goes through a staging page: the edges of an unaligned request, and
 * blocks whose memory comes in many pieces.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/uio.h>

#include "dcryptfs.h"

struct dio {
	struct inode *inode;
	struct iov_iter *iter;
	loff_t pos;			/* of what comes next */
	bool write;
	struct page *pages[DCRYPT_RUN_BLOCKS + 1];
};

/*
 * Takes pages from the iterator for as many whole blocks as lie in memory
 * without a gap: further segments are added while they go on at a page's
 * beginning.  Returns the bytes, 0 if not even a block does, or -EFAULT.
 */
static ssize_t take_pages(struct dio *dio, size_t want, unsigned int *offset,
			  unsigned int *nr_pages)
{
	size_t got = 0, start, rest;
	unsigned int nr = 0;
	ssize_t ret = 0;

	while (got < want) {
		ret = dcrypt_iter_pin(dio->iter, dio->pages + nr, want - got,
				      ARRAY_SIZE(dio->pages) - nr, &start);
		if (ret <= 0)
			break;
		if (!nr) {
			*offset = start;
		} else if (start) {
			/* does not go on where the last one ended */
			dcrypt_iter_unpin(dio->iter, dio->pages + nr,
					  DIV_ROUND_UP(start + ret, PAGE_SIZE),
					  false);
			iov_iter_revert(dio->iter, ret);
			break;
		}
		nr += DIV_ROUND_UP(start + ret, PAGE_SIZE);
		got += ret;
		if ((*offset + got) % PAGE_SIZE || nr == ARRAY_SIZE(dio->pages))
			break;
	}

	rest = got % DCRYPT_BLOCK_SIZE;
	got -= rest;
	iov_iter_revert(dio->iter, rest);
	*nr_pages = nr;
	if (!got) {
		dcrypt_iter_unpin(dio->iter, dio->pages, nr, false);
		return ret < 0 && ret != -EOPNOTSUPP ? ret : 0;
	}
	return got;
}

/* Moves whole blocks.  Bytes moved, 0 if it has to be staged, or an error. */
static ssize_t move_run(struct dio *dio, size_t want)
{
	struct dcrypt_run run = {
		.inode = dio->inode,
		.block = dio->pos >> DCRYPT_BLOCK_BITS,
		.pages = dio->pages,
	};
	unsigned int nr_pages, done;
	ssize_t got;
	int err;

	want = min_t(size_t, want, DCRYPT_RUN_BLOCKS * DCRYPT_BLOCK_SIZE);
	got = take_pages(dio, want, &run.offset, &nr_pages);
	if (got <= 0)
		return got;

	run.nr = got >> DCRYPT_BLOCK_BITS;
	err = dio->write ? dcrypt_run_write(&run, &done) :
			   dcrypt_run_read(&run, &done);
	dcrypt_iter_unpin(dio->iter, dio->pages, nr_pages, !dio->write);
	iov_iter_revert(dio->iter, got - ((size_t)done << DCRYPT_BLOCK_BITS));
	return done ? (ssize_t)done << DCRYPT_BLOCK_BITS : err;
}

static ssize_t stage_read(struct dio *dio, const struct dcrypt_run *run,
			  size_t offset, size_t len)
{
	int err = dcrypt_run_read(run, NULL);
	size_t n;

	if (err)
		return err;
	/* not copy_page_to_iter(), which may give the page itself to a pipe */
	n = copy_to_iter(page_address(run->pages[0]) + offset, len, dio->iter);
	return n ?: -EFAULT;
}

static ssize_t stage_write(struct dio *dio, const struct dcrypt_run *run,
			   size_t offset, size_t len)
{
	size_t n;
	int err;

	if (len < DCRYPT_BLOCK_SIZE) {
		err = dcrypt_run_read(run, NULL);
		if (err)
			return err;
	}
	n = copy_from_iter(page_address(run->pages[0]) + offset, len,
			   dio->iter);
	if (n < len) {
		/* the page holds what was read, or nothing */
		if (!n || len == DCRYPT_BLOCK_SIZE) {
			iov_iter_revert(dio->iter, n);
			return -EFAULT;
		}
	}
	err = dcrypt_run_write(run, NULL);
	if (err) {
		iov_iter_revert(dio->iter, n);
		return err;
	}
	return n;
}

/*
 * Moves up to the next block boundary through a page of our own.  Bytes moved,
 * or an error.
 */
static ssize_t move_staged(struct dio *dio, size_t want)
{
	size_t offset = dio->pos % DCRYPT_BLOCK_SIZE;
	size_t len = min_t(size_t, want, DCRYPT_BLOCK_SIZE - offset);
	struct page *page = alloc_page(GFP_KERNEL);
	struct dcrypt_run run = {
		.inode = dio->inode,
		.block = dio->pos >> DCRYPT_BLOCK_BITS,
		.nr = 1,
		.pages = &page,
	};
	ssize_t ret;

	if (!page)
		return -ENOMEM;
	ret = dio->write ? stage_write(dio, &run, offset, len) :
			   stage_read(dio, &run, offset, len);

	/* the one place where direct I/O leaves plaintext in a kernel page */
	memzero_explicit(page_address(page), PAGE_SIZE);
	__free_page(page);
	return ret;
}

static ssize_t move_next(struct dio *dio, size_t want)
{
	ssize_t ret = 0;

	if (dio->pos % DCRYPT_BLOCK_SIZE == 0 && want >= DCRYPT_BLOCK_SIZE)
		ret = move_run(dio, want);
	return ret ?: move_staged(dio, want);
}

ssize_t dcrypt_direct_io(struct kiocb *iocb, struct iov_iter *iter)
{
	struct dio dio;			/* large: not zeroed */
	loff_t end = iocb->ki_pos + iov_iter_count(iter);
	ssize_t ret = 0;

	dio.inode = file_inode(iocb->ki_filp);
	dio.iter = iter;
	dio.pos = iocb->ki_pos;
	dio.write = iov_iter_rw(iter) == WRITE;
	if (!dio.write)
		end = min(end, i_size_read(dio.inode));
	while (dio.pos < end) {
		ret = move_next(&dio, end - dio.pos);
		if (ret < 0)
			break;
		dio.pos += ret;
	}
	return dio.pos > iocb->ki_pos ? dio.pos - iocb->ki_pos : ret;
}

ssize_t dcrypt_direct_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	struct address_space *mapping = file->f_mapping;
	struct inode *inode = mapping->host;
	size_t count = iov_iter_count(to);
	ssize_t ret;

	if (!count)
		return 0;
	inode_lock_shared(inode);
	ret = filemap_write_and_wait_range(mapping, iocb->ki_pos,
					   iocb->ki_pos + count - 1);
	if (!ret)
		ret = mapping->a_ops->direct_IO(iocb, to);
	if (ret > 0)
		iocb->ki_pos += ret;
	inode_unlock_shared(inode);
	file_accessed(file);
	return ret;
}

/* May this write go on beside others?  If it is whole blocks within the file. */
static bool write_may_share(const struct inode *inode, loff_t pos, size_t count)
{
	return IS_NOSEC(inode) && !((pos | count) % DCRYPT_BLOCK_SIZE) &&
	       pos + count <= i_size_read(inode);
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
	int extends;

	ret = dcrypt_prepare_key(inode);
	if (ret)
		return ret;
	extends = dcrypt_prepare_disk(inode, pos, end);
	if (extends < 0)
		return extends;
	if (pos > old_size)
		dcrypt_zero_cached_tail(inode, old_size);

	ret = generic_file_direct_write(iocb, from);
	*busy = !ret;
	if (extends)
		dcrypt_extended(inode, end, pos + max_t(ssize_t, ret, 0));

	/* what the extension was for did not all get there */
	if (end > i_size_read(inode) && end > old_size) {
		int err = dcrypt_shrink_disk(inode, i_size_read(inode));

		if (err && ret >= 0)
			ret = err;
		/* a write that failed may still have changed the last block */
		if (pos >> DCRYPT_BLOCK_BITS <=
		    i_size_read(inode) >> DCRYPT_BLOCK_BITS)
			WRITE_ONCE(dcrypt_inode(inode)->end_unknown,
				   i_size_read(inode) % DCRYPT_BLOCK_SIZE);
	}
	return ret;
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

	inode_lock_shared(inode);
	*ret = dcrypt_write_checks(iocb, from);
	if (*ret > 0) {
		/* the file may have changed while we waited for the lock */
		busy = !write_may_share(inode, iocb->ki_pos, *ret);
		if (!busy)
			*ret = file_modified(iocb->ki_filp);
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
	ssize_t ret;

	if (write_shared(iocb, from, &ret))
		return ret;

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

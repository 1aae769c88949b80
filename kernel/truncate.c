// SPDX-License-Identifier: GPL-2.0
/*
 * The size of a regular file: the upper size (i_size), and up to where there is
 * data below (disk_size), which follows it.  The on-disk rules that make this safe
 * in a crash are in Documentation/on-disk-format.md.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"
#include "format.h"

int dcrypt_clean_padding(struct inode *inode, loff_t size)
{
	size_t tail = size % DCRYPT_BLOCK_SIZE;
	struct page *page = alloc_page(GFP_NOFS);
	struct dcrypt_run run = {
		.inode = inode,
		.block = size >> DCRYPT_BLOCK_BITS,
		.nr = 1,
		.pages = &page,
	};
	int err;

	if (!page)
		return -ENOMEM;
	err = dcrypt_run_read_raw(&run);
	if (!err && memchr_inv(page_address(page) + tail, 0, PAGE_SIZE - tail)) {
		memzero_page(page, tail, PAGE_SIZE - tail);
		run.write = true;
		err = dcrypt_run_rw(&run, NULL);
	}
	memzero_explicit(page_address(page), PAGE_SIZE);
	__free_page(page);
	return err;
}

/* For a run of zeros; constant once the module is loaded. */
static struct page *zero_pages[DCRYPT_RUN_BLOCKS];

void __init dcrypt_truncate_init(void)
{
	unsigned int i;

	for (i = 0; i < DCRYPT_RUN_BLOCKS; i++)
		zero_pages[i] = ZERO_PAGE(0);
}

int dcrypt_fill_disk(struct inode *inode, loff_t end)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	struct dcrypt_run run = {
		.inode = inode,
		.block = DIV_ROUND_UP_ULL(atomic64_read(&di->disk_size),
					  DCRYPT_BLOCK_SIZE),
		.write = true,
		.pages = zero_pages,
	};
	u64 last = end >> DCRYPT_BLOCK_BITS;
	unsigned int done;
	int err = 0;

	while (!err && run.block < last) {
		if (fatal_signal_pending(current))
			return -EINTR;
		run.nr = min_t(u64, last - run.block, DCRYPT_RUN_BLOCKS);
		err = dcrypt_run_rw(&run, &done);
		run.block += done;
		if (done)
			dcrypt_set_disk_size(inode,
					     run.block << DCRYPT_BLOCK_BITS);
		cond_resched();
	}
	return err;
}

/*
 * Before a file is written to for the first time since its size was found on
 * disk or has shrunk: what lies past its end there is not known to be zeros.
 * It is old data after shrinking, and may be data of a growth that a crash undid,
 * or, in a file that was cut below, anything.  This comes before the first write
 * and not only before the file grows, so that nobody writes the last block while
 * it is read and written here.
 */
static int clean_end(struct inode *inode)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	struct dcrypt_inode *di = dcrypt_inode(inode);
	loff_t size = atomic64_read(&di->disk_size);
	int err;

	if (di->tail_unknown) {
		err = format->clean_tail(inode, size);
		if (err)
			return err;
		di->tail_unknown = false;
		size = atomic64_read(&di->disk_size);
	}
	err = dcrypt_clean_padding(inode, size);
	if (!err)
		WRITE_ONCE(di->end_unknown, false);
	return err;
}

bool dcrypt_disk_is_ready(const struct inode *inode, loff_t end)
{
	const struct dcrypt_inode *di = dcrypt_inode(inode);

	return end <= atomic64_read(&di->valid_size) &&
	       !READ_ONCE(di->end_unknown);
}

static int extend_locked(struct inode *inode, loff_t pos, loff_t end)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	struct dcrypt_inode *di = dcrypt_inode(inode);
	loff_t old;
	int err;

	if (dcrypt_disk_is_ready(inode, end))
		return 0;
	err = dcrypt_prepare_key_locked(inode);
	if (!err && !di->header_on_disk)
		err = dcrypt_make_header(inode);
	if (!err && di->end_unknown)
		err = clean_end(inode);
	old = atomic64_read(&di->disk_size);
	if (!err && end > old) {
		err = format->grow(inode, pos, end);
		/* what was filled before it failed is of no use, and takes room */
		if (err && atomic64_read(&di->disk_size) > old)
			format->shrink(inode, old);
	}
	if (err || pos == end)
		return err;
	return dcrypt_begin_extending(inode, end);
}

int dcrypt_prepare_disk(struct inode *inode, loff_t pos, loff_t end)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs;
	int err;

	if (likely(dcrypt_disk_is_ready(inode, end)))
		return 0;

	nofs = dcrypt_lock(di);
	err = extend_locked(inode, pos, end);
	dcrypt_unlock(di, nofs);
	return err;
}

int dcrypt_prepare_header(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs = dcrypt_lock(di);
	int err = dcrypt_prepare_key_locked(inode);

	if (!err && !di->header_on_disk)
		err = dcrypt_make_header(inode);
	dcrypt_unlock(di, nofs);
	return err;
}

/*
 * Also to the size that it has: the lower filesystem frees what is preallocated
 * past it.
 */
static int shrink_locked(struct inode *inode, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	loff_t old = atomic64_read(&di->disk_size);

	if (size > old || (!old && !di->header_on_disk))
		return 0;
	return dcrypt_sb(inode->i_sb)->format->shrink(inode, size);
}

int dcrypt_shrink_disk(struct inode *inode, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	struct folio *folio;
	unsigned int nofs;
	int err;

	/* nobody is to be writing the last block when end_unknown becomes true */
	folio = dcrypt_lock_folio(inode->i_mapping, size >> PAGE_SHIFT);
	if (folio)
		folio_wait_writeback(folio);
	nofs = dcrypt_lock(di);
	err = shrink_locked(inode, size);
	dcrypt_unlock(di, nofs);
	if (folio) {
		folio_unlock(folio);
		folio_put(folio);
	}
	return err;
}

static int grow(struct inode *inode, loff_t old, loff_t size)
{
	int err = dcrypt_fill_gap(inode, size);

	if (!err)
		err = dcrypt_prepare_disk(inode, size, size);
	if (err) {
		dcrypt_empty_gap(inode);
		return err;
	}
	dcrypt_zero_cached_tail(inode, old);
	truncate_setsize(inode, size);
	return 0;
}

static int shrink(struct inode *inode, loff_t old, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	struct address_space *mapping = inode->i_mapping;
	int err = 0;

	/* a file with a damaged header is left as it is, unless all of it goes */
	if (size && atomic64_read(&di->disk_size)) {
		err = dcrypt_prepare_key(inode);
		if (err)
			return err;
	}

	filemap_invalidate_lock(mapping);
	truncate_setsize(inode, size);
	/* a size that was not yet on disk, and may have no dirty page to bring it */
	if (size > atomic64_read(&di->disk_size))
		err = dcrypt_prepare_disk(inode, size, size);
	if (!err)
		err = dcrypt_shrink_disk(inode, size);
	if (err) {
		/* what was cached past the new size is gone */
		i_size_write(inode, min_t(loff_t, old,
					  max_t(loff_t, size,
						atomic64_read(&di->disk_size))));
		invalidate_inode_pages2_range(mapping, size >> PAGE_SHIFT, -1);
	}
	filemap_invalidate_unlock(mapping);
	return err;
}

int dcrypt_truncate(struct inode *inode, loff_t size)
{
	loff_t old = i_size_read(inode);

	if (READ_ONCE(dcrypt_inode(inode)->plain))
		return dcrypt_plain_truncate(inode, size);
	inode_dio_wait(inode);
	if (size > old)
		return grow(inode, old, size);
	return shrink(inode, old, size);
}

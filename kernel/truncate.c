// SPDX-License-Identifier: GPL-2.0
/*
 * The size of a regular file: the upper size (i_size), and the size that the
 * lower file's size encodes (disk_size), which follows it.  The on-disk rules
 * that make this safe in a crash are in Documentation/on-disk-format.md.
 */
#include <linux/falloc.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>

#include "dcryptfs.h"

static int set_lower_size(struct inode *inode, loff_t size)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	int err = dcrypt_lower_setsize(inode, format->lower_size(size));

	if (!err)
		atomic64_set(&dcrypt_inode(inode)->disk_size, size);
	return err;
}

/*
 * Writes the header of a file that has none.  The lower file first gets the size
 * of a header alone, which still says that the upper file is empty.
 */
static int write_header(struct inode *inode)
{
	struct dcrypt_sb *dsb = dcrypt_sb(inode->i_sb);
	const struct dcrypt_format_ops *format = dsb->format;
	struct bio_vec bvec = { .bv_len = format->header_size };
	void *header;
	int err;

	err = dcrypt_lower_setsize(inode, format->header_size);
	if (err)
		return err;

	dcrypt_bounce_get(dsb, &bvec.bv_page, 1, true);
	header = kmap_local_page(bvec.bv_page);
	format->format_header(inode, header);
	kunmap_local(header);
	err = dcrypt_lower_rw(inode, &bvec, 1, format->header_size, 0, true);
	dcrypt_bounce_put(dsb, &bvec.bv_page, 1);

	if (err)
		dcrypt_lower_setsize(inode, 0);
	else
		dcrypt_inode(inode)->header_on_disk = true;
	return err;
}

/* Makes the padding of the last of a file's blocks zeros on disk. */
static int clean_padding(struct inode *inode, loff_t size)
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
	loff_t end = format->data_end(size);
	int err;

	if (di->tail_unknown) {
		err = dcrypt_lower_fallocate(inode, FALLOC_FL_PUNCH_HOLE, end,
					     DCRYPT_BLOCK_SIZE);
		/* it can't, or the file is one that may only grow */
		if (err == -EOPNOTSUPP || err == -EPERM)
			err = set_lower_size(inode, format->upper_size(end)) ?:
			      set_lower_size(inode, size);
		if (err)
			return err;
		di->tail_unknown = false;
	}
	err = clean_padding(inode, size);
	if (!err)
		WRITE_ONCE(di->end_unknown, false);
	return err;
}

bool dcrypt_disk_is_ready(const struct inode *inode, loff_t size)
{
	const struct dcrypt_inode *di = dcrypt_inode(inode);

	return size <= atomic64_read(&di->disk_size) &&
	       !READ_ONCE(di->end_unknown);
}

static int extend_locked(struct inode *inode, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	int err;

	if (dcrypt_disk_is_ready(inode, size))
		return 0;
	err = dcrypt_prepare_key_locked(inode);
	if (!err && !di->header_on_disk)
		err = write_header(inode);
	if (!err && di->end_unknown)
		err = clean_end(inode);
	if (!err && size > atomic64_read(&di->disk_size))
		err = set_lower_size(inode, size);
	return err;
}

int dcrypt_prepare_disk(struct inode *inode, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs;
	int err;

	if (likely(dcrypt_disk_is_ready(inode, size)))
		return 0;

	nofs = dcrypt_lock(di);
	err = extend_locked(inode, size);
	dcrypt_unlock(di, nofs);
	return err;
}

int dcrypt_prepare_header(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs = dcrypt_lock(di);
	int err = dcrypt_prepare_key_locked(inode);

	if (!err && !di->header_on_disk)
		err = write_header(inode);
	dcrypt_unlock(di, nofs);
	return err;
}

/*
 * In two steps: to the end of the last block, so that no old data stays past it;
 * then to the size itself.  In between, a crash leaves the file a little longer,
 * with the data it had.
 *
 * To the size that it has: the lower filesystem frees what is preallocated past it.
 */
static int shrink_locked(struct inode *inode, loff_t size)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	struct dcrypt_inode *di = dcrypt_inode(inode);
	loff_t end = format->data_end(size);
	loff_t old = atomic64_read(&di->disk_size);
	int err = 0;

	if (size > old || (!old && !di->header_on_disk))
		return 0;

	if (size < old) {
		if (end != format->lower_size(size))
			err = set_lower_size(inode, format->upper_size(end));
		if (err)
			return err;
		di->tail_unknown = false;
		WRITE_ONCE(di->end_unknown, size % DCRYPT_BLOCK_SIZE);
	}
	err = set_lower_size(inode, size);
	if (!err && !size)
		di->header_on_disk = false;
	return err;
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
	int err = dcrypt_prepare_disk(inode, size);

	if (err)
		return err;
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
		err = dcrypt_prepare_disk(inode, size);
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

	inode_dio_wait(inode);
	if (size > old)
		return grow(inode, old, size);
	return shrink(inode, old, size);
}

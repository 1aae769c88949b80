// SPDX-License-Identifier: GPL-2.0
/*
 * The size of a regular file: the upper size (i_size), and the size that the
 * lower file's size encodes (disk_size), which follows it.  The on-disk rules
 * that make this safe in a crash are in Documentation/on-disk-format.md.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>

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
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	struct bio_vec bvec = { .bv_len = format->header_size };
	void *header;
	size_t moved;
	int err;

	err = dcrypt_lower_setsize(inode, format->header_size);
	if (err)
		return err;

	dcrypt_bounce_get(&bvec.bv_page, 1);
	header = kmap_local_page(bvec.bv_page);
	format->format_header(inode, header);
	kunmap_local(header);
	err = dcrypt_lower_write(inode, &bvec, 1, format->header_size, 0, &moved);
	dcrypt_bounce_put(&bvec.bv_page, 1);

	if (err)
		dcrypt_lower_setsize(inode, 0);
	else
		dcrypt_inode(inode)->header_on_disk = true;
	return err;
}

static int extend_locked(struct inode *inode, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	int err;

	if (size <= atomic64_read(&di->disk_size))
		return 0;
	err = dcrypt_prepare_key_locked(inode);
	if (!err && !di->header_on_disk)
		err = write_header(inode);
	if (!err)
		err = set_lower_size(inode, size);
	return err;
}

int dcrypt_extend_disk(struct inode *inode, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs;
	int err;

	if (size <= atomic64_read(&di->disk_size))
		return 0;

	mutex_lock(&di->lock);
	nofs = memalloc_nofs_save();
	err = extend_locked(inode, size);
	memalloc_nofs_restore(nofs);
	mutex_unlock(&di->lock);
	return err;
}

static int shrink_locked(struct inode *inode, loff_t size)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	struct dcrypt_inode *di = dcrypt_inode(inode);
	loff_t end = format->data_end(size);
	int err;

	if (size >= atomic64_read(&di->disk_size))
		return 0;

	/* no old ciphertext may stay between the last block and the end */
	if (end < format->lower_size(size)) {
		err = dcrypt_lower_punch(inode, end, DCRYPT_BLOCK_SIZE);
		if (err == -EOPNOTSUPP)
			err = dcrypt_lower_setsize(inode, end);
		if (err)
			return err;
	}
	err = set_lower_size(inode, size);
	if (!err && !size)
		di->header_on_disk = false;
	return err;
}

int dcrypt_shrink_disk(struct inode *inode, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs;
	int err;

	mutex_lock(&di->lock);
	nofs = memalloc_nofs_save();
	err = shrink_locked(inode, size);
	memalloc_nofs_restore(nofs);
	mutex_unlock(&di->lock);
	return err;
}

static int grow(struct inode *inode, loff_t old, loff_t size)
{
	int err = dcrypt_prepare_key(inode);

	if (!err)
		err = dcrypt_extend_disk(inode, size);
	if (err)
		return err;
	dcrypt_zero_cached_tail(inode, old);
	truncate_setsize(inode, size);
	return 0;
}

/* Writes one page of the file now; the result is of this write alone. */
static int write_page_now(struct address_space *mapping, loff_t pos)
{
	errseq_t since = filemap_sample_wb_err(mapping);
	int err = filemap_fdatawrite_range(mapping, pos, pos);

	if (!err)
		err = filemap_fdatawait_range_keep_errors(mapping, pos, pos);
	return err ?: filemap_check_wb_err(mapping, since);
}

static bool tail_is_zero(struct folio *folio, size_t tail)
{
	void *p = kmap_local_folio(folio, 0);
	bool zero = !memchr_inv(p + tail, 0, DCRYPT_BLOCK_SIZE - tail);

	kunmap_local(p);
	return zero;
}

/*
 * The block that will be the last one, if it must be written again because its
 * padding is not zeros; NULL if not.  Only a clean folio is as it is on disk.
 */
static struct folio *get_last_block(struct address_space *mapping, loff_t size)
{
	size_t tail = size % DCRYPT_BLOCK_SIZE;
	struct folio *folio;
	bool good;

	if (!tail)
		return NULL;
	folio = read_mapping_folio(mapping, size >> PAGE_SHIFT, NULL);
	if (IS_ERR(folio))
		return folio;
	folio_lock(folio);
	good = !folio_test_dirty(folio) && tail_is_zero(folio, tail);
	folio_unlock(folio);
	if (!good)
		return folio;
	folio_put(folio);
	return NULL;
}

/* Writes the last block with its padding zeroed.  i_size is the new one. */
static int clear_padding(struct address_space *mapping, struct folio *folio,
			 loff_t size)
{
	folio_lock(folio);
	if (folio->mapping == mapping) {
		folio_zero_segment(folio, size % DCRYPT_BLOCK_SIZE,
				   folio_size(folio));
		folio_mark_dirty(folio);
	}
	folio_unlock(folio);
	return write_page_now(mapping, size);
}

static int shrink(struct inode *inode, loff_t old, loff_t size)
{
	struct address_space *mapping = inode->i_mapping;
	struct folio *last;
	int err = 0;

	filemap_invalidate_lock(mapping);
	last = get_last_block(mapping, size);
	if (IS_ERR(last)) {
		err = PTR_ERR(last);
		goto out;
	}

	truncate_setsize(inode, size);
	if (last) {
		err = clear_padding(mapping, last, size);
		folio_put(last);
	}
	if (!err)
		err = dcrypt_shrink_disk(inode, size);
	/* a size that was not yet on disk, and has no dirty page to bring it */
	if (!err)
		err = dcrypt_extend_disk(inode, size);
	if (err)
		i_size_write(inode, old);
out:
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

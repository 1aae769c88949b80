// SPDX-License-Identifier: GPL-2.0
/*
 * Holes and preallocation.  Whole blocks are the lower filesystem's business: what
 * it has not written reads as zeros below, and so above.  The edges of a range are
 * zeroed as data, through the page cache.
 *
 * Ranges cannot be moved (collapse, insert): a block is encrypted for its place.
 */
#include <linux/falloc.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"
#include "format.h"
#include "lower.h"

#define KNOWN_MODES \
	(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)

/* Zeroes bytes of one block, in the page cache, from where they are written. */
static int zero_in_block(struct file *file, loff_t pos, size_t len)
{
	struct address_space *mapping = file->f_mapping;
	struct folio *folio;
	size_t offset;

	folio = read_mapping_folio(mapping, pos >> PAGE_SHIFT, file);
	if (IS_ERR(folio))
		return PTR_ERR(folio);
	folio_lock(folio);
	folio_wait_stable(folio);
	offset = offset_in_folio(folio, pos);
	/* a hole stays one */
	if (folio->mapping == mapping &&
	    memchr_inv(folio_address(folio) + offset, 0, len)) {
		folio_zero_segment(folio, offset, offset + len);
		dcrypt_folio_init(folio);
		dcrypt_folio_dirty(folio, offset >> DCRYPT_BLOCK_BITS, 1);
	}
	folio_unlock(folio);
	folio_put(folio);
	return 0;
}

/* Zeroes what of [pos, end) is in blocks that are not wholly in it. */
static int zero_edges(struct file *file, loff_t pos, loff_t end)
{
	loff_t first = round_up(pos, DCRYPT_BLOCK_SIZE);
	loff_t last;
	int err = 0;

	end = min(end, i_size_read(file_inode(file)));
	last = round_down(end, DCRYPT_BLOCK_SIZE);
	if (pos < min(first, end))
		err = zero_in_block(file, pos, min(first, end) - pos);
	if (!err && last >= first && last < end)
		err = zero_in_block(file, last, end - last);
	return err;
}

/*
 * The lower fallocate(), over the blocks from @first up to @last, neither of which
 * is cached.  @mode is for vfs_fallocate().
 */
static int fallocate_blocks(struct inode *inode, u64 first, u64 last, int mode)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	int err = 0;

	while (first < last && !err) {
		unsigned int contig;
		loff_t pos = format->map(inode, first, &contig);
		u64 nr = min_t(u64, last - first, contig);

		err = dcrypt_lower_fallocate(inode, mode, pos,
					     nr << DCRYPT_BLOCK_BITS);
		first += nr;
	}
	return err;
}

/* Punches or zeroes [pos, end).  The caller holds i_rwsem and invalidate_lock. */
static int clear_range(struct file *file, loff_t pos, loff_t end, int mode)
{
	struct inode *inode = file_inode(file);
	u64 first = DIV_ROUND_UP_ULL(pos, DCRYPT_BLOCK_SIZE);
	u64 last = end >> DCRYPT_BLOCK_BITS;
	int err;

	/* a last block that the file's end is in is all in it */
	if (end >= i_size_read(inode))
		last = DIV_ROUND_UP_ULL(end, DCRYPT_BLOCK_SIZE);
	err = filemap_write_and_wait_range(file->f_mapping, pos, end - 1);
	if (err)
		return err;
	if (first < last) {
		truncate_pagecache_range(inode, first << DCRYPT_BLOCK_BITS,
					 (last << DCRYPT_BLOCK_BITS) - 1);
		/* first, as it is what can be refused */
		err = fallocate_blocks(inode, first, last,
				       mode | FALLOC_FL_KEEP_SIZE);
	}
	return err ?: zero_edges(file, pos, end);
}

static int preallocate(struct inode *inode, loff_t pos, loff_t end)
{
	u64 first = pos >> DCRYPT_BLOCK_BITS;
	u64 last = DIV_ROUND_UP_ULL(end, DCRYPT_BLOCK_SIZE);
	/* the header is needed as well */
	int err = dcrypt_prepare_header(inode);

	return err ?: fallocate_blocks(inode, first, last, FALLOC_FL_KEEP_SIZE);
}

static int change_range(struct file *file, int mode, loff_t pos, loff_t end)
{
	struct inode *inode = file_inode(file);
	int err = 0;

	/* first what can be refused, so that a refusal leaves all as it was */
	if (!(mode & FALLOC_FL_PUNCH_HOLE))
		err = preallocate(inode, pos, end);
	if (!err && (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))) {
		filemap_invalidate_lock(file->f_mapping);
		err = clear_range(file, pos, end, mode & ~FALLOC_FL_KEEP_SIZE);
		filemap_invalidate_unlock(file->f_mapping);
	}
	if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && end > i_size_read(inode))
		err = dcrypt_truncate(inode, end);
	return err;
}

/*
 * The file operation fallocate.  The VFS has checked the range and the size it may
 * lead to.  EOPNOTSUPP for what neither we nor the lower filesystem can do.
 */
long dcrypt_fallocate(struct file *file, int mode, loff_t pos, loff_t len)
{
	struct inode *inode = file_inode(file);
	loff_t end = pos + len;
	int err = 0;

	if (mode & ~KNOWN_MODES)
		return -EOPNOTSUPP;
	if ((mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) &&
	    !dcrypt_sb(inode->i_sb)->format->has_holes)
		return -EOPNOTSUPP;
	inode_lock(inode);
	inode_dio_wait(inode);
	if (!(mode & FALLOC_FL_KEEP_SIZE) && end > i_size_read(inode))
		err = inode_newsize_ok(inode, end);
	/* a file with a damaged header is left as it is */
	if (!err && atomic64_read(&dcrypt_inode(inode)->disk_size))
		err = dcrypt_prepare_key(inode);
	if (!err)
		err = file_modified(file);
	if (!err)
		err = change_range(file, mode, pos, end);
	inode_unlock(inode);
	return err;
}

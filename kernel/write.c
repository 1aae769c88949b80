// SPDX-License-Identifier: GPL-2.0
/* Writes into the page cache, and from there, in runs, to the lower file. */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/writeback.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"
#include "inode.h"
#include "lower.h"

void dcrypt_zero_cached_tail(struct inode *inode, loff_t size)
{
	struct folio *folio;

	if (size % DCRYPT_BLOCK_SIZE == 0)
		return;
	folio = dcrypt_lock_folio(inode->i_mapping, size >> PAGE_SHIFT);
	if (!folio)
		return;
	folio_zero_segment(folio, offset_in_folio(folio, size),
			   folio_size(folio));
	folio_unlock(folio);
	folio_put(folio);
}

/* Reads blocks of a folio, or zeroes them where the file has ended. */
static int fill_blocks(struct inode *inode, struct folio *folio, unsigned int first,
		       unsigned int end)
{
	u64 blocks = DIV_ROUND_UP_ULL(i_size_read(inode), DCRYPT_BLOCK_SIZE);
	unsigned int to_read = folio->index + first >= blocks ? 0 :
			       min_t(u64, end, blocks - folio->index) - first;

	folio_zero_segment(folio, (first + to_read) << DCRYPT_BLOCK_BITS,
			   end << DCRYPT_BLOCK_BITS);
	return to_read ? dcrypt_run_folio(inode, folio, first, to_read, false) : 0;
}

/* Makes a folio hold what is there now, but for what will be written. */
static int fill_folio(struct inode *inode, struct folio *folio, size_t from,
		      size_t to)
{
	unsigned int first = from >> DCRYPT_BLOCK_BITS;
	unsigned int last = to >> DCRYPT_BLOCK_BITS;
	unsigned int nr = folio_nr_pages(folio);
	int err = 0;

	/* all of it, so that a copy that ends early is good, too */
	if (nr == 1 || nr > DCRYPT_RUN_BLOCKS) {
		if (folio_pos(folio) < i_size_read(inode))
			return dcrypt_read_locked_folio(folio);
		folio_zero_segment(folio, 0, folio_size(folio));
		folio_mark_uptodate(folio);
		return 0;
	}
	if (from)
		err = fill_blocks(inode, folio, 0,
				  first + !!(from % DCRYPT_BLOCK_SIZE));
	if (!err && to < folio_size(folio))
		err = fill_blocks(inode, folio, max(last, first), nr);
	return err;
}

/*
 * Behind the address_space operation write_begin: *@foliop is returned locked
 * and referenced, for write_end.  The caller holds i_rwsem.
 *
 * What is dirty has its room already, whatever is added to it.
 */
static int write_begin(struct file *file, struct address_space *mapping,
		       loff_t pos, unsigned int len, struct folio **foliop)
{
	struct dcrypt_inode *di = dcrypt_inode(mapping->host);
	bool room = dcrypt_take_room(mapping->host->i_sb,
				     DIV_ROUND_UP(len, PAGE_SIZE));
	struct folio *folio;
	size_t from;
	int err;

	folio = dcrypt_grab_folio(mapping, pos >> PAGE_SHIFT, len);
	if (!folio)
		return -ENOMEM;
	dcrypt_folio_init(folio);
	di->write_through = !room && !folio_test_dirty(folio);

	from = offset_in_folio(folio, pos);
	len = min_t(size_t, len, folio_size(folio) - from);
	if (!folio_test_uptodate(folio) && len != folio_size(folio)) {
		err = fill_folio(mapping->host, folio, from, from + len);
		if (err) {
			folio_unlock(folio);
			folio_put(folio);
			return err;
		}
	}
	*foliop = folio;
	return 0;
}

/* Writes the blocks of [@pos, @end) of a locked folio below. */
static int write_folio(struct inode *inode, struct folio *folio, loff_t pos,
		       loff_t end)
{
	u64 first = pos >> DCRYPT_BLOCK_BITS;
	unsigned int nr = DIV_ROUND_UP_ULL(end, DCRYPT_BLOCK_SIZE) - first;
	int extends, err;

	pos = first << DCRYPT_BLOCK_BITS;
	extends = dcrypt_prepare_disk(inode, pos, end);
	if (extends < 0)
		return extends;
	err = dcrypt_run_folio(inode, folio, first - folio->index, nr, true);
	if (extends)
		dcrypt_extended(inode, end, err ? pos : end);
	return err;
}

/* A locked folio that was clean, and could not be written, gets what it had. */
static void restore_folio(struct inode *inode, struct folio *folio)
{
	loff_t pos = folio_pos(folio);
	loff_t size = i_size_read(inode);

	if (pos < size && dcrypt_read_locked_folio(folio))
		folio_clear_uptodate(folio);
	if (pos + folio_size(folio) <= size)
		return;
	folio_zero_segment(folio, max(size, pos) - pos, folio_size(folio));
	/* what failed may still have changed the last block */
	if (pos < size)
		WRITE_ONCE(dcrypt_inode(inode)->end_unknown, true);
}

static void mark_dirty(struct folio *folio, size_t from, size_t len)
{
	unsigned int first = from >> DCRYPT_BLOCK_BITS;
	unsigned int end = DIV_ROUND_UP(from + len, DCRYPT_BLOCK_SIZE);

	dcrypt_folio_dirty(folio, first, end - first);
}

/*
 * Behind the address_space operation write_end.  Bytes taken, or why the lower
 * filesystem did not take them.
 */
static int write_end(struct file *file, struct address_space *mapping,
		     loff_t pos, unsigned int len, unsigned int copied,
		     struct folio *folio)
{
	struct inode *inode = mapping->host;
	loff_t end = pos + copied;
	int err = 0;

	if (!folio_test_uptodate(folio)) {
		/* the rest of the folio is not there: let the copy be redone */
		if (copied < len)
			copied = 0;
		else
			folio_mark_uptodate(folio);
	}
	if (copied && unlikely(dcrypt_inode(inode)->write_through)) {
		err = write_folio(inode, folio, pos, end);
		if (err)
			restore_folio(inode, folio);
	} else if (copied) {
		mark_dirty(folio, offset_in_folio(folio, pos), copied);
	}
	if (copied && !err && end > i_size_read(inode))
		i_size_write(inode, end);
	folio_unlock(folio);
	folio_put(folio);
	if (err && end > i_size_read(inode))
		dcrypt_shrink_disk(inode, i_size_read(inode));
	return err ?: copied;
}

DCRYPT_WRITE_OPS(dcrypt_write_begin, write_begin, dcrypt_write_end, write_end)

/* A writeback, of any number of runs at once. */
struct writeback {
	struct inode *inode;
	struct dcrypt_run_ctx *ctx;	/* the run being gathered */
	loff_t end;			/* where its data ends */
	atomic_t runs;			/* under way, and one for who starts them */
	struct completion over;
};

/* Did the lower filesystem give up because the caller is being killed? */
static bool is_interrupted(int err)
{
	return err == -EINTR || err == -ERESTARTSYS;
}

/* Is it worth to write again what could not be written, as the disk did not refuse it? */
static bool may_try_again(int err)
{
	return is_interrupted(err) || err == -ENOMEM;
}

/* The end() of a run.  Its folios are under writeback, which keeps them. */
static void writeback_over(struct dcrypt_run_ctx *ctx)
{
	struct writeback *wb = ctx->owner;
	struct address_space *mapping = wb->inode->i_mapping;
	unsigned int i, nr;

	if (ctx->extends_to) {
		loff_t done = (loff_t)(ctx->run.block + ctx->done) << DCRYPT_BLOCK_BITS;

		dcrypt_extended(wb->inode, ctx->extends_to,
				min(ctx->extends_to, done));
	}
	if (ctx->err == -ENOSPC)
		dcrypt_forget_room(wb->inode->i_sb);
	if (ctx->err && !is_interrupted(ctx->err))
		mapping_set_error(mapping, ctx->err);
	for (i = 0; i < ctx->run.nr; i += nr) {
		struct folio *folio = page_folio(ctx->run.pages[i]);
		unsigned int first = folio_page_idx(folio, ctx->run.pages[i]);

		nr = min_t(unsigned int, ctx->run.nr - i,
			   folio_nr_pages(folio) - first);
		/* others' data is in it: the flusher will write it */
		if (i + nr > ctx->done && may_try_again(ctx->err))
			dcrypt_folio_dirty(folio, first, nr);
		dcrypt_folio_end_run(folio);
	}
	if (atomic_dec_and_test(&wb->runs))
		complete(&wb->over);
}

/* Has the run gathered so far written. */
static void flush_run(struct writeback *wb)
{
	struct dcrypt_run_ctx *ctx = wb->ctx;
	int extends;

	if (!ctx)
		return;
	wb->ctx = NULL;
	atomic_inc(&wb->runs);
	extends = dcrypt_prepare_disk(wb->inode,
				      (loff_t)ctx->run.block << DCRYPT_BLOCK_BITS,
				      wb->end);
	ctx->err = min(extends, 0);
	ctx->extends_to = extends > 0 ? wb->end : 0;
	if (!ctx->err) {
		dcrypt_run_start(ctx, DCRYPT_RUN_WAIT);
	} else {
		writeback_over(ctx);
		dcrypt_run_free(ctx);
	}
}

static struct dcrypt_run_ctx *new_run(struct writeback *wb, u64 block)
{
	struct dcrypt_run_ctx *ctx = dcrypt_run_new(wb->inode, DCRYPT_RUN_BLOCKS, true);

	ctx->run.block = block;
	ctx->run.write = true;
	ctx->end = writeback_over;
	ctx->owner = wb;
	wb->ctx = ctx;
	return ctx;
}

/* Adds blocks of a folio, which lie together, to the run, or begins another one. */
static void gather_blocks(struct writeback *wb, struct folio *folio,
			  unsigned int first, unsigned int end)
{
	while (first < end) {
		struct dcrypt_run_ctx *ctx = wb->ctx;
		u64 block = folio->index + first;
		unsigned int nr;

		if (ctx && (ctx->run.nr == DCRYPT_RUN_BLOCKS ||
			    block != ctx->run.block + ctx->run.nr)) {
			flush_run(wb);
			ctx = NULL;
		}
		if (!ctx)
			ctx = new_run(wb, block);
		dcrypt_folio_begin_run(folio);
		for (nr = min(end - first, DCRYPT_RUN_BLOCKS - ctx->run.nr); nr; nr--)
			ctx->run.pages[ctx->run.nr++] = folio_page(folio, first++);
		wb->end = folio_pos(folio) + ((loff_t)first << DCRYPT_BLOCK_BITS);
	}
}

/* A folio whose runs can't be counted is written by one after the other. */
static void write_uncounted(struct writeback *wb, struct folio *folio, loff_t end)
{
	loff_t pos = folio_pos(folio);
	int err = 0;

	while (!err && pos < end) {
		loff_t step = min_t(loff_t, end - pos,
				    DCRYPT_RUN_BLOCKS << DCRYPT_BLOCK_BITS);

		err = write_folio(wb->inode, folio, pos, pos + step);
		pos += step;
	}
	if (may_try_again(err))
		dcrypt_dirty_folio(wb->inode->i_mapping, folio);
	if (err && !is_interrupted(err))
		mapping_set_error(wb->inode->i_mapping, err);
	folio_end_writeback(folio);
}

/*
 * Adds what is dirty of a locked folio, whose dirty flag was cleared, to the run.
 * The size that is read here stays good: who shrinks the file waits for the folio
 * first.
 */
static int gather_folio(struct folio *folio, struct writeback_control *wbc,
			void *data)
{
	struct writeback *wb = data;
	loff_t size = i_size_read(wb->inode);
	loff_t pos = folio_pos(folio);
	loff_t end = min_t(loff_t, pos + folio_size(folio), size);
	unsigned long dirty, first = 0, blocks;

	if (pos >= size) {
		/* being truncated */
		folio_unlock(folio);
		return 0;
	}
	/* what mmap put past the end of the file is no data */
	if (end < pos + folio_size(folio))
		folio_zero_segment(folio, end - pos, folio_size(folio));

	blocks = DIV_ROUND_UP(end - pos, DCRYPT_BLOCK_SIZE);
	folio_start_writeback(folio);
	if (!dcrypt_folio_take_dirty(folio, &dirty)) {
		flush_run(wb);
		folio_unlock(folio);
		write_uncounted(wb, folio, end);
		return 0;
	}
	dcrypt_account_owner(wbc, folio);
	dcrypt_folio_begin_gathering(folio);
	while ((first = find_next_bit(&dirty, blocks, first)) < blocks) {
		unsigned long after = find_next_zero_bit(&dirty, blocks, first);

		gather_blocks(wb, folio, first, after);
		first = after;
	}
	wb->end = min(wb->end, end);
	folio_unlock(folio);
	dcrypt_folio_end_gathering(folio);
	return 0;
}

DCRYPT_WRITEPAGE(dcrypt_gather_page, gather_folio)

/*
 * The address_space operation writepages.  Errors also go to the mapping.  The runs
 * are under way at the same time, and all over when this returns.
 */
int dcrypt_writepages(struct address_space *mapping,
		      struct writeback_control *wbc)
{
	struct inode *inode = mapping->host;
	struct writeback wb = { .inode = inode, .runs = ATOMIC_INIT(1) };
	unsigned int nofs;
	int err = dcrypt_lower_hold_dirty(inode);

	if (err < 0) {
		mapping_set_error(mapping, err);
		return err;
	}
	/* nothing is dirty: an fsync was faster */
	if (!err)
		return 0;
	init_completion(&wb.over);
	nofs = memalloc_nofs_save();
	dcrypt_begin_cgroup(wbc);
	err = write_cache_pages(mapping, wbc, dcrypt_gather_page, &wb);
	flush_run(&wb);
	if (!atomic_dec_and_test(&wb.runs))
		wait_for_completion(&wb.over);
	dcrypt_flush_times(inode);
	dcrypt_lower_drop(inode);
	dcrypt_end_cgroup();
	memalloc_nofs_restore(nofs);
	return err;
}

/*
 * The address_space operation swap_activate.  Swapping would go to the lower disk
 * past the encryption.
 */
static int dcrypt_swap_activate(struct swap_info_struct *sis, struct file *file,
				sector_t *span)
{
	dcrypt_inode_err(file_inode(file), "it cannot be a swap file: use a device, or a loop device on it");
	return -EINVAL;
}

const struct address_space_operations dcrypt_aops = {
	.read_folio	= dcrypt_read_folio,
	.readahead	= dcrypt_readahead,
	.writepages	= dcrypt_writepages,
	.dirty_folio	= dcrypt_dirty_folio,
	.write_begin	= dcrypt_write_begin,
	.write_end	= dcrypt_write_end,
	.direct_IO	= dcrypt_direct_io,
	.migrate_folio	= filemap_migrate_folio,
	.release_folio	= dcrypt_release_folio,
	.invalidate_folio = dcrypt_invalidate_folio,
	.swap_activate	= dcrypt_swap_activate,
};

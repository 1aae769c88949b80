// SPDX-License-Identifier: GPL-2.0
/* Writes into the page cache, and from there, in runs, to the lower file. */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/writeback.h>

#include "dcryptfs.h"

void dcrypt_zero_cached_tail(struct inode *inode, loff_t size)
{
	size_t tail = size % DCRYPT_BLOCK_SIZE;
	struct folio *folio;

	if (!tail)
		return;
	folio = dcrypt_lock_folio(inode->i_mapping, size >> PAGE_SHIFT);
	if (!folio)
		return;
	folio_zero_segment(folio, tail, folio_size(folio));
	folio_unlock(folio);
	folio_put(folio);
}

/* Makes a folio that will be written in part hold what is there now. */
static int fill_folio(struct inode *inode, struct folio *folio)
{
	if (folio_pos(folio) < i_size_read(inode))
		return dcrypt_read_locked_folio(folio);
	folio_zero_segment(folio, 0, folio_size(folio));
	folio_mark_uptodate(folio);
	return 0;
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
	bool room = dcrypt_take_room(mapping->host->i_sb);
	struct folio *folio;
	int err;

	folio = dcrypt_grab_folio(mapping, pos >> PAGE_SHIFT);
	if (!folio)
		return -ENOMEM;
	di->write_through = !room && !folio_test_dirty(folio);

	if (!folio_test_uptodate(folio) && len != folio_size(folio)) {
		err = fill_folio(mapping->host, folio);
		if (err) {
			folio_unlock(folio);
			folio_put(folio);
			return err;
		}
	}
	*foliop = folio;
	return 0;
}

/* Writes one locked folio below, up to @end. */
static int write_folio(struct inode *inode, struct folio *folio, loff_t end)
{
	struct page *page = folio_page(folio, 0);
	struct dcrypt_run run = {
		.inode = inode,
		.block = folio->index,
		.nr = 1,
		.write = true,
		.pages = &page,
	};
	int extends = dcrypt_prepare_disk(inode, folio_pos(folio), end);
	int err;

	if (extends < 0)
		return extends;
	err = dcrypt_run_rw(&run, NULL);
	if (extends)
		dcrypt_extended(inode, end, err ? folio_pos(folio) : end);
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
		err = write_folio(inode, folio, end);
		if (err)
			restore_folio(inode, folio);
	} else if (copied) {
		folio_mark_dirty(folio);
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

/* The end() of a run.  Its folios are under writeback, which keeps them. */
static void writeback_over(struct dcrypt_run_ctx *ctx)
{
	struct writeback *wb = ctx->owner;
	struct address_space *mapping = wb->inode->i_mapping;
	unsigned int i;

	if (ctx->extends_to) {
		loff_t done = (loff_t)(ctx->run.block + ctx->done) << DCRYPT_BLOCK_BITS;

		dcrypt_extended(wb->inode, ctx->extends_to,
				min(ctx->extends_to, done));
	}
	if (ctx->err == -ENOSPC)
		dcrypt_forget_room(wb->inode->i_sb);
	if (ctx->err && !is_interrupted(ctx->err))
		mapping_set_error(mapping, ctx->err);
	for (i = 0; i < ctx->run.nr; i++) {
		struct folio *folio = page_folio(ctx->run.pages[i]);

		/* others' data is in it: the flusher will write it */
		if (i >= ctx->done && is_interrupted(ctx->err))
			filemap_dirty_folio(mapping, folio);
		folio_end_writeback(folio);
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

/*
 * Adds a locked folio, whose dirty bit was cleared, to the run.  The size that
 * is read here stays good: who shrinks the file waits for the folio first.
 */
static int gather_folio(struct folio *folio, struct writeback_control *wbc,
			void *data)
{
	struct writeback *wb = data;
	struct dcrypt_run_ctx *ctx = wb->ctx;
	loff_t size = i_size_read(wb->inode);
	loff_t pos = folio_pos(folio);
	loff_t end = min_t(loff_t, pos + folio_size(folio), size);

	if (pos >= size) {
		/* being truncated */
		folio_unlock(folio);
		return 0;
	}
	/* what mmap put past the end of the file is no data */
	if (end < pos + folio_size(folio))
		folio_zero_segment(folio, end - pos, folio_size(folio));

	if (ctx && (ctx->run.nr == DCRYPT_RUN_BLOCKS ||
		    folio->index != ctx->run.block + ctx->run.nr)) {
		flush_run(wb);
		ctx = NULL;
	}
	if (!ctx) {
		ctx = dcrypt_run_new(wb->inode, DCRYPT_RUN_BLOCKS, true);
		ctx->run.block = folio->index;
		ctx->run.write = true;
		ctx->end = writeback_over;
		ctx->owner = wb;
		wb->ctx = ctx;
	}
	ctx->run.pages[ctx->run.nr++] = folio_page(folio, 0);
	wb->end = end;
	folio_start_writeback(folio);
	folio_unlock(folio);
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
	int err;

	/* nothing is dirty: an fsync was faster */
	if (!dcrypt_lower_hold_dirty(inode))
		return 0;
	init_completion(&wb.over);
	nofs = memalloc_nofs_save();
	err = write_cache_pages(mapping, wbc, dcrypt_gather_page, &wb);
	flush_run(&wb);
	if (!atomic_dec_and_test(&wb.runs))
		wait_for_completion(&wb.over);
	dcrypt_flush_times(inode);
	dcrypt_lower_drop(inode);
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
	.dirty_folio	= filemap_dirty_folio,
	.write_begin	= dcrypt_write_begin,
	.write_end	= dcrypt_write_end,
	.direct_IO	= dcrypt_direct_io,
	.migrate_folio	= filemap_migrate_folio,
	.swap_activate	= dcrypt_swap_activate,
};

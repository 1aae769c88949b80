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
 */
static int write_begin(struct file *file, struct address_space *mapping,
		       loff_t pos, unsigned int len, struct folio **foliop)
{
	struct folio *folio;
	int err;

	folio = dcrypt_grab_folio(mapping, pos >> PAGE_SHIFT);
	if (!folio)
		return -ENOMEM;

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

/* Behind the address_space operation write_end.  Returns the bytes taken. */
static int write_end(struct file *file, struct address_space *mapping,
		     loff_t pos, unsigned int len, unsigned int copied,
		     struct folio *folio)
{
	struct inode *inode = mapping->host;

	if (!folio_test_uptodate(folio)) {
		/* the rest of the folio is not there: let the copy be redone */
		if (copied < len)
			copied = 0;
		else
			folio_mark_uptodate(folio);
	}
	if (copied) {
		if (pos + copied > i_size_read(inode))
			i_size_write(inode, pos + copied);
		folio_mark_dirty(folio);
	}
	folio_unlock(folio);
	folio_put(folio);
	return copied;
}

DCRYPT_WRITE_OPS(dcrypt_write_begin, write_begin, dcrypt_write_end, write_end)

/* A run being gathered.  Its folios are under writeback, which keeps them. */
struct writeback_run {
	struct dcrypt_run run;
	struct page *pages[DCRYPT_RUN_BLOCKS];
	loff_t end;			/* where the run's data ends */
	struct writeback_control *wbc;
};

/* Did the lower filesystem give up because the caller is being killed? */
static bool is_interrupted(int err)
{
	return err == -EINTR || err == -ERESTARTSYS;
}

/* Writes the run gathered so far, and ends its folios' writeback. */
static void flush_run(struct writeback_run *wb)
{
	struct address_space *mapping = wb->run.inode->i_mapping;
	loff_t pos = (loff_t)wb->run.block << DCRYPT_BLOCK_BITS;
	unsigned int done = 0, i;
	int err, extends;

	if (!wb->run.nr)
		return;
	extends = dcrypt_prepare_disk(wb->run.inode, pos, wb->end);
	err = min(extends, 0);
	if (!err)
		err = dcrypt_run_write(&wb->run, &done);
	if (extends > 0)
		dcrypt_extended(wb->run.inode, wb->end,
				min_t(loff_t, wb->end,
				      pos + ((loff_t)done << DCRYPT_BLOCK_BITS)));
	if (err && !is_interrupted(err))
		mapping_set_error(mapping, err);
	for (i = 0; i < wb->run.nr; i++) {
		struct folio *folio = page_folio(wb->pages[i]);

		/* others' data is in it: the flusher will write it */
		if (i >= done && is_interrupted(err))
			folio_redirty_for_writepage(wb->wbc, folio);
		folio_end_writeback(folio);
	}
	wb->run.nr = 0;
}

/*
 * Adds a locked folio, whose dirty bit was cleared, to the run.  The size that
 * is read here stays good: who shrinks the file waits for the folio first.
 */
static int gather_folio(struct folio *folio, struct writeback_control *wbc,
			void *data)
{
	struct writeback_run *wb = data;
	struct dcrypt_run *run = &wb->run;
	loff_t size = i_size_read(run->inode);
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

	if (run->nr == DCRYPT_RUN_BLOCKS ||
	    (run->nr && folio->index != run->block + run->nr))
		flush_run(wb);
	if (!run->nr)
		run->block = folio->index;
	wb->pages[run->nr++] = folio_page(folio, 0);
	wb->end = end;
	folio_start_writeback(folio);
	folio_unlock(folio);
	return 0;
}

DCRYPT_WRITEPAGE(dcrypt_gather_page, gather_folio)

/* The address_space operation writepages.  Errors also go to the mapping. */
int dcrypt_writepages(struct address_space *mapping,
		      struct writeback_control *wbc)
{
	struct inode *inode = mapping->host;
	struct writeback_run wb = {
		.run = { .inode = inode, .pages = wb.pages },
		.wbc = wbc,
	};
	unsigned int nofs;
	int err;

	/* nothing is dirty: an fsync was faster */
	if (!dcrypt_lower_hold_dirty(inode))
		return 0;
	nofs = memalloc_nofs_save();
	err = write_cache_pages(mapping, wbc, dcrypt_gather_page, &wb);
	flush_run(&wb);
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

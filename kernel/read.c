// SPDX-License-Identifier: GPL-2.0
/* Reads into the page cache: one folio, or runs of them ahead. */
#include <linux/pagemap.h>

#include "dcryptfs.h"

int dcrypt_read_locked_folio(struct folio *folio)
{
	struct page *page = folio_page(folio, 0);
	struct dcrypt_run run = {
		.inode = folio->mapping->host,
		.block = folio->index,
		.nr = 1,
		.pages = &page,
	};
	int err = dcrypt_run_rw(&run, NULL);

	if (!err)
		folio_mark_uptodate(folio);
	return err;
}

/* The address_space operation read_folio: the folio is locked, and unlocked here. */
int dcrypt_read_folio(struct file *file, struct folio *folio)
{
	int err = dcrypt_read_locked_folio(folio);

	folio_unlock(folio);
	return err;
}

/* The end() of a run of locked folios; those that could not be read stay as they are. */
static void readahead_over(struct dcrypt_run_ctx *ctx)
{
	const struct dcrypt_run *run = &ctx->run;
	unsigned int i;

	for (i = 0; i < run->nr; i++) {
		struct folio *folio = page_folio(run->pages[i]);

		if (i < ctx->done)
			folio_mark_uptodate(folio);
		folio_unlock(folio);
	}
}

/*
 * The address_space operation readahead.  The folios are locked, in the page
 * cache, and next to each other.  An error shows when read_folio tries again.
 */
void dcrypt_readahead(struct readahead_control *rac)
{
	struct inode *inode = rac->mapping->host;
	unsigned int nr = min_t(unsigned int, readahead_count(rac), DCRYPT_RUN_BLOCKS);
	struct dcrypt_run_ctx *ctx = NULL;
	struct folio *folio;

	if (atomic64_read(&dcrypt_inode(inode)->disk_size) &&
	    dcrypt_prepare_key(inode))
		return;
	while ((folio = readahead_folio(rac))) {
		if (!ctx) {
			ctx = dcrypt_run_new(inode, nr, true);
			ctx->run.block = folio->index;
			ctx->end = readahead_over;
		}
		ctx->run.pages[ctx->run.nr++] = folio_page(folio, 0);
		if (ctx->run.nr == nr) {
			dcrypt_run_start(ctx, DCRYPT_RUN_WAIT);
			ctx = NULL;
		}
	}
	if (ctx)
		dcrypt_run_start(ctx, DCRYPT_RUN_WAIT);
}

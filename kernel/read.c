// SPDX-License-Identifier: GPL-2.0
/* Reads into the page cache: one folio, or runs of them ahead. */
#include <linux/pagemap.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"

int dcrypt_read_locked_folio(struct folio *folio)
{
	unsigned int nr = folio_nr_pages(folio), first, part;
	int err = 0;

	dcrypt_folio_init(folio);
	for (first = 0; !err && first < nr; first += part) {
		part = min_t(unsigned int, nr - first, DCRYPT_RUN_BLOCKS);
		err = dcrypt_run_folio(folio->mapping->host, folio, first, part,
				       false);
	}
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
	unsigned int i, nr;

	for (i = 0; i < run->nr; i += nr) {
		struct folio *folio = page_folio(run->pages[i]);

		nr = folio_nr_pages(folio);
		if (i + nr <= ctx->done)
			folio_mark_uptodate(folio);
		folio_unlock(folio);
	}
}

/* Adds a folio's blocks to a run, which has room for them. */
static void add_folio(struct dcrypt_run_ctx *ctx, struct folio *folio)
{
	unsigned int i, nr = folio_nr_pages(folio);

	for (i = 0; i < nr; i++)
		ctx->run.pages[ctx->run.nr++] = folio_page(folio, i);
}

/*
 * The address_space operation readahead.  The folios are locked, in the page
 * cache, and next to each other.  An error shows when read_folio tries again.
 */
void dcrypt_readahead(struct readahead_control *rac)
{
	struct inode *inode = rac->mapping->host;
	/* readahead may have chosen another size before the file was used directly */
	unsigned int most = dcrypt_has_large_folios(rac->mapping) ?
			    1U << DCRYPT_MAX_FOLIO_ORDER : 1;
	pgoff_t first = readahead_index(rac);
	pgoff_t last = first + readahead_count(rac) - 1;
	struct dcrypt_run_ctx *ctx = NULL;
	unsigned int room = 0, nr;
	bool too_large = false;
	struct folio *folio;

	/* so that a folio that is the first of a run finds room in it */
	BUILD_BUG_ON(DCRYPT_RUN_BLOCKS < 1U << DCRYPT_MAX_FOLIO_ORDER);

	if (atomic64_read(&dcrypt_inode(inode)->disk_size) &&
	    dcrypt_prepare_key(inode))
		return;
	while ((folio = readahead_folio(rac))) {
		nr = folio_nr_pages(folio);
		if (ctx && (nr > room || nr > most)) {
			dcrypt_run_start(ctx, DCRYPT_RUN_WAIT);
			ctx = NULL;
		}
		if (unlikely(nr > most)) {
			too_large = true;
			folio_unlock(folio);
			continue;
		}
		dcrypt_folio_init(folio);
		if (!ctx) {
			room = min_t(unsigned int, readahead_count(rac),
				     DCRYPT_RUN_BLOCKS);
			ctx = dcrypt_run_new(inode, room, true);
			ctx->run.block = folio->index;
			ctx->end = readahead_over;
		}
		add_folio(ctx, folio);
		room -= nr;
	}
	if (ctx)
		dcrypt_run_start(ctx, DCRYPT_RUN_WAIT);
	/* others will be made when they are read */
	if (unlikely(too_large))
		invalidate_mapping_pages(rac->mapping, first, last);
}

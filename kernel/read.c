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
	int err = dcrypt_run_read(&run, NULL);

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

/* A run of locked folios; those that could not be read are left as they are. */
static void read_run(const struct dcrypt_run *run)
{
	unsigned int done, i;

	dcrypt_run_read(run, &done);
	for (i = 0; i < run->nr; i++) {
		struct folio *folio = page_folio(run->pages[i]);

		if (i < done)
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
	struct page *pages[DCRYPT_RUN_BLOCKS];
	struct dcrypt_run run = {
		.inode = rac->mapping->host,
		.pages = pages,
	};
	struct folio *folio;

	while ((folio = readahead_folio(rac))) {
		if (!run.nr)
			run.block = folio->index;
		pages[run.nr++] = folio_page(folio, 0);
		if (run.nr == DCRYPT_RUN_BLOCKS) {
			read_run(&run);
			run.nr = 0;
		}
	}
	if (run.nr)
		read_run(&run);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Folios of several blocks.  Which of them are dirty is kept, so that a small write
 * into a large folio does not have all of it encrypted and written, nor a hole
 * filled.
 *
 * That, and how many runs are writing the folio just now, are bits of its private
 * word.  A large folio without them is dirty as a whole, if at all.
 *
 * A file that is read or written directly has folios of one block: else who drops a
 * block from the cache would drop its neighbours, which others may just have written.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "data.h"
#include "dcryptfs.h"

#define DIRTY_BITS	32
#define DIRTY_MASK	((1UL << DIRTY_BITS) - 1)
#define ONE_RUN		(1UL << DIRTY_BITS)
#define RUNS_MASK	(0xffffUL << DIRTY_BITS)
/* never 0, which migration takes for nothing */
#define PRESENT		(1UL << 62)

static bool has_bits(struct folio *folio)
{
	return folio_test_large(folio) && folio_test_private(folio);
}

static atomic_long_t *bits_of(struct folio *folio)
{
	BUILD_BUG_ON(sizeof(folio->private) != sizeof(atomic_long_t));
	return (atomic_long_t *)&folio->private;
}

void dcrypt_folio_init(struct folio *folio)
{
	BUILD_BUG_ON(1 << DCRYPT_MAX_FOLIO_ORDER > DIRTY_BITS);
	/* if it may become dirty at this moment, it stays without */
	if (!folio_test_large(folio) || folio_test_private(folio) ||
	    folio_order(folio) > DCRYPT_MAX_FOLIO_ORDER ||
	    folio_test_dirty(folio) || folio_mapped(folio))
		return;
	folio_attach_private(folio, (void *)PRESENT);
}

static unsigned long mask_of(unsigned int first, unsigned int nr)
{
	return ((1UL << nr) - 1) << first;
}

void dcrypt_folio_dirty(struct folio *folio, unsigned int first, unsigned int nr)
{
	/* first: who sees that the folio is dirty sees of what */
	if (has_bits(folio))
		atomic_long_or(mask_of(first, nr), bits_of(folio));
	filemap_dirty_folio(folio->mapping, folio);
}

/*
 * The address_space operation dirty_folio, for whoever does not say what he wrote,
 * through a mapping or into pages that he has a reference to.  To be able to, he made
 * the block dirty before (dcrypt_page_mkwrite), and while he may still write, it
 * stays among the dirty ones: see take_dirty().  May be called without the folio's
 * lock.
 */
bool dcrypt_dirty_folio(struct address_space *mapping, struct folio *folio)
{
	if (has_bits(folio) && !(atomic_long_read(bits_of(folio)) & DIRTY_MASK))
		atomic_long_or(DIRTY_MASK, bits_of(folio));
	return filemap_dirty_folio(mapping, folio);
}

/* References that are neither the page cache's, ours, a mapping's nor writeback's. */
static bool is_used_by_others(struct folio *folio)
{
	return folio_ref_count(folio) >
	       folio_nr_pages(folio) + 1 + dcrypt_folio_mapcount(folio) + 1;
}

bool dcrypt_folio_take_dirty(struct folio *folio, unsigned long *dirty)
{
	if (!folio_test_large(folio)) {
		*dirty = 1;
		return true;
	}
	if (!has_bits(folio))
		return false;
	/* what somebody may write to without telling again, is written again */
	*dirty = (is_used_by_others(folio) ?
		  atomic_long_read(bits_of(folio)) :
		  atomic_long_fetch_andnot(DIRTY_MASK, bits_of(folio))) & DIRTY_MASK;
	return true;
}

void dcrypt_folio_begin_gathering(struct folio *folio)
{
	/* the first run may be over before there is a second one */
	dcrypt_folio_begin_run(folio);
}

void dcrypt_folio_end_gathering(struct folio *folio)
{
	if (has_bits(folio))
		dcrypt_folio_end_run(folio);
}

void dcrypt_folio_begin_run(struct folio *folio)
{
	if (has_bits(folio))
		atomic_long_add(ONE_RUN, bits_of(folio));
}

void dcrypt_folio_end_run(struct folio *folio)
{
	/* after this, the folio is anybody's */
	if (!has_bits(folio) ||
	    !(atomic_long_sub_return(ONE_RUN, bits_of(folio)) & RUNS_MASK))
		folio_end_writeback(folio);
}

/* The address_space operations release_folio and invalidate_folio. */
bool dcrypt_release_folio(struct folio *folio, gfp_t gfp)
{
	if (folio_test_dirty(folio) || folio_test_writeback(folio))
		return false;
	folio_detach_private(folio);
	return true;
}

void dcrypt_invalidate_folio(struct folio *folio, size_t offset, size_t len)
{
	unsigned int first = DIV_ROUND_UP(offset, DCRYPT_BLOCK_SIZE);
	unsigned int end = (offset + len) >> DCRYPT_BLOCK_BITS;

	if (!offset && len == folio_size(folio))
		folio_detach_private(folio);
	else if (has_bits(folio) && first < end)
		atomic_long_andnot(mask_of(first, end - first), bits_of(folio));
}

/*
 * Nobody reads or writes, nor stores through a mapping what was written out: with
 * i_rwsem and the invalidate_lock.
 */
static int drop_all(struct address_space *mapping)
{
	return filemap_write_and_wait(mapping) ?: invalidate_inode_pages2(mapping);
}

int dcrypt_make_folios_small(struct inode *inode)
{
	struct address_space *mapping = inode->i_mapping;
	int err = 0;

	if (!dcrypt_has_large_folios(mapping))
		return 0;
	inode_lock(inode);
	filemap_invalidate_lock(mapping);
	if (dcrypt_has_large_folios(mapping)) {
		dcrypt_set_folio_order(mapping, 0);
		err = drop_all(mapping);
		if (err)
			dcrypt_set_folio_order(mapping, DCRYPT_MAX_FOLIO_ORDER);
	}
	filemap_invalidate_unlock(mapping);
	inode_unlock(inode);
	return err;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Bounce pages, which hold ciphertext on its way.  Each CPU keeps a stack of
 * them, because allocating a page (and zeroing it) costs a sixth of encrypting
 * it.  Behind the stacks is the page allocator, and behind that each mount's
 * reserve, which only has to get one request after another through when memory
 * has run out.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mempool.h>
#include <linux/page_ref.h>
#include <linux/percpu.h>
#include <linux/wait.h>

#include "dcryptfs.h"
#include "extent.h"

#define STACK_PAGES	(2 * DCRYPT_RUN_BLOCKS)
#define RESERVE_PAGES	32

/*
 * What a mount takes at most is a share of the machine's memory: from 16 requests
 * of the greatest size under way at once to 1,024.
 */
#define MIN_PAGES	(16 * DCRYPT_RUN_BLOCKS)
#define MAX_PAGES	(1024 * DCRYPT_RUN_BLOCKS)

struct bounce_stack {
	unsigned int nr;		/* guarded by being on this CPU */
	struct page *pages[STACK_PAGES];
};

static DEFINE_PER_CPU(struct bounce_stack, bounce_stacks);

static unsigned int pop_pages(struct page **pages, unsigned int want)
{
	struct bounce_stack *stack = get_cpu_ptr(&bounce_stacks);
	unsigned int nr = min(want, stack->nr);
	unsigned int i;

	for (i = 0; i < nr; i++)
		pages[i] = stack->pages[--stack->nr];
	put_cpu_ptr(&bounce_stacks);
	return nr;
}

static unsigned int push_pages(struct page **pages, unsigned int nr)
{
	struct bounce_stack *stack = get_cpu_ptr(&bounce_stacks);
	unsigned int i;

	nr = min(nr, STACK_PAGES - stack->nr);
	for (i = 0; i < nr; i++)
		stack->pages[stack->nr++] = pages[i];
	put_cpu_ptr(&bounce_stacks);
	return nr;
}

/*
 * Counts pages as taken, unless that would be too many.  Never more than are: who
 * found too many sleeps, and only pages that are given back wake him.
 */
static bool count_taken(struct dcrypt_sb *dsb, unsigned int nr)
{
	int used = atomic_read(&dsb->bounce_used);

	do {
		if (unlikely(used + nr > dsb->bounce_max))
			return false;
	} while (!atomic_try_cmpxchg(&dsb->bounce_used, &used, used + nr));

	if (unlikely(used + nr > READ_ONCE(dsb->bounce_peak)))
		WRITE_ONCE(dsb->bounce_peak, used + nr);
	return true;
}

static void count_given(struct dcrypt_sb *dsb, unsigned int nr)
{
	atomic_sub(nr, &dsb->bounce_used);
	if (unlikely(wq_has_sleeper(&dsb->bounce_wait)))
		wake_up_all(&dsb->bounce_wait);
}

unsigned int dcrypt_bounce_get(struct dcrypt_sb *dsb, struct page **pages,
			       unsigned int want, bool wait)
{
	gfp_t gfp = (wait ? GFP_NOIO | __GFP_NORETRY : GFP_NOWAIT) |
		    __GFP_NOWARN | __GFP_NOMEMALLOC;
	unsigned int nr;

	if (unlikely(!count_taken(dsb, want))) {
		if (!wait)
			return 0;
		this_cpu_inc(dsb->stats->bounce_waits);
		wait_event(dsb->bounce_wait, count_taken(dsb, want));
	}

	nr = pop_pages(pages, want);
	while (nr < want) {
		struct page *page = alloc_page(gfp);

		if (!page)
			break;
		pages[nr++] = page;
	}
	if (!nr && wait) {
		this_cpu_inc(dsb->stats->bounce_waits);
		pages[nr++] = mempool_alloc(dsb->bounce, GFP_NOIO);
	}
	if (unlikely(nr < want))
		count_given(dsb, want - nr);
	return nr;
}

static bool reserve_is_short(const mempool_t *reserve)
{
	return READ_ONCE(reserve->curr_nr) < reserve->min_nr;
}

/*
 * Drops pages that somebody else still refers to: a network filesystem whose
 * caller was killed may go on using them.
 */
static unsigned int drop_shared(struct page **pages, unsigned int nr)
{
	unsigned int i, kept = 0;

	for (i = 0; i < nr; i++) {
		if (likely(page_ref_count(pages[i]) == 1))
			pages[kept++] = pages[i];
		else
			__free_page(pages[i]);
	}
	return kept;
}

void dcrypt_bounce_put(struct dcrypt_sb *dsb, struct page **pages,
		       unsigned int nr)
{
	unsigned int i = 0;

	count_given(dsb, nr);
	nr = drop_shared(pages, nr);
	/* somebody may be waiting for the reserve */
	while (i < nr && unlikely(reserve_is_short(dsb->bounce)))
		mempool_free(pages[i++], dsb->bounce);
	i += push_pages(pages + i, nr - i);
	while (i < nr)
		__free_page(pages[i++]);
}

int dcrypt_bounce_init(struct dcrypt_sb *dsb)
{
	init_waitqueue_head(&dsb->bounce_wait);
	dsb->bounce_max = clamp_t(unsigned long, totalram_pages() / 32,
				  MIN_PAGES, MAX_PAGES);
	dsb->bounce = mempool_create_page_pool(RESERVE_PAGES, 0);
	return dsb->bounce ? 0 : -ENOMEM;
}

void dcrypt_bounce_exit(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct bounce_stack *stack = per_cpu_ptr(&bounce_stacks, cpu);

		while (stack->nr)
			__free_page(stack->pages[--stack->nr]);
	}
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Bounce pages, which hold ciphertext on its way.  Each CPU keeps a stack of
 * them, because allocating a page (and zeroing it) costs a sixth of encrypting
 * it.  Behind the stacks is the page allocator, and behind that each mount's
 * reserve, which only has to get one request after another through when memory
 * has run out.
 */
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/page_ref.h>
#include <linux/percpu.h>

#include "dcryptfs.h"

#define STACK_PAGES	(2 * DCRYPT_RUN_BLOCKS)
#define RESERVE_PAGES	32

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

unsigned int dcrypt_bounce_get(struct dcrypt_sb *dsb, struct page **pages,
			       unsigned int want)
{
	unsigned int nr = pop_pages(pages, want);
	struct page *page;

	while (nr < want) {
		page = alloc_page(GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN |
				  __GFP_NOMEMALLOC);
		if (!page)
			break;
		pages[nr++] = page;
	}
	if (!nr)
		pages[nr++] = mempool_alloc(dsb->bounce, GFP_NOIO);
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

// SPDX-License-Identifier: GPL-2.0
/*
 * The extent engine: moves runs of blocks between plaintext pages and the lower
 * file, through the cipher.  The page cache and direct I/O are its two callers.
 */
#include <linux/highmem.h>
#include <linux/mempool.h>
#include <linux/scatterlist.h>
#include <linux/workqueue.h>

#include "dcryptfs.h"
#include "extent.h"
#include "format.h"
#include "lower.h"
#include "trace.h"

/* Contexts kept so that writeback gets one when memory has run out. */
#define RESERVED_RUNS 4
/* The same for runs here: they need nothing that the next one may hold. */
#define RESERVED_RUNS_HERE 1

/* Bytes of a context and what lies behind it, for a run of @nr blocks. */
static size_t ctx_size(const struct dcrypt_sb *dsb, unsigned int nr)
{
	struct dcrypt_run_ctx *ctx;

	return sizeof(*ctx) + ALIGN(dsb->reqsize, 8) +
	       nr * (sizeof(*ctx->bvec) + sizeof(*ctx->bounce)) +
	       (nr + 1) * sizeof(*ctx->run.pages);
}

int dcrypt_runs_init(struct dcrypt_sb *dsb)
{
	dsb->runs = mempool_create_kmalloc_pool(RESERVED_RUNS,
						ctx_size(dsb, DCRYPT_RUN_BLOCKS));
	dsb->runs_here = mempool_create_kmalloc_pool(RESERVED_RUNS_HERE,
						     ctx_size(dsb, DCRYPT_RUN_BLOCKS));
	dsb->end_wq = alloc_workqueue("dcryptfs-end",
				      WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	dsb->wait_wq = alloc_workqueue("dcryptfs-wait",
				       WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	dsb->sync_wq = alloc_workqueue("dcryptfs-sync",
				       WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return dsb->runs && dsb->runs_here && dsb->end_wq && dsb->wait_wq &&
	       dsb->sync_wq ? 0 : -ENOMEM;
}

void dcrypt_runs_drain(struct dcrypt_sb *dsb)
{
	flush_workqueue(dsb->sync_wq);
	flush_workqueue(dsb->wait_wq);
	flush_workqueue(dsb->end_wq);
}

void dcrypt_runs_exit(struct dcrypt_sb *dsb)
{
	if (dsb->sync_wq)
		destroy_workqueue(dsb->sync_wq);
	if (dsb->wait_wq)
		destroy_workqueue(dsb->wait_wq);
	if (dsb->end_wq)
		destroy_workqueue(dsb->end_wq);
	mempool_destroy(dsb->runs_here);
	mempool_destroy(dsb->runs);
}

u64 dcrypt_run_block(const struct dcrypt_run_ctx *ctx, unsigned int i)
{
	return ctx->run.block + ctx->first + i;
}

void dcrypt_run_init_sg(const struct dcrypt_run_ctx *ctx, struct scatterlist sg[2])
{
	sg_init_table(sg, ctx->run.offset ? 2 : 1);
}

void dcrypt_run_plain_sg(const struct dcrypt_run_ctx *ctx, unsigned int i,
			 struct scatterlist sg[2])
{
	const struct dcrypt_run *run = &ctx->run;
	struct page **page = run->pages + ctx->first + i;
	unsigned int head = DCRYPT_BLOCK_SIZE - run->offset;

	sg_set_page(&sg[0], page[0], head, run->offset);
	if (run->offset)
		sg_set_page(&sg[1], page[1], run->offset, 0);
}

void dcrypt_run_zero(const struct dcrypt_run *run, unsigned int first,
		     unsigned int nr)
{
	unsigned int i;

	for (i = first; i < first + nr; i++) {
		memzero_page(run->pages[i], run->offset,
			     DCRYPT_BLOCK_SIZE - run->offset);
		if (run->offset)
			memzero_page(run->pages[i + 1], 0, run->offset);
	}
}

bool dcrypt_is_hole(struct page *page)
{
	void *p = kmap_local_page(page);
	bool zero = !memchr_inv(p, 0, DCRYPT_BLOCK_SIZE);

	kunmap_local(p);
	return zero;
}

/* From the reserve if there is no memory; without one, perhaps not at all. */
static struct dcrypt_run_ctx *new_ctx(struct inode *inode, unsigned int nr,
				      mempool_t *reserve)
{
	struct dcrypt_sb *dsb = dcrypt_sb(inode->i_sb);
	gfp_t gfp = (reserve ? GFP_NOIO | __GFP_NORETRY : GFP_NOWAIT) | __GFP_NOWARN;
	struct dcrypt_run_ctx *ctx = kmalloc(ctx_size(dsb, nr), gfp);
	bool reserved = !ctx;

	if (!ctx && reserve)
		ctx = mempool_alloc(reserve, GFP_NOIO);
	if (!ctx)
		return NULL;

	memset(ctx, 0, offsetof(struct dcrypt_run_ctx, req));
	ctx->dsb = dsb;
	ctx->reserve = reserved ? reserve : NULL;
	ctx->bvec = (void *)(ctx + 1) +
		    ALIGN(dsb->reqsize, 8);
	ctx->bounce = (void *)(ctx->bvec + nr);
	ctx->run.inode = inode;
	ctx->run.pages = ctx->bounce + nr;
	return ctx;
}

struct dcrypt_run_ctx *dcrypt_run_new(struct inode *inode, unsigned int nr,
				      bool wait)
{
	return new_ctx(inode, nr, wait ? dcrypt_sb(inode->i_sb)->runs : NULL);
}

void dcrypt_run_free(struct dcrypt_run_ctx *ctx)
{
	if (ctx->reserve)
		mempool_free(ctx, ctx->reserve);
	else
		kfree(ctx);
}

static void put_ctx(struct dcrypt_run_ctx *ctx)
{
	if (!refcount_dec_and_test(&ctx->refs))
		return;
	dcrypt_lower_put(&ctx->io);
	dcrypt_run_free(ctx);
}

static void put_bounce(struct dcrypt_run_ctx *ctx)
{
	dcrypt_bounce_put(ctx->dsb, ctx->bounce, ctx->nr_bounce);
	ctx->nr_bounce = 0;
}

/*
 * Begins with the next part.  0 if that is all done, EIOCBQUEUED if it is under way
 * below, or another error.
 */
static int begin_part(struct dcrypt_run_ctx *ctx)
{
	const struct dcrypt_format_ops *format = ctx->dsb->format;
	struct dcrypt_lower_io *io = &ctx->io;
	unsigned int contig, i;
	int err;

	ctx->first = ctx->done;
	io->pos = format->map(ctx->run.inode,
			      ctx->run.block + ctx->first, &contig);
	ctx->nr = min3(ctx->nr_lower - ctx->first, ctx->nr_bounce, contig);
	for (i = 0; i < ctx->nr; i++)
		ctx->bvec[i] = (struct bio_vec) {
			.bv_page = ctx->bounce[i],
			.bv_len = DCRYPT_BLOCK_SIZE,
		};
	io->nr = ctx->nr;
	io->bytes = (size_t)ctx->nr << DCRYPT_BLOCK_BITS;
	io->moved = 0;
	if (ctx->run.write) {
		err = format->encrypt(ctx);
		if (err)
			return err;
	}
	return dcrypt_lower_go(io);
}

/* Of a part that is over, with @err.  Returns whether another one comes. */
static bool end_part(struct dcrypt_run_ctx *ctx, int err)
{
	int failed;

	trace_dcrypt_run_lower(ctx, err);
	ctx->nr = ctx->io.moved >> DCRYPT_BLOCK_BITS;
	if (!ctx->run.write && ctx->nr) {
		failed = ctx->dsb->format->decrypt(ctx);
		if (failed) {
			ctx->nr = 0;
			err = failed;
		}
	}
	ctx->done += ctx->nr;
	ctx->err = err;
	return !err && ctx->done < ctx->nr_lower;
}

/* Zeroes the plaintext of one block of the run from a byte of it on. */
static void zero_from(const struct dcrypt_run *run, unsigned int i,
		      unsigned int from)
{
	unsigned int head = DCRYPT_BLOCK_SIZE - run->offset;

	if (from < head) {
		memzero_page(run->pages[i], run->offset + from, head - from);
		from = head;
	}
	if (from < DCRYPT_BLOCK_SIZE)
		memzero_page(run->pages[i + 1], from - head,
			     DCRYPT_BLOCK_SIZE - from);
}

/* What of a run that was read is not on disk is zeros. */
static void zero_past_end(struct dcrypt_run_ctx *ctx)
{
	const struct dcrypt_run *run = &ctx->run;
	unsigned int tail = ctx->disk_size % DCRYPT_BLOCK_SIZE;
	u64 last = ctx->disk_size >> DCRYPT_BLOCK_BITS;

	if (!ctx->err) {
		dcrypt_run_zero(run, ctx->nr_lower, run->nr - ctx->nr_lower);
		ctx->done = run->nr;
	}
	/* what is past the end may be anything: dcrypt_clean_padding() */
	if (tail && !ctx->raw && last >= run->block &&
	    last - run->block < ctx->done)
		zero_from(run, last - run->block, tail);
}

/* What is left of a run that would have had to wait is not over, if it may begin later. */
static bool begins_later(const struct dcrypt_run_ctx *ctx)
{
	return ctx->how == DCRYPT_RUN_LATER && ctx->err == -EAGAIN;
}

static void start_work(struct work_struct *work);

static void start_elsewhere(struct dcrypt_run_ctx *ctx)
{
	INIT_WORK(&ctx->work, start_work);
	queue_work(ctx->dsb->wait_wq, &ctx->work);
}

/* Goes on with a run, whose part is over with @err, or under way. */
static void go_on(struct dcrypt_run_ctx *ctx, int err)
{
	while (err != -EIOCBQUEUED) {
		if (end_part(ctx, err)) {
			err = begin_part(ctx);
			continue;
		}
		/* before it waits for a worker, who may wait for pages */
		put_bounce(ctx);
		if (unlikely(ctx->err) && begins_later(ctx)) {
			start_elsewhere(ctx);
			return;
		}
		if (!ctx->run.write)
			zero_past_end(ctx);
		trace_dcrypt_run_end(ctx, ctx->err);
		/* after this, the inode may be gone */
		ctx->end(ctx);
		put_ctx(ctx);
		return;
	}
}

/* In a worker, which must not wait for what is written back. */
static void over_work(struct work_struct *work)
{
	struct dcrypt_run_ctx *ctx = container_of(work, struct dcrypt_run_ctx,
						  work);
	unsigned int noio = memalloc_noio_save();

	/* who asked has gone on; what some lower filesystems refuse only now may wait */
	if (ctx->how == DCRYPT_RUN_NOWAIT)
		ctx->how = DCRYPT_RUN_LATER;
	this_cpu_inc(ctx->dsb->stats->queued_runs);
	this_cpu_add(ctx->dsb->stats->queued_ns, ktime_get_ns() - ctx->queued_at);
	/* a next part may be over before the lower filesystem has started it */
	refcount_inc(&ctx->refs);
	go_on(ctx, dcrypt_lower_go_on(&ctx->io));
	put_ctx(ctx);
	memalloc_noio_restore(noio);
}

/* The lower_io's end(): in any context. */
static void lower_over(struct dcrypt_lower_io *io)
{
	struct dcrypt_run_ctx *ctx = container_of(io, struct dcrypt_run_ctx, io);

	ctx->queued_at = ktime_get_ns();
	queue_work(ctx->dsb->end_wq, &ctx->work);
}

static void begin(struct dcrypt_run_ctx *ctx)
{
	bool wait = ctx->how != DCRYPT_RUN_NOWAIT && ctx->how != DCRYPT_RUN_LATER;
	int err = 0;

	if (ctx->how != DCRYPT_RUN_HERE) {
		ctx->io.end = lower_over;
		INIT_WORK(&ctx->work, over_work);
	}
	ctx->io.moved = 0;
	if (ctx->done < ctx->nr_lower) {
		skcipher_request_set_tfm(&ctx->req,
					 dcrypt_inode(ctx->run.inode)->tfm);
		ctx->nr_bounce = dcrypt_bounce_get(ctx->dsb, ctx->bounce,
						   ctx->nr_lower - ctx->done,
						   wait);
		err = ctx->nr_bounce ? begin_part(ctx) : -EAGAIN;
	}
	go_on(ctx, err);
}

static void start_work(struct work_struct *work)
{
	struct dcrypt_run_ctx *ctx = container_of(work, struct dcrypt_run_ctx,
						  work);
	unsigned int noio = memalloc_noio_save();

	refcount_inc(&ctx->refs);
	ctx->how = DCRYPT_RUN_WAIT;
	ctx->io.nowait = false;
	begin(ctx);
	put_ctx(ctx);
	memalloc_noio_restore(noio);
}

/* How much of the run is in the lower file; what is past it is not read. */
static void find_end(struct dcrypt_run_ctx *ctx)
{
	const struct dcrypt_run *run = &ctx->run;
	u64 blocks;

	ctx->nr_lower = run->nr;
	if (run->write)
		return;
	ctx->disk_size = atomic64_read(&dcrypt_inode(run->inode)->disk_size);
	blocks = DIV_ROUND_UP_ULL(ctx->disk_size, DCRYPT_BLOCK_SIZE);
	ctx->nr_lower = blocks <= run->block ? 0 :
			min_t(u64, run->nr, blocks - run->block);
}

void dcrypt_run_start(struct dcrypt_run_ctx *ctx, enum dcrypt_run_start how)
{
	struct dcrypt_run *run = &ctx->run;

	find_end(ctx);
	ctx->how = how;
	ctx->io.inode = run->inode;
	ctx->io.bvec = ctx->bvec;
	ctx->io.write = run->write;
	refcount_set(&ctx->refs, 2);
	trace_dcrypt_run_start(ctx, how);
	if (how == DCRYPT_RUN_ELSEWHERE)
		start_elsewhere(ctx);
	else
		begin(ctx);
	put_ctx(ctx);
}

struct run_result {
	unsigned int done;
	int err;
};

static void keep_result(struct dcrypt_run_ctx *ctx)
{
	struct run_result *result = ctx->owner;

	result->done = ctx->done;
	result->err = ctx->err;
}

/* Of a read, the key may not be there yet. */
static int prepare_to_read(struct inode *inode, u64 block)
{
	if (atomic64_read(&dcrypt_inode(inode)->disk_size) <=
	    block << DCRYPT_BLOCK_BITS)
		return 0;
	return dcrypt_prepare_key(inode);
}

/*
 * Of a reserve of its own: who gathers a run may hold one of the other, and need a
 * run here before he can start it.
 */
static struct dcrypt_run_ctx *new_ctx_here(struct inode *inode, unsigned int nr)
{
	return new_ctx(inode, nr, dcrypt_sb(inode->i_sb)->runs_here);
}

static int run_ctx_here(struct dcrypt_run_ctx *ctx, unsigned int *done)
{
	struct run_result result;

	ctx->end = keep_result;
	ctx->owner = &result;
	dcrypt_run_start(ctx, DCRYPT_RUN_HERE);
	if (done)
		*done = result.done;
	return result.err;
}

static int run_here(const struct dcrypt_run *run, bool raw, unsigned int *done)
{
	struct dcrypt_run_ctx *ctx;
	int err = run->write ? 0 : prepare_to_read(run->inode, run->block);

	if (done)
		*done = 0;
	if (err)
		return err;
	ctx = new_ctx_here(run->inode, run->nr);
	ctx->run = *run;
	ctx->raw = raw;
	return run_ctx_here(ctx, done);
}

int dcrypt_run_folio(struct inode *inode, struct folio *folio, unsigned int first,
		     unsigned int nr, bool write)
{
	struct dcrypt_run_ctx *ctx;
	unsigned int i;
	int err = write ? 0 : prepare_to_read(inode, folio->index + first);

	if (err)
		return err;
	ctx = new_ctx_here(inode, nr);
	ctx->run.block = folio->index + first;
	ctx->run.nr = nr;
	ctx->run.write = write;
	for (i = 0; i < nr; i++)
		ctx->run.pages[i] = folio_page(folio, first + i);
	return run_ctx_here(ctx, NULL);
}

int dcrypt_run_rw(const struct dcrypt_run *run, unsigned int *done)
{
	return run_here(run, false, done);
}

int dcrypt_run_read_raw(const struct dcrypt_run *run)
{
	return run_here(run, true, NULL);
}

int dcrypt_prepare_key_locked(struct inode *inode)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	struct dcrypt_inode *di = dcrypt_inode(inode);
	struct crypto_skcipher *tfm;
	int err;

	if (di->tfm)
		return 0;
	if (di->header_on_disk) {
		err = dcrypt_read_header(inode, format->parse_header);
		if (err)
			return err;
	} else {
		format->new_header(inode);
	}

	tfm = format->make_key(inode);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	smp_store_release(&di->tfm, tfm);
	return 0;
}

int dcrypt_prepare_key(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs;
	int err;

	if (likely(smp_load_acquire(&di->tfm)))
		return 0;

	nofs = dcrypt_lock(di);
	err = dcrypt_prepare_key_locked(inode);
	dcrypt_unlock(di, nofs);
	return err;
}

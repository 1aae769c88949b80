// SPDX-License-Identifier: GPL-2.0
/*
 * The extent engine: moves runs of blocks between plaintext pages and the lower
 * file, through the cipher.  The page cache and direct I/O are its two callers.
 */
#include <linux/highmem.h>
#include <linux/mempool.h>
#include <linux/scatterlist.h>

#include "dcryptfs.h"

/* Contexts kept so that writeback gets one when memory has run out. */
#define RESERVED_RUNS 4

int dcrypt_runs_init(struct dcrypt_sb *dsb)
{
	size_t size = sizeof(struct dcrypt_run_ctx) + dsb->reqsize;

	dsb->runs = mempool_create_kmalloc_pool(RESERVED_RUNS, size);
	return dsb->runs ? 0 : -ENOMEM;
}

u64 dcrypt_run_block(const struct dcrypt_run_ctx *ctx, unsigned int i)
{
	return ctx->run->block + ctx->first + i;
}

void dcrypt_run_plain_sg(const struct dcrypt_run_ctx *ctx, unsigned int i,
			 struct scatterlist sg[2])
{
	const struct dcrypt_run *run = ctx->run;
	struct page **page = run->pages + ctx->first + i;
	unsigned int head = DCRYPT_BLOCK_SIZE - run->offset;

	sg_init_table(sg, run->offset ? 2 : 1);
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

/* A context with bounce pages for some of the run's blocks from @first on. */
static struct dcrypt_run_ctx *get_ctx(const struct dcrypt_run *run,
				      unsigned int first, unsigned int nr)
{
	struct dcrypt_sb *dsb = dcrypt_sb(run->inode->i_sb);
	struct dcrypt_run_ctx *ctx = mempool_alloc(dsb->runs, GFP_NOIO);
	unsigned int i;

	ctx->run = run;
	ctx->first = first;
	ctx->nr = dcrypt_bounce_get(dsb, ctx->bounce,
				    min(nr, DCRYPT_RUN_BLOCKS));
	for (i = 0; i < ctx->nr; i++)
		ctx->bvec[i] = (struct bio_vec) {
			.bv_page = ctx->bounce[i],
			.bv_len = DCRYPT_BLOCK_SIZE,
		};
	skcipher_request_set_tfm(&ctx->req, dcrypt_inode(run->inode)->tfm);
	return ctx;
}

static void put_ctx(struct dcrypt_run_ctx *ctx)
{
	struct dcrypt_sb *dsb = dcrypt_sb(ctx->run->inode->i_sb);

	dcrypt_bounce_put(dsb, ctx->bounce, ctx->nr);
	mempool_free(ctx, dsb->runs);
}

/* How many of @nr blocks from @block on one lower request can carry, and where. */
static unsigned int map_blocks(struct inode *inode, u64 block, unsigned int nr,
			       loff_t *pos)
{
	unsigned int contig;

	*pos = dcrypt_sb(inode->i_sb)->format->map(inode, block,
							 &contig);
	return min(nr, contig);
}

/* Reads a part of a run; returns the blocks read, at least 1, or an error. */
static int read_part(const struct dcrypt_run *run, unsigned int first,
		     unsigned int nr)
{
	struct inode *inode = run->inode;
	struct dcrypt_run_ctx *ctx;
	loff_t pos;
	int ret;

	nr = map_blocks(inode, run->block + first, nr, &pos);
	ctx = get_ctx(run, first, nr);
	ret = dcrypt_lower_read(inode, ctx->bvec, ctx->nr,
				(size_t)ctx->nr << DCRYPT_BLOCK_BITS, pos);
	if (!ret)
		ret = dcrypt_sb(inode->i_sb)->format->decrypt(ctx);
	if (!ret)
		ret = ctx->nr;
	put_ctx(ctx);
	return ret;
}

/*
 * Writes a part of a run; returns the blocks written.  If that is less than the
 * part, or 0, *@err says why.
 */
static unsigned int write_part(const struct dcrypt_run *run, unsigned int first,
			       unsigned int nr, int *err)
{
	struct inode *inode = run->inode;
	struct dcrypt_run_ctx *ctx;
	size_t moved = 0;
	loff_t pos;

	nr = map_blocks(inode, run->block + first, nr, &pos);
	ctx = get_ctx(run, first, nr);
	*err = dcrypt_sb(inode->i_sb)->format->encrypt(ctx);
	if (!*err)
		*err = dcrypt_lower_write(inode, ctx->bvec, ctx->nr,
					  (size_t)ctx->nr << DCRYPT_BLOCK_BITS,
					  pos, &moved);
	put_ctx(ctx);
	return moved >> DCRYPT_BLOCK_BITS;
}

int dcrypt_run_read_raw(const struct dcrypt_run *run, u64 disk_size,
			unsigned int *done)
{
	u64 disk_blocks = DIV_ROUND_UP_ULL(disk_size, DCRYPT_BLOCK_SIZE);
	unsigned int on_disk = 0, i = 0;
	int ret = 0;

	if (run->block < disk_blocks)
		on_disk = min_t(u64, run->nr, disk_blocks - run->block);

	if (on_disk)
		ret = dcrypt_prepare_key(run->inode);
	while (!ret && i < on_disk) {
		ret = read_part(run, i, on_disk - i);
		if (ret < 0)
			break;
		i += ret;
		ret = 0;
	}
	if (!ret) {
		dcrypt_run_zero(run, on_disk, run->nr - on_disk);
		i = run->nr;
	}
	*done = i;
	return ret;
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

int dcrypt_run_read(const struct dcrypt_run *run, unsigned int *done)
{
	u64 disk_size = atomic64_read(&dcrypt_inode(run->inode)->disk_size);
	unsigned int tail = disk_size % DCRYPT_BLOCK_SIZE;
	u64 last = disk_size >> DCRYPT_BLOCK_BITS;
	unsigned int moved;
	int ret = dcrypt_run_read_raw(run, disk_size, &moved);

	/* what is past the end may be anything: dcrypt_clean_padding() */
	if (tail && last >= run->block && last - run->block < moved)
		zero_from(run, last - run->block, tail);
	if (done)
		*done = moved;
	return ret;
}

int dcrypt_run_write(const struct dcrypt_run *run, unsigned int *done)
{
	unsigned int i = 0;
	int err = 0;

	while (!err && i < run->nr)
		i += write_part(run, i, run->nr - i, &err);
	if (done)
		*done = i;
	return err;
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

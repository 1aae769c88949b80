/* SPDX-License-Identifier: GPL-2.0 */
/* The extent engine, and what it encrypts into. */
#ifndef DCRYPT_EXTENT_H
#define DCRYPT_EXTENT_H

#include "dcryptfs.h"
#include "lower.h"

/* ---- bounce.c: pages to encrypt into and decrypt from ---- */

/* When the module goes: frees the pages that are kept for the next request. */
void dcrypt_bounce_exit(void);
/*
 * Makes a mount's reserve.  Each mount has its own, as one may hold the lower
 * device of another in a file, and needs pages for the other to go on.
 */
int dcrypt_bounce_init(struct dcrypt_sb *dsb);

/*
 * Takes 1 to @want pages, at most DCRYPT_RUN_BLOCKS.  Waits for pages that others
 * give back, if it can't get a single one, or if too many are taken; or returns 0 if
 * @wait is false.  So who holds pages must be able to finish with them without
 * taking more.  May sleep if @wait.
 */
unsigned int dcrypt_bounce_get(struct dcrypt_sb *dsb, struct page **pages,
			       unsigned int want, bool wait);
/* Gives pages back.  What they hold is not wiped: no plaintext may be in them. */
void dcrypt_bounce_put(struct dcrypt_sb *dsb, struct page **pages,
		       unsigned int nr);

/* ---- extent.c: the engine ---- */

/* Blocks that one lower request carries at most: 256 KiB. */
#define DCRYPT_RUN_BLOCKS 64

/*
 * A run of whole blocks, to be read or written.  Its plaintext lies in @pages,
 * block i at bytes offset + i * DCRYPT_BLOCK_SIZE counted from the beginning of
 * the first page; so, with an offset, a block lies in two pages, and @pages has
 * @nr + 1 of them.
 */
struct dcrypt_run {
	struct inode *inode;
	u64 block;			/* the first */
	unsigned int nr;		/* how many, at most DCRYPT_RUN_BLOCKS */
	unsigned int offset;		/* bytes, less than PAGE_SIZE */
	bool write;
	struct page **pages;
};

/* How a run is started. */
enum dcrypt_run_start {
	DCRYPT_RUN_HERE,		/* and over when that returns */
	DCRYPT_RUN_WAIT,		/* once there is memory for it */
	DCRYPT_RUN_NOWAIT,		/* or, if there is none, fails with EAGAIN */
	DCRYPT_RUN_LATER,		/* or a worker starts it, with io.nowait off */
	DCRYPT_RUN_ELSEWHERE,		/* by a worker in any case */
};

/*
 * The state of a run under way: its bounce pages hold ciphertext.  The run is in
 * parts, one after the other, if there is not enough memory or it does not lie in
 * one piece below.  A format sees @run, @first, @nr, @bounce and @req, and nothing
 * else.
 */
struct dcrypt_run_ctx {
	struct dcrypt_run run;
	unsigned int first;		/* block of the run that is in bounce[0] */
	unsigned int nr;		/* blocks in bounce: the part */
	struct page **bounce;

	/* to be set by who starts it; io.nowait, too, may be */
	void (*end)(struct dcrypt_run_ctx *ctx);
	void *owner;			/* end()'s business */
	unsigned int nr_pages;		/* end()'s as well: in run.pages */
	loff_t extends_to;		/* and this: dcrypt_extended() is to know, or 0 */

	unsigned int done;		/* result: blocks moved... */
	int err;			/* ...and if not all, why */

	/* extent.c's own */
	struct dcrypt_sb *dsb;
	struct dcrypt_lower_io io;
	struct bio_vec *bvec;
	unsigned int nr_bounce;		/* pages in @bounce */
	unsigned int nr_lower;		/* blocks of the run that are in the lower file */
	u64 disk_size;			/* when it was started */
	bool raw;			/* a read with what is past the end */
	mempool_t *reserve;		/* where it is from, or NULL: from kmalloc() */
	enum dcrypt_run_start how;
	u64 queued_at;			/* ktime, nanoseconds */
	struct work_struct work;
	refcount_t refs;		/* who starts it, and who ends it */
	struct skcipher_request req;	/* last: the cipher's state follows */
};

/*
 * Reads or writes a run.  The caller has a hold on the lower file, and for a
 * write has prepared the lower file for the run (dcrypt_prepare_disk).  Returns
 * 0 or an error; *@done (if not NULL) is the number of blocks moved, all of them
 * on success.  What is at or past disk_size is read as zeros.
 */
int dcrypt_run_rw(const struct dcrypt_run *run, unsigned int *done);
/* The same for @nr blocks of a locked folio, from its block @first on. */
int dcrypt_run_folio(struct inode *inode, struct folio *folio, unsigned int first,
		     unsigned int nr, bool write);
/* Reads, but the last block with what is in its padding on disk. */
int dcrypt_run_read_raw(const struct dcrypt_run *run);

/*
 * The same in two steps, for a run that need not be over when this returns: first
 * a context with room for the pages of @nr blocks in run.pages (NULL if there is no
 * memory and @wait is false); then, with the run, @end and @owner set, the start.
 * Whatever becomes of it, end() is called once, in a context that may sleep but
 * must not wait for other runs, and perhaps before dcrypt_run_start() returns.
 * After that there is no context.  For a read of what is on disk, the key is there
 * (dcrypt_prepare_key).
 */
struct dcrypt_run_ctx *dcrypt_run_new(struct inode *inode, unsigned int nr,
				      bool wait);
void dcrypt_run_start(struct dcrypt_run_ctx *ctx, enum dcrypt_run_start how);
/* Of one that was not started. */
void dcrypt_run_free(struct dcrypt_run_ctx *ctx);

/*
 * Loads the file's header and key, or makes them for a file without.  0, EIO
 * (a damaged header), ENOKEY (another volume's), ENOMEM.
 */
int dcrypt_prepare_key(struct inode *inode);
/* The same, with dcrypt_inode.lock held, and no allocation to enter a filesystem. */
int dcrypt_prepare_key_locked(struct inode *inode);

/* Makes the mount's pool of run contexts and its workqueues; dsb->reqsize is set. */
int dcrypt_runs_init(struct dcrypt_sb *dsb);
void dcrypt_runs_exit(struct dcrypt_sb *dsb);
/* All runs are over: waits for the workers that were last to let go of them. */
void dcrypt_runs_drain(struct dcrypt_sb *dsb);

/* For formats: the number of the block in bounce[@i]... */
u64 dcrypt_run_block(const struct dcrypt_run_ctx *ctx, unsigned int i);
/* ...and a scatterlist for its plaintext, which is made for a run... */
void dcrypt_run_init_sg(const struct dcrypt_run_ctx *ctx, struct scatterlist sg[2]);
/* ...and set for each block. */
void dcrypt_run_plain_sg(const struct dcrypt_run_ctx *ctx, unsigned int i,
			 struct scatterlist sg[2]);
/* Makes the plaintext of some blocks of the run zeros. */
void dcrypt_run_zero(const struct dcrypt_run *run, unsigned int first,
		     unsigned int nr);
/* Is there nothing but zeros in a bounce page, as where the lower file has a hole? */
bool dcrypt_is_hole(struct page *page);

/* ---- header.c: with dcrypt_inode.lock, and a hold ---- */

/* Reads the header and has it parsed.  EIO or what @parse says. */
int dcrypt_read_header(struct inode *inode,
		       int (*parse)(struct inode *inode, const void *header));
/* Makes one for a file that has none, from what the inode says. */
int dcrypt_make_header(struct inode *inode);
/* Has the one that is there say @size. */
int dcrypt_write_header_size(struct inode *inode, loff_t size);
/* Without the lock: what is to be shown in front of a file without one, a block. */
int dcrypt_show_header(struct inode *inode, void *shown);
/* For formats: reads the lower file's first block to a page, or writes it. */
int dcrypt_header_block_io(struct inode *inode, struct page *page, bool write);

#endif /* DCRYPT_EXTENT_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Direct I/O: runs of whole blocks go between the caller's own pages and the
 * lower file, any number of them at once.  What is not a whole block in memory that
 * the cipher can take at once goes through a staging page: the edges of an unaligned
 * request, and blocks whose memory comes in many pieces, or begins at an odd address.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/uio.h>
#include <linux/workqueue.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"
#include "trace.h"

/* A request under way. */
struct dio {
	struct kiocb *iocb;		/* the caller's */
	struct inode *inode;
	struct iov_iter *iter;		/* while it is being started */
	loff_t start;			/* of the request */
	loff_t pos;			/* of what comes next */
	loff_t end;			/* where it ends, or the block with the file's end */
	loff_t size;			/* of the file, for a read */
	unsigned int started;		/* runs */
	bool write;
	bool user;			/* the pages are a program's */
	bool wait;			/* the caller waits for all of it */
	bool nowait;			/* the caller must not wait for anything */
	atomic_t runs;			/* under way, and one for who starts them */
	struct completion over;		/* if the caller waits */
	struct work_struct work;	/* if not */
	spinlock_t lock;
	loff_t failed;			/* the first byte not moved, for... */
	int err;			/* ...this reason; guarded by lock */
};

/* What was moved in one piece from the start on, or why nothing was. */
static ssize_t dio_result(const struct dio *dio)
{
	loff_t end = min(dio->err ? dio->failed : dio->pos, dio->size);

	return end > dio->start ? end - dio->start : dio->err;
}

static void dio_failed(struct dio *dio, loff_t pos, int err)
{
	unsigned long flags;

	spin_lock_irqsave(&dio->lock, flags);
	if (!dio->err || pos < dio->failed) {
		dio->failed = pos;
		dio->err = err;
	}
	spin_unlock_irqrestore(&dio->lock, flags);
}

/*
 * An error that whoever wrote finds out by going on after what was written: that there
 * is no room, or one of his own making.
 */
static bool is_told_again(int err)
{
	return err == -ENOSPC || err == -EDQUOT || err == -EFAULT ||
	       err == -EAGAIN || err == -ENOMEM;
}

/*
 * All runs are over: @ret is the result.  Of a write that was done in part, the error
 * is what the next fsync tells.
 */
static void account(const struct dio *dio, ssize_t ret)
{
	struct dcrypt_stats __percpu *stats = dcrypt_sb(dio->inode->i_sb)->stats;

	trace_dcrypt_direct_end(dio->inode, dio->start, dio->end - dio->start,
				dio->write, ret);
	if (dio->err == -ENOSPC)
		dcrypt_forget_room(dio->inode->i_sb);
	if (ret <= 0)
		return;
	if (!dio->write) {
		this_cpu_add(stats->direct_read, ret);
		return;
	}
	this_cpu_add(stats->direct_written, ret);
	if (dio->err && !is_told_again(dio->err))
		mapping_set_error(dio->inode->i_mapping, dio->err);
}

/*
 * Of a write that nobody waited for: what others cached meanwhile is old.  If it
 * can't be dropped, what is cached and what is on disk differ, and fsync tells.
 */
static void drop_cached(const struct dio *dio, ssize_t written)
{
	struct address_space *mapping = dio->inode->i_mapping;

	if (invalidate_inode_pages2_range(mapping, dio->start >> PAGE_SHIFT,
					  (dio->start + written - 1) >> PAGE_SHIFT))
		mapping_set_error(mapping, -EIO);
}

/* Ends a request that nobody waits for. */
static void end_async(struct dio *dio)
{
	struct kiocb *iocb = dio->iocb;
	ssize_t ret = dio_result(dio);
	bool write = dio->write;

	account(dio, ret);
	if (ret > 0)
		iocb->ki_pos += ret;
	inode_dio_end(dio->inode);
	kfree(dio);
	if (ret > 0 && write)
		ret = generic_write_sync(iocb, ret);
	/* the file may be gone after this, and the mount */
	iocb->ki_complete(iocb, ret);
}

/* Of a write, in a worker that may wait for other requests. */
static void end_work(struct work_struct *work)
{
	struct dio *dio = container_of(work, struct dio, work);
	ssize_t written = dio_result(dio);

	if (written > 0)
		drop_cached(dio, written);
	end_async(dio);
}

/*
 * The last run is over, in a context that must not wait for other runs.  What is cached
 * from now on is what was written.
 */
static void dio_over(struct dio *dio)
{
	if (dio->wait) {
		complete(&dio->over);
	} else if (dio->write && (iocb_is_dsync(dio->iocb) ||
				  dio->inode->i_mapping->nrpages)) {
		INIT_WORK(&dio->work, end_work);
		queue_work(dcrypt_sb(dio->inode->i_sb)->sync_wq, &dio->work);
	} else {
		end_async(dio);
	}
}

static void run_over(struct dcrypt_run_ctx *ctx)
{
	struct dio *dio = ctx->owner;
	const struct dcrypt_run *run = &ctx->run;

	dcrypt_iter_unpin(dio->user, run->pages, ctx->nr_pages, !run->write);
	if (ctx->err)
		dio_failed(dio, (loff_t)(run->block + ctx->done) << DCRYPT_BLOCK_BITS,
			   ctx->err);
	if (atomic_dec_and_test(&dio->runs))
		dio_over(dio);
}

/*
 * May the cipher be given memory that begins there in a page?  A block of the cipher
 * that lies in two pages, or where the driver can't work, is copied by the crypto API,
 * decrypted there, and the plaintext is still in that memory when it is freed.
 */
static bool may_take(const struct dio *dio, size_t start)
{
	struct crypto_skcipher *tfm = dcrypt_inode(dio->inode)->tfm;

	return dio->write || !tfm ||
	       !(start & ((crypto_skcipher_blocksize(tfm) - 1) |
			  crypto_skcipher_alignmask(tfm)));
}

/*
 * Takes pages from the iterator for as many whole blocks as lie in memory
 * without a gap: further segments are added while they go on at a page's
 * beginning.  Returns the bytes, 0 if not even a block can be taken, or -EFAULT.
 */
static ssize_t take_pages(struct dio *dio, size_t want, struct dcrypt_run_ctx *ctx)
{
	unsigned int max = (want >> DCRYPT_BLOCK_BITS) + 1;
	struct page **pages = ctx->run.pages;
	size_t got = 0, start, rest;
	unsigned int nr = 0;
	ssize_t ret = 0;

	while (got < want) {
		ret = dcrypt_iter_pin(dio->iter, pages + nr, want - got,
				      max - nr, &start);
		if (ret <= 0)
			break;
		if (!nr)
			ctx->run.offset = start;
		if (nr ? start : !may_take(dio, start)) {
			/* does not go on where the last one ended, or nowhere at all */
			dcrypt_iter_unpin(dio->user, pages + nr,
					  DIV_ROUND_UP(start + ret, PAGE_SIZE),
					  false);
			iov_iter_revert(dio->iter, ret);
			break;
		}
		nr += DIV_ROUND_UP(start + ret, PAGE_SIZE);
		got += ret;
		if ((ctx->run.offset + got) % PAGE_SIZE || nr == max)
			break;
	}

	rest = got % DCRYPT_BLOCK_SIZE;
	got -= rest;
	iov_iter_revert(dio->iter, rest);
	ctx->nr_pages = nr;
	if (!got) {
		dcrypt_iter_unpin(dio->user, pages, nr, false);
		return ret < 0 && ret != -EOPNOTSUPP ? ret : 0;
	}
	return got;
}

/* Requests of several runs that are being started just now. */
static atomic_t busy_requests = ATOMIC_INIT(0);

/*
 * How to start a run.  The runs of a large request are shared with the other CPUs, if
 * some have nothing of ours to do; who waits for all does the last one himself.
 */
static enum dcrypt_run_start how_to_start(const struct dio *dio, bool last)
{
	if (dio->wait && last)
		return DCRYPT_RUN_HERE;
	if (dio->started % num_online_cpus() &&
	    atomic_read(&busy_requests) < num_online_cpus())
		return DCRYPT_RUN_ELSEWHERE;
	if (dio->wait)
		return DCRYPT_RUN_WAIT;
	return dio->nowait && dio->pos == dio->start ?
	       DCRYPT_RUN_NOWAIT : DCRYPT_RUN_LATER;
}

/* Starts to move whole blocks.  Bytes, 0 if it has to be staged, or an error. */
static ssize_t start_run(struct dio *dio, size_t want)
{
	enum dcrypt_run_start how;
	struct dcrypt_run_ctx *ctx;
	ssize_t got;

	want = min_t(size_t, round_down(want, DCRYPT_BLOCK_SIZE),
		     DCRYPT_RUN_BLOCKS * DCRYPT_BLOCK_SIZE);
	ctx = dcrypt_run_new(dio->inode, want >> DCRYPT_BLOCK_BITS, !dio->nowait);
	if (!ctx)
		return -EAGAIN;
	got = take_pages(dio, want, ctx);
	if (got <= 0) {
		dcrypt_run_free(ctx);
		return got;
	}

	how = how_to_start(dio, dio->pos + got >= round_down(dio->end, DCRYPT_BLOCK_SIZE));
	ctx->run.block = dio->pos >> DCRYPT_BLOCK_BITS;
	ctx->run.nr = got >> DCRYPT_BLOCK_BITS;
	ctx->run.write = dio->write;
	ctx->io.nowait = dio->nowait;
	ctx->end = run_over;
	ctx->owner = dio;
	dio->started++;
	atomic_inc(&dio->runs);
	dcrypt_run_start(ctx, how);
	return got;
}

static ssize_t stage_read(struct dio *dio, struct dcrypt_run *run,
			  size_t offset, size_t len)
{
	int err = dcrypt_run_rw(run, NULL);
	size_t n;

	if (err)
		return err;
	/* not copy_page_to_iter(), which may give the page itself to a pipe */
	n = copy_to_iter(page_address(run->pages[0]) + offset, len, dio->iter);
	return n ?: -EFAULT;
}

static ssize_t stage_write(struct dio *dio, struct dcrypt_run *run,
			   size_t offset, size_t len)
{
	size_t n;
	int err;

	if (len < DCRYPT_BLOCK_SIZE) {
		this_cpu_inc(dcrypt_sb(dio->inode->i_sb)->stats->merged_blocks);
		err = dcrypt_run_rw(run, NULL);
		if (err)
			return err;
	}
	n = copy_from_iter(page_address(run->pages[0]) + offset, len,
			   dio->iter);
	if (n < len) {
		/* the page holds what was read, or nothing */
		if (!n || len == DCRYPT_BLOCK_SIZE) {
			iov_iter_revert(dio->iter, n);
			return -EFAULT;
		}
	}
	run->write = true;
	err = dcrypt_run_rw(run, NULL);
	if (err) {
		iov_iter_revert(dio->iter, n);
		return err;
	}
	return n;
}

/*
 * Moves up to the next block boundary through a page of our own.  Bytes moved,
 * or an error.
 */
static ssize_t move_staged(struct dio *dio, size_t want)
{
	size_t offset = dio->pos % DCRYPT_BLOCK_SIZE;
	size_t len = min_t(size_t, want, DCRYPT_BLOCK_SIZE - offset);
	struct page *page = alloc_page(GFP_KERNEL);
	struct dcrypt_run run = {
		.inode = dio->inode,
		.block = dio->pos >> DCRYPT_BLOCK_BITS,
		.nr = 1,
		.pages = &page,
	};
	ssize_t ret;

	if (!page)
		return -ENOMEM;
	ret = dio->write ? stage_write(dio, &run, offset, len) :
			   stage_read(dio, &run, offset, len);

	/* the one place where direct I/O leaves plaintext in a kernel page */
	memzero_explicit(page_address(page), PAGE_SIZE);
	__free_page(page);
	return ret;
}

static ssize_t start_next(struct dio *dio)
{
	size_t want = dio->end - dio->pos;
	ssize_t ret = 0;

	if (dio->pos % DCRYPT_BLOCK_SIZE == 0 && want >= DCRYPT_BLOCK_SIZE)
		ret = start_run(dio, want);
	if (ret)
		return ret;
	/* staging waits; what of it comes in the middle of a request is rare */
	if (dio->nowait && dio->pos == dio->start)
		return -EAGAIN;
	return move_staged(dio, want);
}

/* Starts all of a request, or what can be until something fails. */
static void start_all(struct dio *dio)
{
	bool several = dio->end - dio->start >
		       DCRYPT_RUN_BLOCKS * DCRYPT_BLOCK_SIZE;

	if (several)
		atomic_inc(&busy_requests);
	while (dio->pos < dio->end && !READ_ONCE(dio->err)) {
		ssize_t ret = start_next(dio);

		if (ret < 0)
			dio_failed(dio, dio->pos, ret);
		else
			dio->pos += ret;
	}
	if (several)
		atomic_dec(&busy_requests);
}

static void init_dio(struct dio *dio, struct kiocb *iocb, struct iov_iter *iter,
		     bool wait)
{
	dio->iocb = iocb;
	dio->inode = file_inode(iocb->ki_filp);
	dio->iter = iter;
	dio->start = iocb->ki_pos;
	dio->pos = dio->start;
	dio->end = dio->start + iov_iter_count(iter);
	dio->write = iov_iter_rw(iter) == WRITE;
	dio->size = dio->end;
	dio->started = 0;
	if (!dio->write) {
		/* the block with the file's end is read whole if there is room */
		dio->size = i_size_read(dio->inode);
		dio->end = min(dio->end, round_up(dio->size, DCRYPT_BLOCK_SIZE));
	}
	dio->user = user_backed_iter(iter);
	dio->wait = wait;
	dio->nowait = iocb->ki_flags & IOCB_NOWAIT;
	atomic_set(&dio->runs, 1);
	spin_lock_init(&dio->lock);
	dio->failed = 0;
	dio->err = 0;
	trace_dcrypt_direct_begin(dio->inode, dio->start, dio->end - dio->start,
				  dio->write, 0);
}

/* What was taken from the iterator, and not moved, goes back. */
static ssize_t give_rest_back(struct dio *dio)
{
	ssize_t ret = dio_result(dio);

	iov_iter_revert(dio->iter, dio->pos - dio->start - max_t(ssize_t, ret, 0));
	account(dio, ret);
	return ret;
}

static ssize_t move_and_wait(struct kiocb *iocb, struct iov_iter *iter)
{
	struct dio dio;

	init_dio(&dio, iocb, iter, true);
	init_completion(&dio.over);
	start_all(&dio);
	if (!atomic_dec_and_test(&dio.runs))
		wait_for_completion(&dio.over);
	return give_rest_back(&dio);
}

static ssize_t move_async(struct kiocb *iocb, struct iov_iter *iter)
{
	bool nowait = iocb->ki_flags & IOCB_NOWAIT;
	struct dio *dio = kmalloc(sizeof(*dio), nowait ? GFP_NOWAIT : GFP_KERNEL);
	ssize_t ret;

	if (!dio)
		return nowait ? -EAGAIN : -ENOMEM;
	init_dio(dio, iocb, iter, false);
	inode_dio_begin(dio->inode);
	start_all(dio);
	if (!atomic_dec_and_test(&dio->runs))
		return -EIOCBQUEUED;
	ret = give_rest_back(dio);
	inode_dio_end(dio->inode);
	kfree(dio);
	return ret;
}

/* May nobody wait for the request?  A write that needs the file for itself is waited for. */
static bool is_async(struct kiocb *iocb, const struct iov_iter *iter)
{
	return !is_sync_kiocb(iocb) &&
	       (iov_iter_rw(iter) == READ ||
		dcrypt_is_inside(file_inode(iocb->ki_filp), iocb->ki_pos,
				 iov_iter_count(iter)));
}

ssize_t dcrypt_direct_io(struct kiocb *iocb, struct iov_iter *iter)
{
	/* the edges of what is no whole block are waited for */
	if ((iocb->ki_flags & IOCB_NOWAIT) &&
	    (iocb->ki_pos | iov_iter_count(iter)) % DCRYPT_BLOCK_SIZE)
		return -EAGAIN;
	if (is_async(iocb, iter))
		return move_async(iocb, iter);
	return move_and_wait(iocb, iter);
}

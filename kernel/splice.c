// SPDX-License-Identifier: GPL-2.0
/*
 * Between files and pipes.  Splicing into a file of the lower filesystem takes the
 * pipe's lock inside that filesystem's freeze protection, for which a write waits here,
 * and a read for whoever writes.  So no pipe is locked while a file is read or written:
 * what is to be written is taken out of it before, and what was read put in after.
 */
#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/pipe_fs_i.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uio.h>

#include "data.h"
#include "dcryptfs.h"

/* What was taken out of a pipe, or is to go into one: at most so many buffers. */
struct haul {
	unsigned int nr;
	struct pipe_buffer bufs[PIPE_DEF_BUFFERS];
	struct bio_vec bvec[PIPE_DEF_BUFFERS];	/* the part that is wanted of each */
};

static struct pipe_buffer *buffer_at(struct pipe_inode_info *pipe, unsigned int i)
{
	return &pipe->bufs[i & (pipe->ring_size - 1)];
}

static bool is_full(const struct pipe_inode_info *pipe)
{
	return pipe_full(READ_ONCE(pipe->head), READ_ONCE(pipe->tail),
			 READ_ONCE(pipe->max_usage));
}

/*
 * An empty buffer keeps the place of one that was taken, so that there is room for it
 * if it must go back.  Whoever reads the pipe skips it, or may move it to another pipe,
 * where it outlives this module.
 */
static void keep_place(const struct haul *haul, struct pipe_buffer *slot)
{
	get_page(ZERO_PAGE(0));
	*slot = (struct pipe_buffer) {
		.page = ZERO_PAGE(0),
		.ops = &nosteal_pipe_buf_ops,
		.private = (unsigned long)haul,
	};
}

static bool is_kept_place(const struct haul *haul, const struct pipe_buffer *slot)
{
	return !slot->len && slot->ops == &nosteal_pipe_buf_ops &&
	       slot->private == (unsigned long)haul;
}

static int see_data(struct pipe_inode_info *pipe, struct pipe_buffer *buf,
		    struct splice_desc *sd)
{
	*(bool *)sd->u.data = true;
	return 0;
}

/*
 * With the pipe locked, which is unlocked while this waits for data.  Bytes, 0 if there
 * is no data and nobody to write any, EAGAIN, ERESTARTSYS, ...
 */
static ssize_t take_out(struct pipe_inode_info *pipe, struct haul *haul, size_t len,
			unsigned int flags)
{
	bool seen = false;
	struct splice_desc sd = {
		.total_len = len,
		.flags = flags,
		.u.data = &seen,
	};
	ssize_t ret = __splice_from_pipe(pipe, &sd, see_data);
	size_t taken = 0;
	unsigned int i;

	haul->nr = 0;
	if (!seen)
		return ret;
	for (i = pipe->tail; i != pipe->head && taken < len; i++) {
		struct pipe_buffer *slot = buffer_at(pipe, i);

		if (!slot->len)
			continue;
		if (haul->nr == ARRAY_SIZE(haul->bufs) || pipe_buf_confirm(pipe, slot))
			break;
		haul->bufs[haul->nr] = *slot;
		haul->bvec[haul->nr] = (struct bio_vec) {
			.bv_page = slot->page,
			.bv_offset = slot->offset,
			.bv_len = min_t(size_t, slot->len, len - taken),
		};
		taken += haul->bvec[haul->nr++].bv_len;
		keep_place(haul, slot);
	}
	return taken;
}

/*
 * With the pipe locked: all but the first @used bytes go back to where they were.  If
 * somebody read from the pipe meanwhile, our places are gone, and if somebody else has
 * filled it too, there is no room: what came first is lost then, and only then.
 */
static void put_back(struct pipe_inode_info *pipe, struct haul *haul, size_t used)
{
	unsigned int first = 0, i;

	while (!pipe_empty(pipe->head, pipe->tail) &&
	       is_kept_place(haul, buffer_at(pipe, pipe->tail)))
		pipe_buf_release(pipe, buffer_at(pipe, pipe->tail++));

	for (i = 0; i < haul->nr; i++) {
		size_t part = min_t(size_t, used, haul->bvec[i].bv_len);

		haul->bufs[i].offset += part;
		haul->bufs[i].len -= part;
		used -= part;
		if (!haul->bufs[i].len && first == i)
			pipe_buf_release(pipe, &haul->bufs[first++]);
	}
	for (i = haul->nr; i-- > first;) {
		if (is_full(pipe))
			pipe_buf_release(pipe, &haul->bufs[i]);
		else
			*buffer_at(pipe, --pipe->tail) = haul->bufs[i];
	}
	wake_up_interruptible(&pipe->rd_wait);
	wake_up_interruptible(&pipe->wr_wait);
	kill_fasync(&pipe->fasync_writers, SIGIO, POLL_OUT);
}

static ssize_t write_out(struct file *file, loff_t *pos, const struct haul *haul,
			 size_t len)
{
	struct iov_iter from;
	struct kiocb kiocb;
	ssize_t ret;

	if (!len)
		return 0;
	iov_iter_bvec(&from, ITER_SOURCE, haul->bvec, haul->nr, len);
	init_sync_kiocb(&kiocb, file);
	kiocb.ki_pos = *pos;
	ret = file->f_op->write_iter(&kiocb, &from);
	if (ret > 0)
		*pos = kiocb.ki_pos;
	return ret;
}

ssize_t dcrypt_splice_write(struct pipe_inode_info *pipe, struct file *file,
			    loff_t *pos, size_t len, unsigned int flags)
{
	struct haul *haul = kmalloc(sizeof(*haul), GFP_KERNEL);
	size_t done = 0;
	ssize_t ret;

	if (!haul)
		return -ENOMEM;
	do {
		pipe_lock(pipe);
		/* it waits for the first of it, and not for more */
		ret = take_out(pipe, haul, len - done,
			       done ? flags | SPLICE_F_NONBLOCK : flags);
		pipe_unlock(pipe);
		if (ret <= 0)
			break;
		ret = write_out(file, pos, haul, ret);
		pipe_lock(pipe);
		put_back(pipe, haul, max_t(ssize_t, ret, 0));
		pipe_unlock(pipe);
		if (ret > 0)
			done += ret;
	} while (ret > 0 && done < len);
	kfree(haul);
	return done ?: ret;
}

/* Pages of their own for up to @len bytes, as far as there is memory; the bytes. */
static size_t make_pages(struct haul *haul, size_t len)
{
	size_t room = 0;

	for (haul->nr = 0; room < len && haul->nr < ARRAY_SIZE(haul->bvec); haul->nr++) {
		struct bio_vec *part = &haul->bvec[haul->nr];

		*part = (struct bio_vec) {
			.bv_page = alloc_page(GFP_USER),
			.bv_len = min_t(size_t, PAGE_SIZE, len - room),
		};
		if (!part->bv_page)
			break;
		room += part->bv_len;
	}
	return room;
}

static ssize_t read_in(struct file *file, loff_t pos, const struct haul *haul, size_t len)
{
	struct iov_iter to;
	struct kiocb kiocb;

	iov_iter_bvec(&to, ITER_DEST, haul->bvec, haul->nr, len);
	init_sync_kiocb(&kiocb, file);
	kiocb.ki_pos = pos;
	return file->f_op->read_iter(&kiocb, &to);
}

/* With the pipe locked, which is unlocked while this waits.  EAGAIN, ERESTARTSYS. */
static int wait_for_room(struct pipe_inode_info *pipe, unsigned int flags)
{
	int err = 0;

	while (!err && pipe->readers && is_full(pipe)) {
		if (flags & SPLICE_F_NONBLOCK)
			return -EAGAIN;
		pipe_unlock(pipe);
		err = wait_event_interruptible(pipe->wr_wait, !is_full(pipe) ||
					       !READ_ONCE(pipe->readers));
		pipe_lock(pipe);
	}
	return err;
}

/*
 * With the pipe locked.  Puts up to @len bytes in, as many as there is room for, and
 * lets go of the pages.  Bytes; EPIPE, ...
 */
static ssize_t put_in(struct pipe_inode_info *pipe, struct haul *haul, size_t len)
{
	ssize_t err = 0;
	size_t done = 0;
	unsigned int i;

	for (i = 0; i < haul->nr; i++) {
		struct pipe_buffer buf = {
			.page = haul->bvec[i].bv_page,
			.len = min_t(size_t, haul->bvec[i].bv_len, len - done),
			.ops = &nosteal_pipe_buf_ops,
		};

		if (err < 0 || !buf.len) {
			put_page(buf.page);
			continue;
		}
		/* this lets go of the page if it fails */
		err = add_to_pipe(pipe, &buf);
		if (err >= 0)
			done += buf.len;
	}
	return done ?: err;
}

ssize_t dcrypt_splice_read(struct file *file, loff_t *pos, struct pipe_inode_info *pipe,
			   size_t len, unsigned int flags)
{
	struct haul *haul;
	ssize_t ret;

	/* what a task keeps for sendfile() and the like: it is nobody else's, nor locked */
	if (!pipe->files)
		return READ_ONCE(dcrypt_inode(file_inode(file))->plain) ?
		       dcrypt_splice_copied(file, pos, pipe, len, flags) :
		       dcrypt_splice_cached(file, pos, pipe, len, flags);

	haul = kmalloc(sizeof(*haul), GFP_KERNEL);
	if (!haul)
		return -ENOMEM;
	pipe_unlock(pipe);
	len = make_pages(haul, len);
	ret = len ? read_in(file, *pos, haul, len) : -ENOMEM;
	pipe_lock(pipe);
	if (ret > 0) {
		len = ret;
		ret = wait_for_room(pipe, flags);
		ret = put_in(pipe, haul, ret ? 0 : len) ?: ret;
	} else {
		put_in(pipe, haul, 0);
	}
	if (ret > 0)
		*pos += ret;
	kfree(haul);
	return ret;
}

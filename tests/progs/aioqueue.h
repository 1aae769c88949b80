/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A queue of asynchronous reads and writes, by libaio or io_uring.
 */
#ifndef AIOQUEUE_H
#define AIOQUEUE_H

#include <errno.h>
#include <libaio.h>
#include <liburing.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

enum engine { ENGINE_AIO, ENGINE_URING, ENGINE_FIXED };

struct queue {
	enum engine engine;
	io_context_t aio;
	struct iocb *iocbs;
	struct io_uring ring;
};

static inline void queue_die(const char *what, int err)
{
	fprintf(stderr, "%s: %s\n", what, strerror(err));
	exit(2);
}

static inline enum engine engine_by_name(const char *name)
{
	if (!strcmp(name, "aio"))
		return ENGINE_AIO;
	if (!strcmp(name, "uring"))
		return ENGINE_URING;
	if (!strcmp(name, "fixed"))
		return ENGINE_FIXED;
	fprintf(stderr, "no engine %s: aio, uring or fixed\n", name);
	exit(2);
}

/* With ENGINE_FIXED, all memory that is used lies in [base, base + len). */
static inline void queue_init(struct queue *q, enum engine engine, unsigned int depth,
			      void *base, size_t len)
{
	struct iovec iov = { .iov_base = base, .iov_len = len };
	int err;

	memset(q, 0, sizeof(*q));
	q->engine = engine;
	if (engine == ENGINE_AIO) {
		q->iocbs = calloc(depth, sizeof(*q->iocbs));
		err = io_setup(depth, &q->aio);
		if (err)
			queue_die("io_setup", -err);
		return;
	}
	err = io_uring_queue_init(depth, &q->ring, 0);
	if (err)
		queue_die("io_uring_queue_init", -err);
	if (engine == ENGINE_FIXED) {
		err = io_uring_register_buffers(&q->ring, &iov, 1);
		if (err)
			queue_die("io_uring_register_buffers", -err);
	}
}

/* Starts request @id (less than the depth).  0 or an error. */
static inline int queue_submit(struct queue *q, unsigned int id, int fd, bool write,
			       void *buf, size_t len, long long pos)
{
	struct io_uring_sqe *sqe;
	int ret;

	if (q->engine == ENGINE_AIO) {
		struct iocb *iocb = &q->iocbs[id];

		if (write)
			io_prep_pwrite(iocb, fd, buf, len, pos);
		else
			io_prep_pread(iocb, fd, buf, len, pos);
		iocb->data = (void *)(unsigned long)id;
		ret = io_submit(q->aio, 1, &iocb);
		return ret == 1 ? 0 : ret;
	}
	sqe = io_uring_get_sqe(&q->ring);
	if (!sqe)
		return -EBUSY;
	if (q->engine == ENGINE_FIXED && write)
		io_uring_prep_write_fixed(sqe, fd, buf, len, pos, 0);
	else if (q->engine == ENGINE_FIXED)
		io_uring_prep_read_fixed(sqe, fd, buf, len, pos, 0);
	else if (write)
		io_uring_prep_write(sqe, fd, buf, len, pos);
	else
		io_uring_prep_read(sqe, fd, buf, len, pos);
	io_uring_sqe_set_data64(sqe, id);
	ret = io_uring_submit(&q->ring);
	return ret == 1 ? 0 : ret;
}

/* Waits for one that is over: its id, and its result. */
static inline unsigned int queue_reap(struct queue *q, long *result)
{
	struct io_uring_cqe *cqe;
	struct io_event event;
	unsigned int id;
	int ret;

	if (q->engine == ENGINE_AIO) {
		do {
			ret = io_getevents(q->aio, 1, 1, &event, NULL);
		} while (ret == -EINTR);
		if (ret != 1)
			queue_die("io_getevents", -ret);
		*result = (long)event.res;
		return (unsigned long)event.data;
	}
	do {
		ret = io_uring_wait_cqe(&q->ring, &cqe);
	} while (ret == -EINTR);
	if (ret)
		queue_die("io_uring_wait_cqe", -ret);
	*result = cqe->res;
	id = io_uring_cqe_get_data64(cqe);
	io_uring_cqe_seen(&q->ring, cqe);
	return id;
}

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * Direct reads or writes that are all in flight when something happens.
 *
 *	aioflight FILE aio|uring|fixed read|write DEPTH BYTES EVENT
 *
 * DEPTH requests of BYTES each, one after the other in FILE. EVENT is nothing, close
 * (of the descriptor), truncate (to nothing), unlink, cancel, cached (all is read into
 * the page cache, and once more at the end, when it must be what was written), times
 * (mtime and atime are set to 1000000000), exit (without waiting), or kill (by SIGKILL).
 * Then all are waited for, and a line says how it went:
 *
 *	full F short S errors E bytes B submitted T ms over U ms
 *
 * Writes write the letter w; reads end with status 1 if they get anything but the
 * letter r.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "aioqueue.h"

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void cancel_all(struct queue *q, unsigned int depth)
{
	struct io_event event;
	unsigned int i;

	for (i = 0; i < depth; i++) {
		if (q->engine == ENGINE_AIO) {
			/* no filesystem can: EINVAL, and the request goes on */
			if (io_cancel(q->aio, &q->iocbs[i], &event) == 0)
				queue_die("io_cancel", 0);
		} else {
			struct io_uring_sqe *sqe = io_uring_get_sqe(&q->ring);

			if (!sqe)
				queue_die("io_uring_get_sqe", EBUSY);
			io_uring_prep_cancel64(sqe, i, 0);
			io_uring_sqe_set_data64(sqe, 1000000);
			io_uring_sqe_set_flags(sqe, IOSQE_CQE_SKIP_SUCCESS);
			io_uring_submit(&q->ring);
		}
	}
}

/* Reads all through the page cache; the number of bytes that are the letter. */
static size_t count_cached(const char *path, size_t len, char letter)
{
	int fd = open(path, O_RDONLY);
	char *buf = malloc(len);
	size_t n = 0;

	if (fd < 0 || !buf || pread(fd, buf, len, 0) != (ssize_t)len)
		queue_die(path, errno);
	for (size_t i = 0; i < len; i++)
		n += buf[i] == letter;
	free(buf);
	close(fd);
	return n;
}

static int set_times(const char *path)
{
	const struct timespec times[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };

	return utimensat(AT_FDCWD, path, times, 0);
}

static void happen(const char *event, struct queue *q, unsigned int depth, const char *path, int fd)
{
	int err = 0;

	/* what io_uring left to its workers must have begun: in the file that is cut
	 * it would be growth, one after the other */
	if (!strcmp(event, "truncate"))
		usleep(400000);
	if (!strcmp(event, "close"))
		err = close(fd);
	else if (!strcmp(event, "truncate"))
		err = truncate(path, 0);
	else if (!strcmp(event, "unlink"))
		err = unlink(path);
	else if (!strcmp(event, "times"))
		err = set_times(path);
	else if (!strcmp(event, "cancel"))
		cancel_all(q, depth);
	else if (!strcmp(event, "exit"))
		_exit(0);
	else if (!strcmp(event, "kill"))
		raise(SIGKILL);
	if (err)
		queue_die(event, errno);
}

int main(int argc, char **argv)
{
	unsigned int depth, i, full = 0, cut = 0, errors = 0, left;
	double begin, submitted;
	long long moved = 0;
	size_t bytes;
	bool write;
	struct queue q;
	char *area;
	int fd;

	if (argc != 7) {
		fprintf(stderr, "usage: aioflight FILE aio|uring|fixed read|write DEPTH BYTES EVENT\n");
		return 2;
	}
	write = !strcmp(argv[3], "write");
	depth = strtoul(argv[4], NULL, 0);
	bytes = strtoul(argv[5], NULL, 0);
	fd = open(argv[1], (write ? O_RDWR : O_RDONLY) | O_DIRECT);
	if (fd < 0)
		queue_die(argv[1], errno);
	area = mmap(NULL, depth * bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (area == MAP_FAILED)
		queue_die("mmap", errno);
	memset(area, write ? 'w' : 'x', depth * bytes);
	queue_init(&q, engine_by_name(argv[2]), depth * 2, area, depth * bytes);

	begin = now_ms();
	for (i = 0; i < depth; i++) {
		int err = queue_submit(&q, i, fd, write, area + i * bytes, bytes,
				       (long long)(i * bytes));

		if (err)
			queue_die("submission", -err);
	}
	submitted = now_ms() - begin;
	happen(argv[6], &q, depth, argv[1], fd);
	if (!strcmp(argv[6], "cached") && !count_cached(argv[1], depth * bytes, 'r')) {
		fprintf(stderr, "nothing is in flight any more\n");
		return 1;
	}

	for (left = depth; left;) {
		long result;
		unsigned int id = queue_reap(&q, &result);

		if (id >= depth)
			continue;
		left--;
		moved += result > 0 ? result : 0;
		if (result < 0)
			errors++;
		else if ((size_t)result < bytes)
			cut++;
		else
			full++;
		for (long k = 0; !write && k < result; k++)
			if (area[id * bytes + k] != 'r') {
				fprintf(stderr, "request %u, byte %ld: %02x\n", id, k,
					(unsigned char)area[id * bytes + k]);
				return 1;
			}
	}
	if (!strcmp(argv[6], "cached") &&
	    count_cached(argv[1], depth * bytes, 'w') != depth * bytes) {
		fprintf(stderr, "what is cached is older than what was written\n");
		return 1;
	}
	printf("full %u short %u errors %u bytes %lld submitted %.0f ms over %.0f ms\n", full, cut, errors, moved,
	       submitted, now_ms() - begin);
	return 0;
}

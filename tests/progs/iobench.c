// SPDX-License-Identifier: GPL-2.0
/*
 * Times reads or writes of one file, or of many.
 *
 *	iobench [OPTION...] FILE fill|read|write direct|buffered rand|seq BLOCK BYTES COUNT
 *
 *	-d DEPTH	so many at once, by io_uring; else one after the other,
 *			by pread and pwrite
 *	-i		without the time in which the (one) CPU had nothing to do
 *	-f FILES	of so many files, FILE.0 and so on, in turn; each has its
 *			share of BYTES
 *	-j THREADS	by so many threads, each of which has DEPTH under way
 *	-n		without fsync
 *	-s SPAN		the file is sparse and so long; its BYTES lie in 16 pieces,
 *			evenly spread
 *
 * Prints the nanoseconds of one operation. Under QEMU's instruction counting a
 * nanosecond is an instruction. "fill" makes the files first. Writes include their
 * share of an fsync at the end. Before reads the cache is emptied; for random ones
 * of the buffered kind, readahead is turned off by fadvise.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "aioqueue.h"

#define PIECES 16

enum what { FILL, READ, WRITE };

static const char *path;
static enum what what;
static bool direct, random_order, without_idle, without_sync;
static size_t block, count, warm;
static uint64_t blocks, span;
static unsigned int depth, files = 1, threads = 1;
static int *fds;

static pthread_barrier_t start, warmed;

static void failed(const char *step)
{
	fprintf(stderr, "iobench: %s: %s: %s\n", path, step, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/*
 * Nanoseconds for which the CPU was idle until now. /proc/stat has them too, but in
 * hundredths of a second.
 */
static uint64_t idle(void)
{
	unsigned long long ns = 0, part;
	unsigned int found = 0;
	char line[256];
	FILE *f;

	if (!without_idle)
		return 0;
	f = fopen("/proc/timer_list", "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " .idle_sleeptime : %llu nsecs", &part) == 1 ||
		    sscanf(line, " .iowait_sleeptime : %llu nsecs", &part) == 1) {
			ns += part;
			found++;
		}
	}
	if (found != 2)
		failed("the idle time of one CPU in /proc/timer_list");
	fclose(f);
	return ns;
}

/*
 * Operation @i's file and its position there.  The random order is a walk with an odd
 * stride, which visits none of a power of two twice.
 */
static int place(uint64_t i, off_t *pos)
{
	uint64_t n = random_order ? (i * 0x9e3779b1ULL + 12345) % blocks : i % blocks;
	uint64_t at = n / files;
	uint64_t piece = blocks / files / PIECES;

	if (span)
		*pos = at / piece * (span / PIECES) + at % piece * block;
	else
		*pos = at * block;
	return fds[n % files];
}

static void one_by_one(char *buf, uint64_t from, uint64_t to, unsigned int step)
{
	for (uint64_t i = from; i < to; i += step) {
		off_t pos;
		int fd = place(i, &pos);
		ssize_t n = what == READ ? pread(fd, buf, block, pos) : pwrite(fd, buf, block, pos);

		if (n != (ssize_t)block)
			failed(what == READ ? "read" : "write");
	}
}

static void reap(struct queue *q, unsigned int *freed)
{
	long result;

	*freed = queue_reap(q, &result);
	if (result != (long)block) {
		errno = result < 0 ? -result : EIO;
		failed("asynchronous request");
	}
}

static void queued(struct queue *q, char *buf, uint64_t from, uint64_t to, unsigned int step)
{
	unsigned int used = 0, under_way = 0, id;

	for (uint64_t i = from; i < to; i += step) {
		off_t pos;
		int fd = place(i, &pos), err;

		if (used < depth)
			id = used++;
		else
			reap(q, &id), under_way--;
		err = queue_submit(q, id, fd, what == WRITE, buf + id * block, block, pos);
		if (err) {
			errno = -err;
			failed("submit");
		}
		under_way++;
	}
	while (under_way--)
		reap(q, &id);
}

static void run(struct queue *q, char *buf, uint64_t from, uint64_t to, unsigned int step)
{
	if (depth)
		queued(q, buf, from, to, step);
	else
		one_by_one(buf, from, to, step);
}

/* Warms up, and does its share once the main thread has looked at the clock. */
static void *work(void *arg)
{
	uint64_t self = (uintptr_t)arg;
	size_t bytes = block * (depth ? depth : 1);
	char *buf = aligned_alloc(4096, bytes);
	struct queue q;

	if (!buf)
		failed("memory");
	memset(buf, 0x5a, bytes);
	if (depth)
		queue_init(&q, ENGINE_URING, depth, buf, bytes);
	run(&q, buf, self, warm, threads);
	pthread_barrier_wait(&warmed);
	pthread_barrier_wait(&start);
	run(&q, buf, warm + self, warm + count, threads);
	return NULL;
}

static void sync_files(void)
{
	for (unsigned int i = 0; i < files; i++)
		if (fsync(fds[i]))
			failed("fsync");
}

static void drop_caches(void)
{
	int control = open("/proc/sys/vm/drop_caches", O_WRONLY);

	if (control < 0 || write(control, "1", 1) != 1)
		failed("dropping caches");
	close(control);
}

static void open_files(void)
{
	int flags = (what == READ ? O_RDONLY : O_RDWR) | (direct ? O_DIRECT : 0);
	char name[4096];

	if (what == FILL)
		flags |= O_CREAT | O_TRUNC;
	fds = calloc(files, sizeof(*fds));
	if (!fds)
		failed("memory");
	for (unsigned int i = 0; i < files; i++) {
		snprintf(name, sizeof(name), files > 1 ? "%s.%u" : "%s", path, i);
		fds[i] = open(name, flags, 0600);
		if (fds[i] < 0)
			failed("open");
		if (what == FILL && span && ftruncate(fds[i], span))
			failed("truncate");
	}
}

static void fill(void)
{
	char *buf = aligned_alloc(4096, block);

	if (!buf)
		failed("memory");
	memset(buf, 0x5a, block);
	random_order = false;
	one_by_one(buf, 0, blocks, 1);
	sync_files();
}

static void measure(void)
{
	pthread_t *all = calloc(threads, sizeof(*all));
	uint64_t begin, end, idle_before;

	if (!all || pthread_barrier_init(&warmed, NULL, threads + 1) ||
	    pthread_barrier_init(&start, NULL, threads + 1))
		failed("memory");
	for (unsigned int i = 0; i < threads; i++)
		if (pthread_create(&all[i], NULL, work, (void *)(uintptr_t)i))
			failed("thread");
	pthread_barrier_wait(&warmed);
	sync_files();
	drop_caches();
	for (unsigned int i = 0; i < files && what == READ && !direct; i++)
		posix_fadvise(fds[i], 0, 0, random_order ? POSIX_FADV_RANDOM : POSIX_FADV_NORMAL);

	idle_before = idle();
	begin = now();
	pthread_barrier_wait(&start);
	for (unsigned int i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	if (what == WRITE && !without_sync)
		sync_files();
	end = now();
	printf("%llu\n", (unsigned long long)((end - begin - (idle() - idle_before)) / count));
}

static enum what what_by_name(const char *name)
{
	return !strcmp(name, "fill") ? FILL : !strcmp(name, "write") ? WRITE : READ;
}

int main(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "d:f:ij:ns:")) != -1) {
		if (option == 'd')
			depth = strtoul(optarg, NULL, 0);
		else if (option == 'f')
			files = strtoul(optarg, NULL, 0);
		else if (option == 'i')
			without_idle = true;
		else if (option == 'j')
			threads = strtoul(optarg, NULL, 0);
		else if (option == 'n')
			without_sync = true;
		else if (option == 's')
			span = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	argv += optind;
	if (argc - optind != 7 || !files || !threads) {
		fprintf(stderr, "usage: iobench [-d DEPTH] [-f FILES] [-i] [-j THREADS] [-n] [-s SPAN] FILE "
				"fill|read|write direct|buffered rand|seq BLOCK BYTES COUNT\n");
		return 2;
	}
	path = argv[0];
	what = what_by_name(argv[1]);
	direct = !strcmp(argv[2], "direct");
	random_order = !strcmp(argv[3], "rand");
	block = strtoul(argv[4], NULL, 0);
	blocks = strtoull(argv[5], NULL, 0) / block;
	count = strtoul(argv[6], NULL, 0);
	warm = count / 4 + 1;
	/* This program's own pages must not go when caches are emptied. */
	if (mlockall(MCL_CURRENT))
		failed("mlockall");
	open_files();
	if (what == FILL)
		fill();
	else
		measure();
	return 0;
}

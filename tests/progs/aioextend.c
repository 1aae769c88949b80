// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that extend one file at the same time: through the page cache, O_DIRECT,
 * libaio, io_uring and fallocate(), in any order, while parts of it are written again,
 * from memory that is not all there and by mappings as well, synced, forgotten, and cut
 * off. All that is read is compared with a model that they share.
 *
 *	aioextend FILE PROCESSES OPERATIONS SEED MODEL [whole]
 *
 * A byte belongs to who extended the file by it. What is written by a mapping is whole
 * blocks, as nobody else may write to these. The model is written to the file MODEL
 * at the end, of the size that FILE must have. With "whole", direct I/O is of whole
 * blocks only, and of memory that is there: for other filesystems.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aioqueue.h"

#define BLOCK 4096UL
#define MAX_SIZE (4UL << 20)
#define MAX_LENGTH (320UL << 10)	/* more than a run */
#define MAX_REGIONS 64
#define MAX_CUTS 1024
#define DEPTH 4

enum { CACHED, DIRECT, AIO, URING, WAYS };
static const char *const ways[] = { "cached", "direct", "libaio", "io_uring" };

static struct shared {
	pthread_rwlock_t cutting;	/* who cuts the file has it alone */
	size_t end;			/* of what somebody has taken; atomic */
	unsigned int cuts;		/* how often it was cut, and... */
	size_t cut_to[MAX_CUTS];	/* ...to what */
	unsigned char model[MAX_SIZE];
} *shared;

struct region {
	size_t at, len;
};

static const char *path;
static unsigned int me, seen_cuts;
static bool whole_only;
static uint64_t state;
static int cached, direct;
static unsigned char *map;		/* MAX_SIZE */
static struct region mine[MAX_REGIONS];
static unsigned int regions;
static unsigned char *buf;		/* MAX_LENGTH, and as much that is not there */
static struct queue queues[2];
static char last[200];			/* operation, for messages */

__attribute__((format(printf, 1, 2), noreturn))
static void wrong(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "aioextend: process %u, %s: ", me, last);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static size_t below(size_t n)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (z ^ (z >> 31)) % n;
}

static void fill(unsigned char *p, size_t len)
{
	size_t seed = below(1 << 30);

	for (size_t i = 0; i < len; i++)
		p[i] = (seed + i) * 2654435761u >> 13;
}

/* ---- writing and reading ---- */

/* In a few requests at once; what was written in one piece, or an error. */
static long queued(struct queue *q, const unsigned char *from, size_t len, size_t at)
{
	size_t piece = (len / DEPTH + BLOCK) / BLOCK * BLOCK, done = len;
	long results[DEPTH], result, err = 0;
	unsigned int nr = 0, left = 0;

	for (size_t pos = 0; pos < len; pos += piece, nr++) {
		size_t n = len - pos < piece ? len - pos : piece;

		results[nr] = queue_submit(q, nr, direct, true, (void *)(from + pos), n, at + pos);
		/* libaio tells some errors at once; then it is not under way */
		left += !results[nr];
	}
	while (left--) {
		unsigned int id = queue_reap(q, &result);

		results[id] = result;
	}
	for (unsigned int i = nr; i-- > 0;) {
		size_t n = len - i * piece < piece ? len - i * piece : piece;

		if (results[i] < (long)n) {
			done = i * piece + (results[i] > 0 ? results[i] : 0);
			err = results[i];
		}
	}
	return done || !err ? (long)done : err;
}

static long write_from(unsigned int way, const unsigned char *from, size_t len, size_t at)
{
	ssize_t ret;

	if (way >= AIO)
		return queued(&queues[way - AIO], from, len, at);
	ret = pwrite(way == CACHED ? cached : direct, from, len, at);
	return ret < 0 ? -errno : ret;
}

static void write_region(unsigned int way, size_t at, size_t len)
{
	long ret;

	fill(buf, len);
	memcpy(shared->model + at, buf, len);
	snprintf(last, sizeof(last), "%s write of %zu at %zu", ways[way], len, at);
	ret = write_from(way, buf, len, at);
	if (ret != (long)len)
		wrong("%ld", ret);
}

/*
 * From memory that ends before the write does: what it says was written is, and no
 * more. Returns that.
 */
static size_t bad_write(unsigned int way, size_t at, size_t len)
{
	size_t good = below(3) ? below(len) / BLOCK * BLOCK : 0;
	long ret;

	if (whole_only)
		way = CACHED;
	fill(buf + MAX_LENGTH - good, good);
	snprintf(last, sizeof(last), "%s write of %zu at %zu, %zu of it there", ways[way], len, at, good);
	ret = write_from(way, buf + MAX_LENGTH - good, len, at);
	if (ret != -EFAULT && (ret < 0 || ret > (long)good))
		wrong("%ld", ret);
	if (ret < 0)
		return 0;
	memcpy(shared->model + at, buf + MAX_LENGTH - good, ret);
	return ret;
}

static unsigned int some_way(size_t at, size_t len)
{
	return whole_only && (at | len) % BLOCK ? CACHED : below(WAYS);
}

/* How it was read. */
static const char *read_region(size_t at, size_t len)
{
	unsigned int way = some_way(at, len) == CACHED ? CACHED : DIRECT;
	ssize_t ret;

	if (way == CACHED && below(2)) {
		memcpy(buf, map + at, len);
		return "mapped";
	}
	ret = pread(way == CACHED ? cached : direct, buf, len, at);
	if (ret != (ssize_t)len)
		wrong("then %s read of %zu at %zu: %zd %s", ways[way], len, at, ret,
		      ret < 0 ? strerror(errno) : "");
	return ways[way];
}

static void check_region(size_t at, size_t len)
{
	const char *way = read_region(at, len);
	size_t n = 0;

	if (!memcmp(buf, shared->model + at, len))
		return;
	for (size_t i = 0; i < len; i++)
		n += buf[i] != shared->model[at + i];
	for (size_t i = 0; i < len; i++)
		if (buf[i] != shared->model[at + i])
			wrong("then %s read of %zu at %zu: %zu bytes differ, the first, at %zu, is %02x, not %02x",
			      way, len, at, n, at + i, buf[i], shared->model[at + i]);
}

/* ---- what belongs to whom ---- */

static size_t some_length(void)
{
	switch (below(4)) {
	case 0:
		return 1 + below(100);
	case 1:
		return 1 + below(3 * BLOCK);
	case 2:
		return (1 + below(8)) * BLOCK;
	default:
		return 1 + below(MAX_LENGTH);
	}
}

/* The next bytes of the file, mostly to a block's end. */
static struct region take(void)
{
	size_t len = some_length(), end = __atomic_load_n(&shared->end, __ATOMIC_RELAXED);
	bool whole = below(4);
	struct region r;

	do {
		r = (struct region) { .at = end, .len = len };
		if (whole)
			r.len = (end + len + BLOCK - 1) / BLOCK * BLOCK - end;
		if (r.len > MAX_LENGTH)
			r.len = MAX_LENGTH;
		if (r.at + r.len > MAX_SIZE)
			r.len = 0;
	} while (!__atomic_compare_exchange_n(&shared->end, &end, r.at + r.len, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	return r;
}

static void forget_cut_off(void)
{
	for (; seen_cuts < shared->cuts; seen_cuts++) {
		size_t size = shared->cut_to[seen_cuts];

		for (unsigned int i = 0; i < regions; i++)
			if (mine[i].at + mine[i].len > size)
				mine[i].len = mine[i].at < size ? size - mine[i].at : 0;
	}
	for (unsigned int i = 0; i < regions; i++)
		if (!mine[i].len)
			mine[i--] = mine[--regions];
}

/* Part of what is mine, often whole blocks. */
static struct region some_part(void)
{
	struct region r = mine[below(regions)];
	size_t cut, end;

	cut = below(r.len);
	r.at += cut;
	r.len -= cut;
	r.len -= below(r.len);
	end = r.at + r.len;
	if (below(3) && end / BLOCK > (r.at + BLOCK - 1) / BLOCK) {
		r.at = (r.at + BLOCK - 1) / BLOCK * BLOCK;
		r.len = end / BLOCK * BLOCK - r.at;
	}
	return r;
}

/* ---- operations ---- */

/* Not every filesystem can. */
static bool extend_by_fallocate(struct region r)
{
	snprintf(last, sizeof(last), "fallocate of %zu at %zu", r.len, r.at);
	if (!fallocate(cached, 0, r.at, r.len))
		return true;
	if (errno != EOPNOTSUPP)
		wrong("%s", strerror(errno));
	return false;
}

static void extend(void)
{
	struct region r = take();
	size_t done = 0;

	if (!r.len)
		return;
	if (below(8) || !extend_by_fallocate(r)) {
		if (!below(4))
			done = bad_write(some_way(r.at, r.len), r.at, r.len);
		if (done < r.len)
			write_region(some_way(r.at + done, r.len - done), r.at + done, r.len - done);
	}
	if (regions == MAX_REGIONS)
		mine[below(regions)] = r;
	else
		mine[regions++] = r;
	if (below(2))
		check_region(r.at, r.len);
}

static void rewrite(bool bad)
{
	struct region r = some_part();

	if (bad)
		bad_write(some_way(r.at, r.len), r.at, r.len);
	else
		write_region(some_way(r.at, r.len), r.at, r.len);
	check_region(r.at, r.len);
}

static void rewrite_mapped(void)
{
	struct region r = some_part();

	if ((r.at | r.len) % BLOCK)
		return;
	fill(buf, r.len);
	memcpy(shared->model + r.at, buf, r.len);
	snprintf(last, sizeof(last), "mapped write of %zu at %zu", r.len, r.at);
	memcpy(map + r.at, buf, r.len);
	if (!below(3) && msync(map + r.at, r.len, below(2) ? MS_SYNC : MS_ASYNC))
		wrong("msync: %s", strerror(errno));
	check_region(r.at, r.len);
}

static void open_files(void)
{
	cached = open(path, O_RDWR);
	direct = open(path, O_RDWR | O_DIRECT);
	map = mmap(NULL, MAX_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, cached, 0);
	if (cached < 0 || direct < 0 || map == MAP_FAILED)
		wrong("%s: %s", path, strerror(errno));
}

static void look_after(void)
{
	struct region r = some_part();
	int err = 0;

	strcpy(last, "syncing");
	switch (below(7)) {
	case 0:
		err = fsync(cached);
		break;
	case 1:
		err = fdatasync(direct);
		break;
	case 2:
		err = munmap(map, MAX_SIZE) || close(cached) || close(direct);
		open_files();
		break;
	case 3:
		errno = posix_fadvise(cached, r.at, r.len, POSIX_FADV_DONTNEED);
		err = errno;
		break;
	case 4:
		err = syncfs(cached);
		break;
	default:
		err = sync_file_range(cached, 0, 0, SYNC_FILE_RANGE_WRITE);
	}
	if (err)
		wrong("%s", strerror(errno));
}

/* With the file for itself, but for what is being written back. */
static void cut(void)
{
	size_t size = shared->end - below(shared->end / (below(4) ? 8 : 1) + 1);

	if (shared->cuts == MAX_CUTS)
		return;
	if (below(2))
		size = size / BLOCK * BLOCK;
	snprintf(last, sizeof(last), "cut from %zu to %zu", shared->end, size);
	if (ftruncate(cached, size))
		wrong("%s", strerror(errno));
	memset(shared->model + size, 0, MAX_SIZE - size);
	shared->end = size;
	shared->cut_to[shared->cuts++] = size;
}

static void operation(void)
{
	unsigned int what = below(23);

	if (what == 0 || shared->end > MAX_SIZE * 15 / 16) {
		pthread_rwlock_wrlock(&shared->cutting);
		cut();
	} else {
		pthread_rwlock_rdlock(&shared->cutting);
		forget_cut_off();
		if (what < 11 || !regions)
			extend();
		else if (what < 14)
			rewrite(false);
		else if (what < 17)
			rewrite(true);
		else if (what < 20)
			rewrite_mapped();
		else
			look_after();
	}
	pthread_rwlock_unlock(&shared->cutting);
}

static void no_page(int signal)
{
	wrong("signal %d", signal);
}

static void work(unsigned int operations)
{
	signal(SIGBUS, no_page);
	queue_init(&queues[0], ENGINE_AIO, DEPTH, NULL, 0);
	queue_init(&queues[1], ENGINE_URING, DEPTH, NULL, 0);
	buf = mmap(NULL, 2 * MAX_LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buf == MAP_FAILED || mprotect(buf + MAX_LENGTH, MAX_LENGTH, PROT_NONE))
		queue_die("mmap", errno);
	open_files();
	for (unsigned int i = 0; i < operations; i++)
		operation();
	exit(0);
}

static void prepare_shared(void)
{
	pthread_rwlockattr_t attr;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		queue_die("mmap", errno);
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&shared->cutting, &attr);
}

/* Who found something wrong may have kept the lock. */
static int wait_for_all(void)
{
	int status, bad = 0;

	while (wait(&status) > 0) {
		if (status && !bad) {
			bad = status;
			signal(SIGTERM, SIG_IGN);
			kill(0, SIGTERM);
		}
	}
	return bad;
}

int main(int argc, char **argv)
{
	unsigned int processes, operations;
	int out;

	if (argc != 6 && argc != 7) {
		fprintf(stderr, "usage: aioextend FILE PROCESSES OPERATIONS SEED MODEL [whole]\n");
		return 2;
	}
	whole_only = argc == 7;
	path = argv[1];
	processes = atoi(argv[2]);
	operations = atoi(argv[3]);
	prepare_shared();
	out = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (out < 0 || close(out) || setpgid(0, 0))
		queue_die(path, errno);
	for (me = 0; me < processes; me++) {
		if (!fork()) {
			state = atoi(argv[4]) * 1000003 + me;
			work(operations);
		}
	}
	if (wait_for_all())
		return 1;
	out = open(argv[5], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (out < 0 || write(out, shared->model, shared->end) != (ssize_t)shared->end || close(out))
		queue_die(argv[5], errno);
	printf("%zu bytes, cut %u times\n", shared->end, shared->cuts);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Random asynchronous direct reads and writes of one file, many at once, beside
 * buffered ones and a mapping, all compared with a model in memory.
 *
 *	aiomodel FILE BYTES aio|uring|fixed DEPTH OPERATIONS SEED MODEL
 *
 * FILE is made BYTES long and then filled at random; MODEL gets what it must hold.
 * What is in flight never overlaps a write in flight: everything else may happen.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "aioqueue.h"

#define BLOCK 4096UL
#define MAX_BLOCKS 80UL		/* of a request: more than one run */
#define ROOM ((MAX_BLOCKS + 2) * BLOCK)

struct request {
	bool busy, write;
	size_t pos, len;
	unsigned char *buf;
};

static unsigned char *model, *mapping;
static int *owners;		/* of each block: readers, or -1 for a writer */
static size_t size;
static uint64_t state;
static struct request *requests;
static unsigned int depth, in_flight, most;
static unsigned long step;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void wrong(const char *what, size_t pos, size_t len, long got)
{
	fprintf(stderr, "operation %lu: %s of %zu at %zu: %ld\n", step, what, len, pos, got);
	exit(1);
}

static void compare(const char *what, const unsigned char *buf, size_t pos, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (buf[i] != model[pos + i]) {
			fprintf(stderr, "operation %lu: %s of %zu at %zu: byte %zu is %02x, not %02x\n",
				step, what, len, pos, pos + i, buf[i], model[pos + i]);
			exit(1);
		}
}

static bool own(size_t pos, size_t len, bool write)
{
	size_t first = pos / BLOCK, last = (pos + len - 1) / BLOCK;

	for (size_t i = first; i <= last; i++)
		if (owners[i] < 0 || (write && owners[i]))
			return false;
	for (size_t i = first; i <= last; i++)
		owners[i] += write ? -1 : 1;
	return true;
}

static void disown(size_t pos, size_t len, bool write)
{
	for (size_t i = pos / BLOCK; i <= (pos + len - 1) / BLOCK; i++)
		owners[i] -= write ? -1 : 1;
}

static void fill(unsigned char *buf, size_t len)
{
	uint64_t x = next_random();

	for (size_t i = 0; i < len; i++) {
		if (i % 8 == 0)
			x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		buf[i] = x >> 8 * (i % 8);
	}
}

/* A range in the file; mostly whole blocks. */
static void choose(size_t *pos, size_t *len, bool whole)
{
	size_t blocks = next_random() % 4 ? 1 + next_random() % 4 :
					    1 + next_random() % MAX_BLOCKS;

	*pos = next_random() % (size / BLOCK) * BLOCK;
	*len = blocks * BLOCK;
	if (!whole) {
		*pos += next_random() % BLOCK;
		*len = 1 + next_random() % (3 * BLOCK);
	}
	if (*pos + *len > size)
		*len = size - *pos;
}

static void finish(struct queue *q)
{
	long result;
	unsigned int id = queue_reap(q, &result);
	struct request *r = &requests[id];

	if (id >= depth || !r->busy) {
		fprintf(stderr, "operation %lu: request %u ended twice\n", step, id);
		exit(1);
	}
	if (result != (long)r->len)
		wrong(r->write ? "write" : "read", r->pos, r->len, result);
	if (!r->write)
		compare("read", r->buf, r->pos, r->len);
	disown(r->pos, r->len, r->write);
	r->busy = false;
	in_flight--;
}

static void start(struct queue *q, int fd)
{
	struct request *r = requests;
	unsigned char *room;
	int err;

	while (r->busy)
		r++;
	r->write = next_random() % 2;
	choose(&r->pos, &r->len, next_random() % 16);
	if (!own(r->pos, r->len, r->write))
		return;
	/* memory of any alignment */
	room = r->buf - (uintptr_t)r->buf % BLOCK;
	r->buf = room + (next_random() % 2 ? 0 : next_random() % BLOCK);
	if (r->write) {
		fill(r->buf, r->len);
		memcpy(model + r->pos, r->buf, r->len);
	}
	r->busy = true;
	err = queue_submit(q, r - requests, fd, r->write, r->buf, r->len, r->pos);
	if (err)
		wrong("submission", r->pos, r->len, err);
	if (++in_flight > most)
		most = in_flight;
}

/* What is not asynchronous, in blocks that nobody else is at. */
static void beside(int fd)
{
	static unsigned char buf[MAX_BLOCKS * BLOCK];
	bool write = next_random() % 2;
	bool mapped = next_random() % 2;
	size_t pos, len;

	choose(&pos, &len, next_random() % 2);
	if (!own(pos, len, write))
		return;
	if (write) {
		fill(buf, len);
		memcpy(model + pos, buf, len);
	}
	if (mapped && write)
		memcpy(mapping + pos, buf, len);
	else if (mapped)
		memcpy(buf, mapping + pos, len);
	else if ((write ? pwrite(fd, buf, len, pos) : pread(fd, buf, len, pos)) != (ssize_t)len)
		wrong(write ? "pwrite" : "pread", pos, len, errno);
	if (!write)
		compare(mapped ? "mapped read" : "pread", buf, pos, len);
	disown(pos, len, write);
}

int main(int argc, char **argv)
{
	unsigned long operations;
	unsigned char *area;
	int direct, cached, out;
	struct queue q;

	if (argc != 8) {
		fprintf(stderr, "usage: aiomodel FILE BYTES aio|uring|fixed DEPTH OPERATIONS SEED MODEL\n");
		return 2;
	}
	size = strtoul(argv[2], NULL, 0);
	depth = strtoul(argv[4], NULL, 0);
	operations = strtoul(argv[5], NULL, 0);
	state = strtoul(argv[6], NULL, 0) * 2654435761UL + 1;

	direct = open(argv[1], O_RDWR | O_CREAT | O_DIRECT, 0600);
	cached = open(argv[1], O_RDWR);
	if (direct < 0 || cached < 0 || ftruncate(cached, 0) || ftruncate(cached, size))
		queue_die(argv[1], errno);
	model = calloc(1, size);
	owners = calloc(size / BLOCK + 1, sizeof(*owners));
	requests = calloc(depth, sizeof(*requests));
	area = mmap(NULL, depth * ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, cached, 0);
	if (area == MAP_FAILED || mapping == MAP_FAILED)
		queue_die("mmap", errno);
	for (unsigned int i = 0; i < depth; i++)
		requests[i].buf = area + i * ROOM;
	queue_init(&q, engine_by_name(argv[3]), depth, area, depth * ROOM);

	for (step = 0; step < operations; step++) {
		if (next_random() % 8 == 0)
			beside(cached);
		else if (in_flight < depth)
			start(&q, direct);
		while (in_flight == depth || (in_flight && next_random() % (depth + 1) == 0))
			finish(&q);
	}
	while (in_flight)
		finish(&q);

	out = open(argv[7], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (out < 0 || write(out, model, size) != (ssize_t)size || close(out))
		queue_die(argv[7], errno);
	if (msync(mapping, size, MS_SYNC) || fsync(direct))
		queue_die("fsync", errno);
	printf("%lu operations, %u at once at most\n", operations, most);
	return 0;
}

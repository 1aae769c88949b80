// SPDX-License-Identifier: GPL-2.0
/*
 * Several processes that read and write one file through the page cache, O_DIRECT and
 * shared mappings, each call compared with a model in memory that they share.
 *
 *	sharers FILE BLOCKS PROCESSES OPERATIONS SEED MODEL [whole]
 *
 * A block of the file belongs to who has its lock, and neighbours are used by others
 * at the same time. The model is written to the file MODEL at the end. With "whole",
 * direct I/O is of whole blocks only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK 4096
#define MAX_RUN 8
#define MAX_BLOCKS 256

static struct shared {
	int locks[MAX_BLOCKS];		/* atomic: 1 if taken */
	int stop;
	unsigned char model[MAX_BLOCKS * BLOCK];
} *shared;

static const char *path;
static unsigned int blocks, me;
static bool whole;
static int cached, direct;
static unsigned char *map, *buf;
static unsigned int state;

__attribute__((format(printf, 1, 2), noreturn))
static void wrong(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "sharers: process %u: ", me);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	shared->stop = 1;
	exit(1);
}

static unsigned int below(unsigned int n)
{
	state = state * 1103515245 + 12345;
	return (state >> 8) % n;
}

/* In order of the blocks, so that nobody waits for another in a circle. */
static void lock_blocks(unsigned int first, unsigned int nr)
{
	for (unsigned int i = first; i < first + nr; i++)
		while (__atomic_exchange_n(&shared->locks[i], 1, __ATOMIC_ACQUIRE)) {
			/* who found something wrong has kept its blocks */
			if (__atomic_load_n(&shared->stop, __ATOMIC_RELAXED))
				exit(1);
			usleep(100);
		}
}

static void unlock_blocks(unsigned int first, unsigned int nr)
{
	for (unsigned int i = first; i < first + nr; i++)
		__atomic_store_n(&shared->locks[i], 0, __ATOMIC_RELEASE);
}

enum { READ, WRITE, DIRECT_READ, DIRECT_WRITE, MAP_READ, MAP_WRITE, SYNC, FORGET, KINDS };
static const char *const names[] = { "read", "write", "direct read", "direct write",
				     "mapped read", "mapped write", "msync", "forget" };

static void compare(unsigned int kind, const unsigned char *got, size_t at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (got[i] != shared->model[at + i])
			wrong("%s of %zu at %zu: byte %zu is %02x, not %02x", names[kind], len, at,
			      at + i, got[i], shared->model[at + i]);
}

static void operation(void)
{
	unsigned int kind = below(KINDS), nr = 1 + below(MAX_RUN), first = below(blocks - nr);
	size_t at = (size_t)first * BLOCK, len = (size_t)nr * BLOCK;
	ssize_t n = 0;

	/* not always whole blocks; but nobody else has the rest of them */
	if (below(3) == 0 && !(whole && (kind == DIRECT_READ || kind == DIRECT_WRITE))) {
		size_t cut = below(BLOCK);

		at += cut;
		len -= cut + below(len - cut);
	}
	lock_blocks(first, nr);
	if (kind == WRITE || kind == DIRECT_WRITE || kind == MAP_WRITE) {
		unsigned char seed = below(256);

		for (size_t i = 0; i < len; i++)
			buf[i] = seed + i / 7 + i;
		memcpy(shared->model + at, buf, len);
	}
	switch (kind) {
	case READ:
	case DIRECT_READ:
		n = pread(kind == READ ? cached : direct, buf, len, at);
		break;
	case WRITE:
	case DIRECT_WRITE:
		n = pwrite(kind == WRITE ? cached : direct, buf, len, at);
		break;
	case MAP_READ:
		memcpy(buf, map + at, len);
		break;
	case MAP_WRITE:
		memcpy(map + at, buf, len);
		break;
	case SYNC:
		if (msync(map + first * BLOCK, nr * BLOCK, below(2) ? MS_SYNC : MS_ASYNC))
			wrong("msync: %s", strerror(errno));
		break;
	case FORGET:
		errno = posix_fadvise(cached, at, len, POSIX_FADV_DONTNEED);
		if (errno)
			wrong("posix_fadvise: %s", strerror(errno));
		break;
	}
	if (n < 0 || (kind <= DIRECT_WRITE && (size_t)n != len))
		wrong("%s of %zu at %zu: %zd %s", names[kind], len, at, n,
		      n < 0 ? strerror(errno) : "");
	if (kind == READ || kind == DIRECT_READ || kind == MAP_READ)
		compare(kind, buf, at, len);
	unlock_blocks(first, nr);
}

static void open_file(void)
{
	cached = open(path, O_RDWR);
	direct = open(path, O_RDWR | O_DIRECT);
	map = mmap(NULL, blocks * BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED, cached, 0);
	if (cached < 0 || direct < 0 || map == MAP_FAILED)
		wrong("%s: %s", path, strerror(errno));
}

static void work(unsigned int operations)
{
	open_file();
	for (unsigned int i = 0; i < operations && !shared->stop; i++) {
		operation();
		if (below(100) == 0) {
			/* a new mapping, and what the old one had goes on */
			if (munmap(map, blocks * BLOCK) || close(cached) || close(direct))
				wrong("close: %s", strerror(errno));
			open_file();
		}
	}
	exit(shared->stop);
}

int main(int argc, char **argv)
{
	unsigned int processes, operations;
	int status, out, bad = 0;

	if (argc != 7 && argc != 8)
		return fprintf(stderr, "usage: sharers FILE BLOCKS PROCESSES OPERATIONS SEED MODEL [whole]\n"), 2;
	whole = argc == 8;
	path = argv[1];
	blocks = atoi(argv[2]);
	processes = atoi(argv[3]);
	operations = atoi(argv[4]);
	if (blocks > MAX_BLOCKS || blocks <= MAX_RUN)
		return 2;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	buf = aligned_alloc(BLOCK, MAX_RUN * BLOCK);
	if (shared == MAP_FAILED || !buf)
		return 2;
	out = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (out < 0 || ftruncate(out, blocks * BLOCK) || close(out))
		wrong("%s: %s", path, strerror(errno));
	for (me = 0; me < processes; me++) {
		if (!fork()) {
			state = atoi(argv[5]) + me * 7919;
			work(operations);
		}
	}
	while (wait(&status) > 0)
		bad |= status;
	out = open(argv[6], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (bad || out < 0 || write(out, shared->model, blocks * BLOCK) != (ssize_t)blocks * BLOCK)
		return 1;
	return 0;
}

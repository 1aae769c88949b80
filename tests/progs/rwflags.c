// SPDX-License-Identifier: GPL-2.0
/*
 * Flags of reads and writes: those of an open file (O_APPEND, O_SYNC...) and those
 * of one call (RWF_*).
 *
 *	rwflags table FILE	prints what each flag of a call does, for files opened in
 *				each way; not RWF_NOWAIT, which is every filesystem's own
 *	rwflags nowait FILE	with RWF_NOWAIT: it is done, or nothing is
 *	rwflags append FILE ID COUNT HOW
 *				appends records, each in a write of its own
 *	rwflags watch FILE	reads them, with O_DIRECT, until FILE is renamed; none may
 *				be wrong, or cut but the last
 *	rwflags check FILE WRITERS COUNT
 *				they are all there, in the order of each writer
 *	rwflags write FILE HOW OFFSET LENGTH SEED
 *				one write of the pattern
 *
 * HOW has letters: a (O_APPEND), A (RWF_APPEND), d (O_DIRECT), s (O_SYNC), y (O_DSYNC),
 * S (RWF_SYNC), Y (RWF_DSYNC); others do nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pattern.h"

/* Older headers of the C library don't have these. */
#ifndef RWF_NOAPPEND
#define RWF_NOAPPEND 0x20
#endif
#ifndef RWF_ATOMIC
#define RWF_ATOMIC 0x40
#endif

#define BLOCK 4096
#define MAX_RECORD 6000

struct record {
	uint32_t magic, writer, seq, len;	/* len with this header */
};
#define MAGIC 0x72656321

static char *buf, *big;

static void die(const char *what)
{
	fprintf(stderr, "rwflags: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void wrong(const char *what, long long a, long long b)
{
	fprintf(stderr, "rwflags: %s: %lld, not %lld\n", what, a, b);
	exit(1);
}

/* ---- a table of answers ---- */

static const struct {
	const char *name;
	int flags;
} opens[] = {
	{ "plain", 0 },
	{ "O_APPEND", O_APPEND },
	{ "O_DIRECT", O_DIRECT },
	{ "O_DIRECT|O_APPEND", O_DIRECT | O_APPEND },
	{ "O_SYNC", O_SYNC },
	{ "O_DSYNC|O_DIRECT", O_DSYNC | O_DIRECT },
	{ "O_NONBLOCK", O_NONBLOCK },
}, calls[] = {
	{ "0", 0 },
	{ "HIPRI", RWF_HIPRI },
	{ "DSYNC", RWF_DSYNC },
	{ "SYNC", RWF_SYNC },
	{ "APPEND", RWF_APPEND },
	{ "NOAPPEND", RWF_NOAPPEND },
	{ "APPEND|NOAPPEND", RWF_APPEND | RWF_NOAPPEND },
	{ "APPEND|DSYNC|HIPRI", RWF_APPEND | RWF_DSYNC | RWF_HIPRI },
	{ "ATOMIC", RWF_ATOMIC },
	{ "unknown", 0x40000000 },
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* A file of two blocks, opened in one of the ways, its position in the middle. */
static int fresh(const char *path, int flags)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

	pattern_fill(buf, 2 * BLOCK, 1, 0);
	if (fd < 0 || pwrite(fd, buf, 2 * BLOCK, 0) != 2 * BLOCK || close(fd))
		die(path);
	fd = open(path, O_RDWR | flags);
	if (fd < 0 || lseek(fd, BLOCK, SEEK_SET) != BLOCK)
		die(path);
	return fd;
}

/* The size and a sum of what is in the file. */
static void print_content(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, big, 16 * BLOCK);
	uint64_t sum = 0;

	if (n < 0)
		die(path);
	for (ssize_t i = 0; i < n; i++)
		sum = sum * 31 + (unsigned char)big[i];
	printf(" size %zd sum %016llx", n, (unsigned long long)sum);
	close(fd);
}

static void print_result(ssize_t ret)
{
	if (ret < 0)
		printf(" %s", strerrorname_np(errno));
	else
		printf(" %zd", ret);
}

static void table(const char *path)
{
	for (size_t o = 0; o < COUNT(opens); o++) {
		for (size_t c = 0; c < COUNT(calls) * 2; c++) {
			int flags = calls[c / 2].flags;
			off_t pos = c % 2 ? -1 : BLOCK;
			struct iovec iov = { buf, BLOCK };
			int fd = fresh(path, opens[o].flags);
			ssize_t ret;

			pattern_fill(buf, BLOCK, 2, 0);
			ret = pwritev2(fd, &iov, 1, pos, flags);
			printf("%s %s at %lld:", opens[o].name, calls[c / 2].name, (long long)pos);
			print_result(ret);
			printf(" position %lld", (long long)lseek(fd, 0, SEEK_CUR));
			print_content(path);
			lseek(fd, 0, SEEK_SET);
			memset(buf, 0, BLOCK);
			ret = preadv2(fd, &iov, 1, pos, flags);
			printf("; read:");
			print_result(ret);
			printf(" %02x position %lld\n", (unsigned char)buf[100],
			       (long long)lseek(fd, 0, SEEK_CUR));
			close(fd);
		}
	}
}

/* It was done in full, or nothing was, with an errno that says so. */
static void nowait(const char *path)
{
	for (size_t o = 0; o < COUNT(opens); o++) {
		struct iovec iov = { buf, BLOCK };
		int fd = fresh(path, opens[o].flags);
		off_t at = opens[o].flags & O_APPEND ? 2 * BLOCK : 0;
		struct stat st;
		ssize_t ret;

		pattern_fill(buf, BLOCK, 2, at);
		ret = pwritev2(fd, &iov, 1, 0, RWF_NOWAIT);
		if (ret < 0 && errno != EAGAIN && errno != EOPNOTSUPP)
			die("writing with RWF_NOWAIT");
		if (ret >= 0 && ret != BLOCK)
			wrong("written with RWF_NOWAIT", ret, BLOCK);
		if (fstat(fd, &st))
			die("fstat");
		if (st.st_size != (ret > 0 && at ? 3 * BLOCK : 2 * BLOCK))
			wrong("size after RWF_NOWAIT", st.st_size, 2 * BLOCK);
		if (pread(fd, big, 3 * BLOCK, 0) != st.st_size)
			die("read");
		for (off_t i = 0; i < st.st_size; i++) {
			bool new = ret > 0 && i >= at && i < at + BLOCK;

			if ((unsigned char)big[i] != pattern(new ? 2 : 1, i))
				wrong("a byte after RWF_NOWAIT, at", i, -1);
		}
		memset(buf, 0, BLOCK);
		ret = preadv2(fd, &iov, 1, BLOCK, RWF_NOWAIT);
		if (ret < 0 && errno != EAGAIN && errno != EOPNOTSUPP)
			die("reading with RWF_NOWAIT");
		for (ssize_t i = 0; i < ret; i++)
			if ((unsigned char)buf[i] != pattern(1, BLOCK + i))
				wrong("a byte read with RWF_NOWAIT, at", i, -1);
		close(fd);
	}
}

/* ---- writers at the same time ---- */

static int open_how(const char *path, const char *how, int flags)
{
	int fd;

	flags |= strchr(how, 'a') ? O_APPEND : 0;
	flags |= strchr(how, 'd') ? O_DIRECT : 0;
	flags |= strchr(how, 's') ? O_SYNC : 0;
	flags |= strchr(how, 'y') ? O_DSYNC : 0;
	fd = open(path, flags, 0644);
	if (fd < 0)
		die(path);
	return fd;
}

static int call_how(const char *how)
{
	return (strchr(how, 'A') ? RWF_APPEND : 0) | (strchr(how, 'S') ? RWF_SYNC : 0) |
	       (strchr(how, 'Y') ? RWF_DSYNC : 0);
}

static uint64_t record_seed(const struct record *r)
{
	return 1 + r->writer * 1000 + r->seq;
}

static void append(const char *path, unsigned int id, unsigned int count, const char *how)
{
	int fd = open_how(path, how, O_WRONLY | O_CREAT);

	srandom(id);
	for (unsigned int i = 0; i < count; i++) {
		struct record *r = (struct record *)buf;
		struct iovec iov = { buf, 0 };

		*r = (struct record){ MAGIC, id, i, 0 };
		r->len = sizeof(*r) + random() % (MAX_RECORD - sizeof(*r));
		if (i % 4 == 0)
			r->len = BLOCK;
		pattern_fill(buf + sizeof(*r), r->len - sizeof(*r), record_seed(r), 0);
		iov.iov_len = r->len;
		/* the position is where nothing must be written */
		if (pwritev2(fd, &iov, 1, 0, call_how(how)) != (ssize_t)r->len)
			die("append");
	}
	if (close(fd))
		die("close");
}

/*
 * Checks the record at the beginning of @len bytes; 0 if it goes on past them.
 */
static size_t check_record(const char *at, size_t len, off_t pos)
{
	struct record r;

	if (len < sizeof(r))
		return 0;
	memcpy(&r, at, sizeof(r));
	if (r.magic != MAGIC || r.len < sizeof(r) || r.len > MAX_RECORD)
		wrong("no record at", pos, MAGIC);
	if (len < r.len)
		return 0;
	for (size_t i = sizeof(r); i < r.len; i++)
		if ((unsigned char)at[i] != pattern(record_seed(&r), i - sizeof(r)))
			wrong("a byte of a record, at", pos + i, -1);
	return r.len;
}

/* All records of an open file: the bytes in them. */
static off_t check_records(int fd, void (*each)(const struct record *r))
{
	size_t have = 0, n;
	off_t pos = 0;
	ssize_t got;

	while ((got = pread(fd, big + have, 16 * BLOCK, pos + have)) > 0) {
		size_t at = 0;

		have += got;
		while ((n = check_record(big + at, have - at, pos + at))) {
			if (each)
				each((struct record *)(big + at));
			at += n;
		}
		memmove(big, big + at, have - at);
		have -= at;
		pos += at;
	}
	if (got < 0)
		die("read");
	return pos;
}

static void watch(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECT), rounds = 0;
	struct stat st, mine;

	if (fd < 0 || fstat(fd, &mine))
		die(path);
	do {
		check_records(fd, NULL);
		rounds++;
	} while (!stat(path, &st) && st.st_ino == mine.st_ino);
	printf("read %d times\n", rounds);
}

static unsigned int next[16];

static void count_record(const struct record *r)
{
	if (r->writer >= COUNT(next))
		wrong("writer", r->writer, -1);
	if (r->seq != next[r->writer])
		wrong("number of a record", r->seq, next[r->writer]);
	next[r->writer]++;
}

static void check(const char *path, unsigned int writers, unsigned int count)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	off_t end;

	if (fd < 0 || fstat(fd, &st))
		die(path);
	end = check_records(fd, count_record);
	if (end != st.st_size)
		wrong("bytes in records", end, st.st_size);
	for (unsigned int i = 0; i < writers; i++)
		if (next[i] != count)
			wrong("records of a writer", next[i], count);
}

static void write_once(char **arg)
{
	size_t len = strtoul(arg[3], NULL, 0);
	off_t pos = strtoll(arg[2], NULL, 0);
	int fd = open_how(arg[0], arg[1], O_WRONLY);
	char *data = aligned_alloc(BLOCK, (len + BLOCK) / BLOCK * BLOCK);
	struct iovec iov = { data, len };

	if (!data)
		die("memory");
	pattern_fill(data, len, strtoull(arg[4], NULL, 0), pos);
	if (pwritev2(fd, &iov, 1, pos, call_how(arg[1])) != (ssize_t)len)
		die("write");
	/* what closing would do is not what is asked for */
	kill(getpid(), SIGSTOP);
}

int main(int argc, char **argv)
{
	buf = aligned_alloc(BLOCK, 16 * BLOCK);
	big = aligned_alloc(BLOCK, 64 * BLOCK);
	if (!buf || !big)
		die("memory");
	if (argc == 3 && !strcmp(argv[1], "table"))
		table(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "nowait"))
		nowait(argv[2]);
	else if (argc == 6 && !strcmp(argv[1], "append"))
		append(argv[2], atoi(argv[3]), atoi(argv[4]), argv[5]);
	else if (argc == 3 && !strcmp(argv[1], "watch"))
		watch(argv[2]);
	else if (argc == 5 && !strcmp(argv[1], "check"))
		check(argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (argc == 7 && !strcmp(argv[1], "write"))
		write_once(argv + 2);
	else
		return fprintf(stderr, "usage: rwflags OPERATION ARGUMENT...; see its source\n"), 2;
	return 0;
}

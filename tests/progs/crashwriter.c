// SPDX-License-Identifier: GPL-2.0
/*
 * A writer to be interrupted by a crash, and the check of what is there after it.
 *
 *   crashwriter DIR LOG SEED     writes files in DIR until it is killed
 *   crashwriter -c NAME SIZE     checks a file's content on standard input
 *
 * A byte of a file depends on its offset alone, so at any moment it is the pattern
 * or, where nothing was written yet, zero. The log has lines
 *
 *   S NAME SIZE    that many bytes were synced
 *   T NAME SIZE    the file is about to be cut to this size
 *   B NAME SIZE    it is about to be written, and to get this size
 *   C NAME SIZE    it has been cut
 *
 * so that what must be there is the last S, less what a T after it cut off, and what
 * may be there is the largest B since the last C. Beside these files others, of which
 * nothing is said, are made, written and removed: n0, n1...
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pattern.h"

#define FILES 4
#define NEW_FILES 8
#define MAX_SIZE (600 << 10)
#define MAX_WRITE (40 << 10)

enum { BUFFERED, DIRECT, MIXED, CUTTING };

static struct file {
	int kind, cached, direct;
	off_t size, synced;
	char name[8];
} files[FILES];

static int log_fd;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void say(char what, const struct file *f, off_t size)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%c %s %lld\n", what, f->name, (long long)size);

	if (write(log_fd, line, n) != n)
		die("log");
}

static void say_synced(struct file *f, off_t size)
{
	f->synced = size;
	say('S', f, size);
}

static void append(struct file *f, int direct)
{
	static char *buf;
	size_t len = 1 + random() % MAX_WRITE;
	int flags = random() % 8 ? 0 : RWF_DSYNC;
	struct iovec iov;

	if (!buf && !(buf = aligned_alloc(4096, MAX_WRITE + 4096)))
		die("memory");
	if (direct && random() % 4) {
		/* to a block's end, mostly */
		len = (len | 4095) + 1 - f->size % 4096;
	}
	pattern_fill(buf, len, f->name[0], f->size);
	iov = (struct iovec){ buf, len };
	say('B', f, f->size + len);
	if (pwritev2(direct ? f->direct : f->cached, &iov, 1, f->size, flags) != (ssize_t)len)
		die("write");
	/* it syncs what it writes, and nothing before that */
	if (flags && f->synced == f->size)
		say_synced(f, f->size + len);
	f->size += len;
}

static void cut(struct file *f)
{
	off_t size = random() % (f->size + 1);

	if (random() % 3 == 0)
		size &= ~4095;
	say('T', f, size);
	if (ftruncate(f->cached, size))
		die("ftruncate");
	say('C', f, size);
	f->size = size;
	if (f->synced > size)
		f->synced = size;
}

/* Makes a new file, or another one of an old one, or removes it. */
static void renew(const char *dir)
{
	static char buf[20000];
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/n%ld", dir, random() % NEW_FILES);
	if (random() % 3 == 0) {
		if (unlink(path) && errno != ENOENT)
			die(path);
		return;
	}
	fd = open(path, O_RDWR | O_CREAT | (random() % 2 ? O_TRUNC : 0), 0644);
	if (fd < 0)
		die(path);
	if (random() % 4) {
		size_t len = 1 + random() % sizeof(buf);

		pattern_fill(buf, len, 'n', 0);
		if (pwrite(fd, buf, len, 0) != (ssize_t)len)
			die("write");
	}
	if (random() % 8 == 0 && fsync(fd))
		die("fsync");
	close(fd);
}

/* All of them. */
static void sync_files(void)
{
	if (random() % 2)
		sync();
	else if (syncfs(files[0].cached))
		die("syncfs");
	for (int i = 0; i < FILES; i++)
		say_synced(&files[i], files[i].size);
}

static void sync_file(struct file *f)
{
	if (random() % 2 ? fsync(f->cached) : fdatasync(f->direct))
		die("fsync");
	say_synced(f, f->size);
}

static void step(struct file *f)
{
	if (f->size > MAX_SIZE || (f->kind == CUTTING && random() % 3 == 0))
		cut(f);
	else if (random() % 5 == 0)
		sync_file(f);
	else
		append(f, f->kind == DIRECT || (f->kind >= MIXED && random() % 2));
}

static void write_forever(const char *dir)
{
	char path[4096];

	for (int i = 0; i < FILES; i++) {
		struct file *f = &files[i];

		f->kind = i;
		snprintf(f->name, sizeof(f->name), "%c", 'a' + i);
		snprintf(path, sizeof(path), "%s/%s", dir, f->name);
		f->cached = open(path, O_RDWR | O_CREAT, 0644);
		f->direct = open(path, O_RDWR | O_DIRECT);
		if (f->cached < 0 || f->direct < 0)
			die(path);
	}
	for (;;) {
		if (random() % 40 == 0)
			sync_files();
		else if (random() % 8 == 0)
			renew(dir);
		else
			step(&files[random() % FILES]);
	}
}

static int check(const char *name, long long synced)
{
	static char buf[1 << 16];
	long long done = 0;
	size_t n;

	while ((n = fread(buf, 1, sizeof(buf), stdin))) {
		for (size_t i = 0; i < n; i++, done++) {
			unsigned char byte = buf[i];

			if (byte == pattern(name[0], done) || (!byte && done >= synced))
				continue;
			fprintf(stderr, "%s: byte %lld is %02x instead of %02x; %lld are synced\n",
				name, done, byte, pattern(name[0], done), synced);
			return 1;
		}
	}
	if (done < synced) {
		fprintf(stderr, "%s: %lld bytes, and %lld are synced\n", name, done, synced);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "-c"))
		return check(argv[2], atoll(argv[3]));
	if (argc != 4) {
		fprintf(stderr, "usage: crashwriter DIR LOG SEED, or crashwriter -c NAME SIZE\n");
		return 2;
	}
	log_fd = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (log_fd < 0)
		die(argv[2]);
	srandom(atoi(argv[3]));
	write_forever(argv[1]);
}

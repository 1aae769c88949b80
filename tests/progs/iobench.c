// SPDX-License-Identifier: GPL-2.0
/*
 * Times reads or writes of one file, one after the other in this thread.
 *
 *	iobench FILE read|write direct|buffered rand|seq BLOCK-BYTES FILE-BYTES COUNT
 *
 * Prints the nanoseconds of one operation. Under QEMU's instruction counting a
 * nanosecond is an instruction. FILE exists and has FILE-BYTES. A buffered write
 * includes its share of the fsync at the end. Before a buffered read the cache is
 * emptied; for random reads, readahead is turned off by fadvise.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *path;

static void failed(const char *what)
{
	fprintf(stderr, "iobench: %s: %s: %s\n", path, what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* The blocks in an order that visits none twice: a walk with an odd stride. */
static uint64_t block_at(uint64_t i, uint64_t blocks, bool random)
{
	return random ? (i * 0x9e3779b1ULL + 12345) % blocks : i % blocks;
}

static void once(int fd, bool write, void *buf, size_t block, uint64_t at)
{
	ssize_t n = write ? pwrite(fd, buf, block, at * block) : pread(fd, buf, block, at * block);

	if (n != (ssize_t)block)
		failed(write ? "write" : "read");
}

static void drop_caches(int fd)
{
	int control;

	if (fsync(fd))
		failed("fsync");
	control = open("/proc/sys/vm/drop_caches", O_WRONLY);
	if (control < 0 || write(control, "1", 1) != 1)
		failed("dropping caches");
	close(control);
}

int main(int argc, char **argv)
{
	bool write, direct, random;
	size_t block, count, warm;
	uint64_t blocks, begin, end;
	char *buf;
	int fd;

	if (argc != 8) {
		fprintf(stderr, "usage: iobench FILE read|write direct|buffered rand|seq BLOCK SIZE COUNT\n");
		return 2;
	}
	path = argv[1];
	write = !strcmp(argv[2], "write");
	direct = !strcmp(argv[3], "direct");
	random = !strcmp(argv[4], "rand");
	block = strtoul(argv[5], NULL, 0);
	blocks = strtoull(argv[6], NULL, 0) / block;
	count = strtoul(argv[7], NULL, 0);
	warm = count / 4 + 1;
	buf = aligned_alloc(4096, block);
	if (!buf)
		failed("memory");
	memset(buf, 0x5a, block);
	fd = open(path, (write ? O_RDWR : O_RDONLY) | (direct ? O_DIRECT : 0));
	if (fd < 0)
		failed("open");

	for (size_t i = 0; i < warm; i++)
		once(fd, write, buf, block, block_at(i, blocks, random));
	drop_caches(fd);
	if (!write && !direct)
		posix_fadvise(fd, 0, 0, random ? POSIX_FADV_RANDOM : POSIX_FADV_NORMAL);

	begin = now();
	for (size_t i = 0; i < count; i++)
		once(fd, write, buf, block, block_at(warm + i, blocks, random));
	if (write && !direct && fsync(fd))
		failed("fsync");
	end = now();
	printf("%llu\n", (unsigned long long)((end - begin) / count));
	return 0;
}

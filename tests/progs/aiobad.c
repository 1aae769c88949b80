// SPDX-License-Identifier: GPL-2.0
/*
 * Direct I/O with memory that is not there, not to be written to, in a thousand odd
 * pieces, or that is a mapping of the file itself or of another one, and at offsets
 * that no file has; by system calls that wait, libaio and io_uring.
 *
 *	aiobad FILE OTHER MODEL [lower]
 *
 * FILE and OTHER exist and are not empty. FILE is filled; MODEL gets what it must hold.
 * With "lower", OTHER is the lower file of FILE: it changes when that is written, so
 * nothing is known of what is written from it but that it ends.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aioqueue.h"

#define BLOCK 4096UL
#define BYTES (1UL << 20)	/* several runs */
#define CUT (600UL * 1024)	/* where the memory ends */

static const char *how;
static struct queue queues[2];
static unsigned char *model;
static int fd;
static bool lower;		/* the other file is the lower one of this */

static void check(const char *what, long got, long want)
{
	if (got != want) {
		fprintf(stderr, "%s, %s: %ld, not %ld\n", how, what, got, want);
		exit(1);
	}
}

static long moved(ssize_t ret)
{
	return ret < 0 ? -errno : ret;
}

/* One request, in the way that is tested just now. */
static long request(bool write, void *buf, size_t len, long long pos)
{
	struct queue *q = &queues[how[0] == 'u'];
	long result;
	int err;

	if (!strcmp(how, "sync"))
		return moved(write ? pwrite(fd, buf, len, pos) : pread(fd, buf, len, pos));
	err = queue_submit(q, 0, fd, write, buf, len, pos);
	/* libaio tells some errors at once */
	if (err)
		return err;
	queue_reap(q, &result);
	return result;
}

static void fill(unsigned char *buf, size_t len, unsigned int seed)
{
	uint64_t x = seed * 2654435761u + 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		buf[i] = x >> 40;
	}
}

/* The whole file is what the model has. */
static void whole(const char *what)
{
	static unsigned char buf[BYTES] __attribute__((aligned(BLOCK)));

	check(what, moved(pread(fd, buf, BYTES, 0)), BYTES);
	check(what, memcmp(buf, model, BYTES), 0);
}

static unsigned char *memory(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		queue_die("mmap", errno);
	return p;
}

static void missing_memory(unsigned int seed)
{
	unsigned char *buf = memory(BYTES);
	struct stat st;

	fill(buf, BYTES, seed);
	memcpy(model, buf, CUT);
	munmap(buf + CUT, BYTES - CUT);
	check("write from memory that ends", request(true, buf, BYTES, 0), CUT);
	whole("after a write from memory that ends");
	memset(buf, 0, CUT);
	check("read to memory that ends", request(false, buf, BYTES, 0), CUT);
	check("what was read to it", memcmp(buf, model, CUT), 0);

	munmap(buf, CUT);
	check("write from no memory", request(true, buf, BYTES, 0), -EFAULT);
	check("read to no memory", request(false, buf, BYTES, 0), -EFAULT);
	check("growth from no memory", request(true, buf, BYTES, BYTES), -EFAULT);
	check("odd write from no memory", request(true, buf, 1000, 100), -EFAULT);
	if (fstat(fd, &st))
		queue_die("fstat", errno);
	check("the size after it", st.st_size, BYTES);
	whole("after a write from no memory");
}

static void protected_memory(void)
{
	unsigned char *buf = memory(BYTES);

	mprotect(buf, BYTES, PROT_READ);
	check("read to memory that is read-only", request(false, buf, BYTES, 0), -EFAULT);
	mprotect(buf, BYTES, PROT_READ | PROT_WRITE);
	mprotect(buf + CUT, BLOCK, PROT_READ);
	check("read to memory with such a page", request(false, buf, BYTES, 0), CUT);
	check("what was read to it", memcmp(buf, model, CUT), 0);
	munmap(buf, BYTES);
}

static void odd_pieces(unsigned int seed)
{
	static struct iovec iov[1024];
	unsigned char *buf = memory(BYTES * 2), *p = buf;
	size_t left = BYTES, at = 0;

	for (unsigned int i = 0; i < 1024; i++) {
		size_t len = i == 1023 ? left : 1 + (i * 37 + seed * 11) % 1999;

		iov[i] = (struct iovec) { .iov_base = p, .iov_len = len };
		fill(p, len, seed + i);
		memcpy(model + at, p, len);
		p += len + i % 5;
		at += len;
		left -= len;
	}
	check("write of odd pieces", moved(pwritev(fd, iov, 1024, 0)), BYTES);
	whole("after a write of odd pieces");
	memset(buf, 0, BYTES * 2);
	check("read to odd pieces", moved(preadv(fd, iov, 1024, 0)), BYTES);
	for (unsigned int i = 0, pos = 0; i < 1024; pos += iov[i++].iov_len)
		check("an odd piece", memcmp(iov[i].iov_base, model + pos, iov[i].iov_len), 0);
	munmap(buf, BYTES * 2);
}

/*
 * While the lower file is cached below as well, that filesystem may find what is cached
 * at odds with what was written past it, and say so once: btrfs does.
 */
static void synced(const char *what, int ret)
{
	if (ret && !(lower && errno == EIO))
		queue_die(what, errno);
}

/* The memory is a mapping of the file itself, or of another. */
static void mappings(const char *path, bool same)
{
	int other = open(path, O_RDWR);
	unsigned char *map;
	struct stat st;
	size_t half = BYTES / 2, len;

	if (other < 0 || fstat(other, &st))
		queue_die(path, errno);
	len = same ? BYTES : (size_t)st.st_size / BLOCK * BLOCK;
	map = mmap(NULL, len, PROT_READ | PROT_WRITE, same ? MAP_SHARED : MAP_PRIVATE, other, 0);
	if (map == MAP_FAILED)
		queue_die("mmap", errno);
	if (same) {
		/* one half to the other, and back */
		check("write from a mapping of the file", request(true, map, half, half), half);
		memcpy(model + half, model, half);
		whole("after it");
		fill(map, half, 77);
		fill(model, half, 77);
		check("read to a mapping of the file", request(false, map, half, half), half);
		memcpy(model, model + half, half);
		synced("msync", msync(map, len, MS_SYNC));
		whole("after that");
	} else {
		len = len < half ? len : half;
		memcpy(model, map, len);
		check("write from a mapping of another file", request(true, map, len, 0), len);
		if (lower)
			check("what was written", moved(pread(fd, model, BYTES, 0)), BYTES);
		whole("after it");
		check("read to a mapping of another file", request(false, map, len, half), len);
		check("what was read", memcmp(map, model + half, len), 0);
	}
	munmap(map, len);
	close(other);
}

static void far_offsets(void)
{
	unsigned char *buf = memory(2 * BLOCK);
	long long most = 0x7fffffffffffffffLL;
	long got;

	check("read at the greatest offset", request(false, buf, BLOCK, most - BLOCK + 1 - BLOCK), 0);
	got = request(true, buf, BLOCK, most - BLOCK + 1 - BLOCK);
	if (got != -EFBIG && got != -ENOSPC)
		check("write at the greatest offset", got, -EFBIG);
	check("read past it", request(false, buf, 2 * BLOCK, most - 100), -EINVAL);
	check("write past it", request(true, buf, 2 * BLOCK, most - 100), -EINVAL);
	check("read at a negative offset", request(false, buf, BLOCK, -BLOCK * 2), -EINVAL);
	whole("after all that");
	munmap(buf, 2 * BLOCK);
}

/* A ring that polls devices is refused, and says so. */
static void polled(void)
{
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	struct io_uring ring;
	unsigned char *buf = memory(BLOCK);

	check("a ring that polls", io_uring_queue_init(1, &ring, IORING_SETUP_IOPOLL), 0);
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_read(sqe, fd, buf, BLOCK, 0);
	check("submission to it", io_uring_submit(&ring), 1);
	check("waiting for it", io_uring_wait_cqe(&ring, &cqe), 0);
	check("a read through it", cqe->res, -EOPNOTSUPP);
	io_uring_queue_exit(&ring);
	munmap(buf, BLOCK);
}

/* What can be had without waiting is, and what can't is not begun. */
static void impatient(void)
{
	unsigned char *buf = memory(BYTES);
	struct iovec iov = { .iov_base = buf, .iov_len = BYTES };
	struct iovec odd = { .iov_base = buf, .iov_len = 1000 };
	long got;

	/* its edges would have to be waited for */
	fill(buf, BYTES, 4711);
	got = moved(pwritev2(fd, &odd, 1, 100, RWF_NOWAIT));
	/* not every lower filesystem has it */
	if (got == -EOPNOTSUPP)
		return;
	check("an odd write without waiting", got, -EAGAIN);
	check("growth without waiting", moved(pwritev2(fd, &iov, 1, BYTES, RWF_NOWAIT)), -EAGAIN);
	whole("after a write that would have had to wait");

	got = moved(pwritev2(fd, &iov, 1, 0, RWF_NOWAIT));
	if (got != -EAGAIN)
		check("a write without waiting", got, BYTES);
	if (got == BYTES)
		memcpy(model, buf, BYTES);
	whole("after a write that need not wait");
	got = moved(preadv2(fd, &iov, 1, 0, RWF_NOWAIT));
	if (got != -EAGAIN)
		check("a read without waiting", got, BYTES);
	munmap(buf, BYTES);
}

int main(int argc, char **argv)
{
	static const char *const ways[] = { "sync", "aio", "uring" };
	int out;

	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: aiobad FILE OTHER MODEL [lower]\n");
		return 2;
	}
	fd = open(argv[1], O_RDWR | O_DIRECT);
	if (fd < 0 || ftruncate(fd, BYTES))
		queue_die(argv[1], errno);
	lower = argc == 5;
	model = memory(BYTES);
	queue_init(&queues[0], ENGINE_AIO, 1, NULL, 0);
	queue_init(&queues[1], ENGINE_URING, 1, NULL, 0);

	for (unsigned int i = 0; i < 3; i++) {
		how = ways[i];
		fill(model, BYTES, i + 100);
		check("the first write", moved(pwrite(fd, model, BYTES, 0)), BYTES);
		missing_memory(i);
		protected_memory();
		odd_pieces(i);
		mappings(argv[1], true);
		mappings(argv[2], false);
		far_offsets();
	}
	polled();
	if (argc == 4)
		impatient();
	out = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (out < 0 || write(out, model, BYTES) != (ssize_t)BYTES || close(out))
		queue_die(argv[3], errno);
	synced("fsync", fsync(fd));
	return 0;
}

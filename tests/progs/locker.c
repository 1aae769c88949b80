// SPDX-License-Identifier: GPL-2.0
/*
 * Locks and unlocks a mount, again and again, while threads read, write and store in
 * its files, each compared with a model in memory: whatever is refused is refused
 * with ENOKEY, and did not happen; what is read is right.
 *
 *	locker DIR TIMES
 *
 * The key is in the caller's keyrings.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../kernel/uapi.h"

#define PAGE 4096
#define SIZE (64 * PAGE)
#define MOST (8 * PAGE)		/* of one request */
#define THREADS 4

struct worker {
	pthread_t thread;
	char path[4096];
	int cached, direct;
	unsigned char model[SIZE];
	unsigned char *buf, *map;
	uint64_t state;
	unsigned long done, refused;
};

static const char *dir;
static volatile bool over;
static _Thread_local sigjmp_buf fault;

__attribute__((format(printf, 1, 2), noreturn))
static void wrong(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static uint64_t rnd(struct worker *w)
{
	w->state = w->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return w->state >> 33;
}

static void on_fault(int signal)
{
	siglongjmp(fault, signal);
}

/* Counts what was refused; anything but ENOKEY is wrong. */
static bool refused(struct worker *w, ssize_t ret, const char *what)
{
	if (ret >= 0) {
		w->done++;
		return false;
	}
	if (errno != ENOKEY)
		wrong("%s: %s: %s", w->path, what, strerror(errno));
	w->refused++;
	return true;
}

static void compare(struct worker *w, off_t pos, const unsigned char *got, size_t len,
		    const char *what)
{
	for (size_t i = 0; i < len; i++)
		if (got[i] != w->model[pos + i])
			wrong("%s: %s: the byte at %lld is %02x, not %02x", w->path, what,
			      (long long)pos + i, got[i], w->model[pos + i]);
}

static void do_write(struct worker *w, int fd, off_t pos, size_t len)
{
	ssize_t ret;

	for (size_t i = 0; i < len; i++)
		w->buf[i] = rnd(w);
	ret = pwrite(fd, w->buf, len, pos);
	if (refused(w, ret, "write"))
		return;
	if (ret != (ssize_t)len)
		wrong("%s: %zd bytes of %zu were written", w->path, ret, len);
	memcpy(w->model + pos, w->buf, len);
}

static void do_read(struct worker *w, int fd, off_t pos, size_t len)
{
	ssize_t ret = pread(fd, w->buf, len, pos);

	if (refused(w, ret, "read"))
		return;
	if (!ret)
		wrong("%s: nothing was read", w->path);
	compare(w, pos, w->buf, ret, fd == w->direct ? "direct read" : "read");
}

/* One store, so that it happens or not. */
static void do_store(struct worker *w, size_t pos)
{
	uint64_t value = rnd(w);

	if (sigsetjmp(fault, 1)) {
		w->refused++;
		return;
	}
	*(volatile uint64_t *)(w->map + pos) = value;
	memcpy(w->model + pos, &value, sizeof(value));
	w->done++;
}

static void do_open(struct worker *w)
{
	int fd = open(w->path, O_RDWR);

	if (refused(w, fd, "open"))
		return;
	close(w->cached);
	w->cached = fd;
}

static void *work(void *arg)
{
	struct worker *w = arg;

	while (!over) {
		size_t pos = rnd(w) % (SIZE - MOST), len = 1 + rnd(w) % (MOST - 1);
		size_t block = pos / PAGE * PAGE, blocks = PAGE * (1 + rnd(w) % 8);

		switch (rnd(w) % 8) {
		case 0: do_write(w, w->cached, pos, len); break;
		case 1: do_write(w, w->cached, block, blocks); break;
		case 2: do_write(w, w->direct, block, blocks); break;
		case 3: do_write(w, w->direct, block + 512, 512); break;
		case 4: do_read(w, w->cached, pos, len); break;
		case 5: do_read(w, w->direct, block, blocks); break;
		case 6: do_store(w, pos / 8 * 8); break;
		default: do_open(w); break;
		}
		if (w->refused % 64 == 63)
			usleep(100);
	}
	return NULL;
}

static void begin(struct worker *w, int number)
{
	snprintf(w->path, sizeof(w->path), "%s/locker.%d", dir, number);
	w->state = number + 1;
	w->buf = aligned_alloc(PAGE, MOST);
	w->cached = open(w->path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	w->direct = open(w->path, O_RDWR | O_DIRECT);
	if (!w->buf || w->cached < 0 || w->direct < 0 || ftruncate(w->cached, SIZE))
		wrong("%s: %s", w->path, strerror(errno));
	w->map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, w->cached, 0);
	if (w->map == MAP_FAILED)
		wrong("%s: %s", w->path, strerror(errno));
	/* half of it: the rest is a hole at first */
	do_write(w, w->cached, 0, MOST);
	if (pthread_create(&w->thread, NULL, work, w))
		wrong("no thread");
}

static void end(struct worker *w)
{
	static unsigned char all[SIZE];
	ssize_t ret;

	pthread_join(w->thread, NULL);
	if (fsync(w->cached))
		wrong("%s: fsync: %s", w->path, strerror(errno));
	ret = pread(w->cached, all, SIZE, 0);
	if (ret != SIZE)
		wrong("%s: %zd bytes at the end: %s", w->path, ret, strerror(errno));
	compare(w, 0, all, SIZE, "at the end");
	if (!w->done || !w->refused)
		wrong("%s: %lu done, %lu refused: nothing was tested", w->path, w->done, w->refused);
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS];
	unsigned long busy = 0, done = 0, no_key = 0;
	struct sigaction action = { .sa_handler = on_fault };
	int fd, times;

	if (argc != 3)
		return 2;
	dir = argv[1];
	times = atoi(argv[2]);
	sigaction(SIGBUS, &action, NULL);
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		wrong("%s: %s", dir, strerror(errno));
	for (int i = 0; i < THREADS; i++)
		begin(&workers[i], i);
	for (int i = 0; i < times; i++) {
		usleep(20000);
		if (!ioctl(fd, DCRYPT_IOC_LOCK))
			usleep(10000);
		else if (errno == EBUSY)
			busy++;
		else
			wrong("lock: %s", strerror(errno));
		if (ioctl(fd, DCRYPT_IOC_UNLOCK))
			wrong("unlock: %s", strerror(errno));
	}
	over = true;
	for (int i = 0; i < THREADS; i++) {
		end(&workers[i]);
		done += workers[i].done;
		no_key += workers[i].refused;
	}
	printf("%d times, %lu of these busy; %lu done, %lu refused\n", times, busy, done, no_key);
	return 0;
}

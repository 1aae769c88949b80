/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For oomops: the files and what they must hold, and system calls that may be refused
 * memory.
 */
#ifndef OOMMODEL_H
#define OOMMODEL_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define FILES 6
#define SHORT_NAMES 4	/* the others have long ones */
#define LONG_NAME 250
#define MAX (96 * 1024UL)
#define BLOCK 4096UL
#define ATTR_NAME "user.some attribute"
#define ATTR_MAX 200

struct file {
	bool exists;
	size_t size;
	unsigned char data[MAX];
	ssize_t attr_size;		/* -1: there is none */
	unsigned char attr[ATTR_MAX];
};

static struct file files[FILES];
static unsigned char *buffer, *before;
static int fault_fd = -1, dir_fd;
static uint64_t state = 1;
static bool verbose, aligned;
static unsigned long step, refused, done;
static char what[512];

__attribute__((format(printf, 1, 2), noreturn))
static void wrong(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "oomops: operation %lu, %s: ", step, what);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

__attribute__((format(printf, 1, 2)))
static void doing(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (verbose)
		printf("%lu %s\n", step, what);
}

static uint64_t rnd(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static size_t below(size_t n)
{
	return rnd() % n;
}

static void faults(bool on)
{
	if (fault_fd >= 0 && pwrite(fault_fd, on ? "1" : "0", 1, 0) != 1)
		wrong("make-it-fail: %s", strerror(errno));
}

/* The value of a system call during which memory may run out. */
#define FAULTY(call) ({ long ret_; faults(true); ret_ = (call); kept_errno(); ret_; })

static void kept_errno(void)
{
	int err = errno;

	faults(false);
	errno = err;
}

/* Whether it was refused, which is for want of memory only. */
static bool is_refused(long ret)
{
	if (ret >= 0) {
		done++;
		return false;
	}
	if (errno != ENOMEM)
		wrong("%s instead of ENOMEM", strerror(errno));
	if (verbose)
		printf("%lu   ENOMEM\n", step);
	refused++;
	return true;
}

/* A name as asked for, or one that begins so and is long. */
static const char *named(bool is_long, const char *beginning)
{
	static char names[4][LONG_NAME + 1];
	static int turn;
	char *name = names[turn++ % 4];
	size_t length = strlen(beginning);

	memcpy(name, beginning, length + 1);
	if (is_long) {
		memset(name + length, 'n', LONG_NAME - length);
		name[LONG_NAME] = 0;
	}
	return name;
}

static const char *name_of(int i)
{
	char beginning[16];

	sprintf(beginning, "file%d", i);
	return named(i >= SHORT_NAMES, beginning);
}

static void must(long ret, const char *call)
{
	if (ret < 0)
		wrong("%s without faults: %s", call, strerror(errno));
}

/* Reads the whole of a file, without faults; returns its size. */
static size_t look(int i, unsigned char *into)
{
	int fd = openat(dir_fd, name_of(i), O_RDONLY);
	struct stat st;
	ssize_t n;

	must(fd, "open");
	must(fstat(fd, &st), "fstat");
	if ((size_t)st.st_size > MAX)
		wrong("the size is %lld", (long long)st.st_size);
	n = pread(fd, into, MAX, 0);
	must(n, "read");
	if (n != st.st_size)
		wrong("%zd bytes read of %lld", n, (long long)st.st_size);
	close(fd);
	return n;
}

static void check_attr(int i)
{
	unsigned char value[ATTR_MAX];
	int fd = openat(dir_fd, name_of(i), O_RDONLY);
	ssize_t n;

	must(fd, "open");
	n = fgetxattr(fd, ATTR_NAME, value, sizeof(value));
	if (n < 0 && errno != ENODATA)
		wrong("fgetxattr: %s", strerror(errno));
	if (n != files[i].attr_size || (n > 0 && memcmp(value, files[i].attr, n)))
		wrong("%s has an attribute of %zd bytes instead of %zd", name_of(i), n,
		      files[i].attr_size);
	close(fd);
}

static void check(int i)
{
	struct file *f = &files[i];
	struct stat st;
	size_t at;

	if (fstatat(dir_fd, name_of(i), &st, 0)) {
		if (f->exists || errno != ENOENT)
			wrong("%s: %s", name_of(i), strerror(errno));
		return;
	}
	if (!f->exists)
		wrong("%s exists", name_of(i));
	if (look(i, before) != f->size)
		wrong("%s has a size of %zu instead of %zu", name_of(i), (size_t)st.st_size, f->size);
	for (at = 0; at < f->size; at++)
		if (before[at] != f->data[at])
			wrong("%s differs at %zu of %zu", name_of(i), at, f->size);
	check_attr(i);
}

#endif /* OOMMODEL_H */

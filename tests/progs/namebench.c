// SPDX-License-Identifier: GPL-2.0
/*
 * Times what is done with many small files, in one directory and in this thread.
 *
 *	namebench DIRECTORY COUNT
 *
 * Prints a line for each operation: its name and the nanoseconds for one file.
 * Under QEMU's instruction counting a nanosecond is an instruction. Caches are
 * emptied before "stat" and "read", and what was written is on disk before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SIZE 4096

static char buf[SIZE];

static void failed(const char *what, const char *name)
{
	fprintf(stderr, "namebench: %s: %s: %s\n", what, name, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void create(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);

	if (fd < 0 || close(fd))
		failed("create", name);
}

static void examine(const char *name)
{
	struct stat st;

	if (stat(name, &st))
		failed("stat", name);
}

static void delete(const char *name)
{
	if (unlink(name))
		failed("delete", name);
}

static void write_file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);

	if (fd < 0 || write(fd, buf, SIZE) != SIZE || close(fd))
		failed("write", name);
}

static void read_file(const char *name)
{
	int fd = open(name, O_RDONLY);

	if (fd < 0 || read(fd, buf, SIZE) != SIZE || close(fd))
		failed("read", name);
}

static void drop_caches(void)
{
	int control = open("/proc/sys/vm/drop_caches", O_WRONLY);

	sync();
	if (control < 0 || write(control, "3", 1) != 1)
		failed("dropping caches", "/proc/sys/vm/drop_caches");
	close(control);
}

/* What is left to be written at the end is a part of the cost. */
static void measure(const char *what, void (*one)(const char *name), unsigned long count)
{
	char name[64];
	uint64_t begin = now();

	for (unsigned long i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "file-%lu.c", i);
		one(name);
	}
	sync();
	printf("%s %llu\n", what, (unsigned long long)((now() - begin) / count));
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 3 ? strtoul(argv[2], NULL, 0) : 0;

	if (!count) {
		fprintf(stderr, "usage: namebench DIRECTORY COUNT\n");
		return 2;
	}
	if (chdir(argv[1]))
		failed("chdir", argv[1]);
	measure("create", create, count);
	drop_caches();
	measure("stat", examine, count);
	measure("delete", delete, count);
	measure("write", write_file, count);
	drop_caches();
	measure("read", read_file, count);
	measure("remove", delete, count);
	return 0;
}

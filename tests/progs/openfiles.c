// SPDX-License-Identifier: GPL-2.0
/*
 * What an open file costs in kernel memory.
 *
 *	openfiles FILE COUNT
 *
 * FILE.0 and so on exist and have a block at least. Prints the bytes for each: to
 * have their inodes and names in memory, and then to have them open and one block
 * read with direct I/O. What counts is what the kernel allocates for itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096

static void failed(const char *what)
{
	fprintf(stderr, "openfiles: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Bytes of kernel memory in use, once what was freed before is really free. */
static long used(void)
{
	static const char *const kinds[] = { "Slab", "KernelStack", "Percpu", "VmallocUsed" };
	char line[256], name[64];
	long total = 0, kib;
	FILE *f;

	sleep(15);
	/* What each CPU has counted by itself is added up. */
	f = fopen("/proc/sys/vm/stat_refresh", "w");
	if (!f || fputs("1", f) < 0 || fclose(f))
		failed("/proc/sys/vm/stat_refresh");
	f = fopen("/proc/meminfo", "r");
	if (!f)
		failed("/proc/meminfo");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63[^:]: %ld", name, &kib) != 2)
			continue;
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (!strcmp(name, kinds[i]))
				total += kib;
	}
	fclose(f);
	return total * 1024;
}

static char name[4096];

static const char *file_name(const char *path, long i)
{
	snprintf(name, sizeof(name), "%s.%ld", path, i);
	return name;
}

int main(int argc, char **argv)
{
	long count = argc == 3 ? strtol(argv[2], NULL, 0) : 0;
	char *buf = aligned_alloc(BLOCK, BLOCK);
	long before, known, open_and_read;
	struct stat st;

	if (count < 1 || !buf) {
		fprintf(stderr, "usage: openfiles FILE COUNT\n");
		return 2;
	}
	memset(buf, 0, BLOCK);
	before = used();
	for (long i = 0; i < count; i++)
		if (stat(file_name(argv[1], i), &st))
			failed(name);
	known = used();
	for (long i = 0; i < count; i++) {
		int fd = open(file_name(argv[1], i), O_RDONLY | O_DIRECT);

		if (fd < 0 || pread(fd, buf, BLOCK, 0) != BLOCK)
			failed(name);
	}
	open_and_read = used();
	printf("inodes %ld\nopen %ld\n", (known - before) / count, (open_and_read - known) / count);
	return 0;
}

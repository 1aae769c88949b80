// SPDX-License-Identifier: GPL-2.0
/*
 * A directory with many entries: what stays in it is seen exactly once by whoever
 * reads it while other entries come and go, and positions lead back to where they
 * were taken.
 *
 *	bigdir DIRECTORY ENTRIES
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARKS 64

static unsigned char *seen;
static unsigned long total, made, gone;
static struct {
	long at;
	char name[32];
} marks[MARKS];

static void fail(const char *what)
{
	fprintf(stderr, "bigdir: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void make(const char *kind, unsigned long i)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "%s-%06lu", kind, i);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd < 0 || close(fd))
		fail(name);
}

static void churn(void)
{
	char name[32];

	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "churn-%06lu", gone++);
		if (unlink(name))
			fail(name);
		make("churn", made++);
	}
}

/* One pass; every entry that stays is seen once. */
static void read_all(int change)
{
	unsigned long read = 0, missing = 0, twice = 0;
	DIR *dir = opendir(".");
	struct dirent *entry;

	if (!dir)
		fail("opendir");
	memset(seen, 0, total);
	while (errno = 0, (entry = readdir(dir))) {
		if (!strncmp(entry->d_name, "stay-", 5))
			seen[strtoul(entry->d_name + 5, NULL, 10)]++;
		if (change && ++read % 512 == 0)
			churn();
	}
	if (errno)
		fail("readdir");
	closedir(dir);
	for (unsigned long i = 0; i < total; i++) {
		missing += !seen[i];
		twice += seen[i] > 1;
	}
	if (missing || twice) {
		fprintf(stderr, "bigdir: %lu entries were missed, %lu seen more than once\n",
			missing, twice);
		exit(1);
	}
}

/* Positions taken on the way through are gone back to, in another order. */
static void seek_back(void)
{
	unsigned long read = 0, every = total / MARKS + 1, nr = 0;
	DIR *dir = opendir(".");
	struct dirent *entry;
	long at;

	if (!dir)
		fail("opendir");
	for (;;) {
		at = telldir(dir);
		entry = readdir(dir);
		if (!entry)
			break;
		if (read++ % every || nr == MARKS || strncmp(entry->d_name, "stay-", 5))
			continue;
		marks[nr].at = at;
		strcpy(marks[nr++].name, entry->d_name);
	}
	if (nr < MARKS / 4)
		fail("too few positions");
	churn();
	for (unsigned long i = 0; i < nr; i++) {
		unsigned long mark = i * 37 % nr;

		seekdir(dir, marks[mark].at);
		/* what came into being since may come first */
		do
			entry = readdir(dir);
		while (entry && !strncmp(entry->d_name, "churn-", 6));
		if (!entry || strcmp(entry->d_name, marks[mark].name)) {
			fprintf(stderr, "bigdir: position %ld led to %s, not to %s\n",
				marks[mark].at, entry ? entry->d_name : "the end",
				marks[mark].name);
			exit(1);
		}
	}
	rewinddir(dir);
	if (!readdir(dir))
		fail("nothing after rewinddir");
	closedir(dir);
}

int main(int argc, char **argv)
{
	if (argc != 3 || chdir(argv[1])) {
		fprintf(stderr, "usage: bigdir DIRECTORY ENTRIES\n");
		return 2;
	}
	total = strtoul(argv[2], NULL, 10);
	seen = calloc(total, 1);
	if (!seen)
		fail("memory");
	for (unsigned long i = 0; i < total; i++) {
		make("stay", i);
		if (i % 8 == 0)
			make("churn", made++);
	}
	read_all(0);
	seek_back();
	read_all(1);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A shell of system calls, for cases that have to know exactly what one returned.
 * Reads a command a line from standard input, or takes one from its arguments,
 * and answers each with a line: what the call returned, or the name of the errno.
 *
 * Descriptors are kept under the numbers 0 to 15. Data is a pattern, given by a
 * seed; seed 0 is all zeros.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../kernel/uapi.h"
#include "pattern.h"

#define FDS 16
#define WORDS 8
#define ALIGN 4096

static int fds[FDS];
static char *map;
static size_t map_len;
static off_t map_off;
static sigjmp_buf fault;

/* Where it differs from the pattern, or -1. */
static long long differs(const char *buf, size_t len, uint64_t seed, uint64_t offset)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)buf[i] != pattern(seed, offset + i))
			return offset + i;
	return -1;
}

static void answer(long long ret)
{
	if (ret < 0)
		puts(strerrorname_np(errno));
	else
		printf("%lld\n", ret);
}

static long long number(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 0);

	if (*end || !*text) {
		fprintf(stderr, "fdsh: not a number: %s\n", text);
		exit(2);
	}
	return n;
}

static int *slot(const char *text)
{
	long long n = number(text);

	if (n < 0 || n >= FDS) {
		fprintf(stderr, "fdsh: no descriptor %s\n", text);
		exit(2);
	}
	return &fds[n];
}

static char *buffer(size_t len)
{
	char *buf = aligned_alloc(ALIGN, (len + ALIGN) / ALIGN * ALIGN);

	if (!buf) {
		perror("fdsh");
		exit(2);
	}
	return buf;
}

/* open N FLAGS PATH: r or w (read and write), c(reate), t(runcate), d(irect), s(ync), a(ppend) */
static void do_open(char **arg)
{
	int flags = 0;

	for (const char *p = arg[1]; *p; p++)
		flags |= *p == 'w' ? O_RDWR : *p == 'c' ? O_CREAT : *p == 't' ? O_TRUNC :
			 *p == 'd' ? O_DIRECT : *p == 's' ? O_SYNC : *p == 'a' ? O_APPEND : 0;
	*slot(arg[0]) = open(arg[2], flags, 0644);
	answer(*slot(arg[0]) < 0 ? -1 : 0);
}

static void do_close(char **arg)
{
	answer(close(*slot(arg[0])));
}

/* pwrite N OFFSET LENGTH SEED */
static void do_pwrite(char **arg)
{
	size_t len = number(arg[2]);
	char *buf = buffer(len);

	pattern_fill(buf, len, number(arg[3]), number(arg[1]));
	answer(pwrite(*slot(arg[0]), buf, len, number(arg[1])));
	free(buf);
}

/* pwritebad N OFFSET LENGTH SEED GOOD: from memory that ends after GOOD bytes */
static void do_pwritebad(char **arg)
{
	size_t len = number(arg[2]), good = number(arg[4]);
	size_t there = (good + ALIGN - 1) / ALIGN * ALIGN;
	char *area = mmap(NULL, there + len, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *buf = area + there - good;

	if (area == MAP_FAILED || mprotect(area + there, len, PROT_NONE)) {
		perror("fdsh");
		exit(2);
	}
	pattern_fill(buf, good, number(arg[3]), number(arg[1]));
	answer(pwrite(*slot(arg[0]), buf, len, number(arg[1])));
	munmap(area, there + len);
}

/* pread N OFFSET LENGTH SEED: the count, and "bad OFFSET" if the bytes are others */
static void do_pread(char **arg)
{
	size_t len = number(arg[2]);
	char *buf = buffer(len);
	ssize_t ret = pread(*slot(arg[0]), buf, len, number(arg[1]));
	long long bad = ret < 0 ? -1 : differs(buf, ret, number(arg[3]), number(arg[1]));

	if (bad < 0)
		answer(ret);
	else
		printf("%zd bad %lld\n", ret, bad);
	free(buf);
}

/*
 * fill N OFFSET LENGTH SEED END: writes pieces of LENGTH from OFFSET on until one
 * is not written whole, or END is reached; the offset reached and what stopped it.
 */
static void do_fill(char **arg)
{
	size_t len = number(arg[2]);
	off_t pos = number(arg[1]), end = number(arg[4]);
	char *buf = buffer(len);
	ssize_t ret = 0;

	do {
		pattern_fill(buf, len, number(arg[3]), pos);
		errno = 0;
		ret = pwrite(*slot(arg[0]), buf, len, pos);
		if (ret > 0)
			pos += ret;
	} while (ret == (ssize_t)len && pos < end);
	printf("%lld %s\n", (long long)pos,
	       ret < 0 ? strerrorname_np(errno) : ret < (ssize_t)len ? "short" : "end");
	free(buf);
}

/*
 * preads N LENGTH COUNT SEED, pwrites N LENGTH COUNT SEED: that many, at offsets
 * all over the file, in one buffer; the bytes moved.
 */
static void many(char **arg, int write)
{
	size_t len = number(arg[1]);
	long long count = number(arg[2]), moved = 0;
	char *buf = buffer(len);
	struct stat st;
	off_t pos;
	ssize_t ret = 0;

	if (fstat(*slot(arg[0]), &st) || st.st_size < (off_t)len) {
		answer(-1);
		return;
	}
	for (long long i = 0; i < count && ret >= 0; i++) {
		pos = i * 7919 % (st.st_size / (off_t)len) * len;
		if (write)
			pattern_fill(buf, len, number(arg[3]), pos);
		ret = write ? pwrite(*slot(arg[0]), buf, len, pos) :
			      pread(*slot(arg[0]), buf, len, pos);
		if (ret == (ssize_t)len && differs(buf, ret, number(arg[3]), pos) >= 0) {
			printf("bad %lld\n", (long long)pos);
			return;
		}
		moved += ret;
	}
	answer(ret < 0 ? -1 : moved);
	free(buf);
}

static void do_preads(char **arg)
{
	many(arg, 0);
}

static void do_pwrites(char **arg)
{
	many(arg, 1);
}

/* check SIZE SEED PATH: "good" if the file is of that size and all its bytes are right */
static void do_check(char **arg)
{
	static char buf[1 << 16];
	int fd = open(arg[2], O_RDONLY);
	long long size = number(arg[0]), bad, done = 0;
	ssize_t ret;

	if (fd < 0) {
		answer(-1);
		return;
	}
	while ((ret = read(fd, buf, sizeof(buf))) > 0) {
		bad = differs(buf, ret, number(arg[1]), done);
		if (bad >= 0) {
			printf("bad %lld\n", bad);
			goto out;
		}
		done += ret;
	}
	if (ret < 0)
		printf("%s at %lld\n", strerrorname_np(errno), done);
	else if (done != size)
		printf("size %lld\n", done);
	else
		puts("good");
out:
	close(fd);
}

static void do_fsync(char **arg)
{
	answer(fsync(*slot(arg[0])));
}

static void do_fdatasync(char **arg)
{
	answer(fdatasync(*slot(arg[0])));
}

static void do_syncfs(char **arg)
{
	answer(syncfs(*slot(arg[0])));
}

/* startwriting N: has the cached data written out, and does not wait for it */
static void do_startwriting(char **arg)
{
	answer(sync_file_range(*slot(arg[0]), 0, 0, SYNC_FILE_RANGE_WRITE));
}

static void do_ftruncate(char **arg)
{
	answer(ftruncate(*slot(arg[0]), number(arg[1])));
}

/* truncate SIZE PATH: by name, so without open */
static void do_truncate(char **arg)
{
	answer(truncate(arg[1], number(arg[0])));
}

/* size N */
static void do_size(char **arg)
{
	struct stat st;

	answer(fstat(*slot(arg[0]), &st) ? -1 : st.st_size);
}

/* stat PATH: the size */
static void do_stat(char **arg)
{
	struct stat st;

	answer(stat(arg[0], &st) ? -1 : st.st_size);
}

static void do_unlink(char **arg)
{
	answer(unlink(arg[0]));
}

static void do_rename(char **arg)
{
	answer(rename(arg[0], arg[1]));
}

/* dontneed N: drops the file's clean pages */
static void do_dontneed(char **arg)
{
	errno = posix_fadvise(*slot(arg[0]), 0, 0, POSIX_FADV_DONTNEED);
	answer(errno ? -1 : 0);
}

static void do_map(char **arg)
{
	map_off = number(arg[1]);
	map_len = number(arg[2]);
	map = mmap(NULL, map_len, PROT_READ | PROT_WRITE, MAP_SHARED, *slot(arg[0]), map_off);
	answer(map == MAP_FAILED ? -1 : 0);
}

static void on_fault(int signal)
{
	siglongjmp(fault, signal);
}

/* mread OFFSET LENGTH SEED, in the map: "good", "bad", or the signal that it got */
static void do_mread(char **arg)
{
	long long bad;
	int signal = sigsetjmp(fault, 1);

	if (signal) {
		printf("SIG%s\n", sigabbrev_np(signal));
		return;
	}
	bad = differs(map + number(arg[0]) - map_off, number(arg[1]), number(arg[2]),
		      number(arg[0]));
	puts(bad < 0 ? "good" : "bad");
}

static void do_mwrite(char **arg)
{
	int signal = sigsetjmp(fault, 1);

	if (signal) {
		printf("SIG%s\n", sigabbrev_np(signal));
		return;
	}
	pattern_fill(map + number(arg[0]) - map_off, number(arg[1]), number(arg[2]), number(arg[0]));
	puts("0");
}

static void do_msync(char **arg)
{
	(void)arg;
	answer(msync(map, map_len, MS_SYNC));
}

static void do_munmap(char **arg)
{
	(void)arg;
	answer(munmap(map, map_len));
}

/* mountas TYPE LOWER UPPER OPTIONS: the bare system call; "-" for no options */
static void do_mountas(char **arg)
{
	const char *options = strcmp(arg[3], "-") ? arg[3] : NULL;
	unsigned long flags = 0;

	if (options && !strncmp(options, "ro,", 3)) {
		flags = MS_RDONLY;
		options += 3;
	}
	answer(mount(arg[1], arg[2], arg[0], flags, options));
}

/* mount LOWER UPPER OPTIONS */
static void do_mount(char **arg)
{
	do_mountas((char *[]){ "dcryptfs", arg[0], arg[1], arg[2] });
}

/* lock DIR, unlock DIR: the mount that it is in */
static void dir_ioctl(const char *path, unsigned int request)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY);

	answer(fd < 0 ? -1 : ioctl(fd, request));
	if (fd >= 0)
		close(fd);
}

static void do_lock(char **arg)
{
	dir_ioctl(arg[0], DCRYPT_IOC_LOCK);
}

static void do_unlock(char **arg)
{
	dir_ioctl(arg[0], DCRYPT_IOC_UNLOCK);
}

static const struct {
	const char *name;
	int args;
	void (*run)(char **arg);
} commands[] = {
	{ "open", 3, do_open },
	{ "close", 1, do_close },
	{ "pwrite", 4, do_pwrite },
	{ "pwritebad", 5, do_pwritebad },
	{ "pread", 4, do_pread },
	{ "preads", 4, do_preads },
	{ "pwrites", 4, do_pwrites },
	{ "fill", 5, do_fill },
	{ "check", 3, do_check },
	{ "fsync", 1, do_fsync },
	{ "fdatasync", 1, do_fdatasync },
	{ "syncfs", 1, do_syncfs },
	{ "startwriting", 1, do_startwriting },
	{ "ftruncate", 2, do_ftruncate },
	{ "truncate", 2, do_truncate },
	{ "size", 1, do_size },
	{ "stat", 1, do_stat },
	{ "unlink", 1, do_unlink },
	{ "rename", 2, do_rename },
	{ "dontneed", 1, do_dontneed },
	{ "map", 3, do_map },
	{ "mread", 3, do_mread },
	{ "mwrite", 3, do_mwrite },
	{ "msync", 0, do_msync },
	{ "munmap", 0, do_munmap },
	{ "mount", 3, do_mount },
	{ "mountas", 4, do_mountas },
	{ "lock", 1, do_lock },
	{ "unlock", 1, do_unlock },
};

static void run(int words, char **word)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(word[0], commands[i].name) || words != commands[i].args + 1)
			continue;
		commands[i].run(word + 1);
		fflush(stdout);
		return;
	}
	fprintf(stderr, "fdsh: no command %s with %d words\n", word[0], words - 1);
	exit(2);
}

int main(int argc, char **argv)
{
	char line[4096], *word[WORDS];
	struct sigaction action = { .sa_handler = on_fault };

	sigaction(SIGBUS, &action, NULL);
	signal(SIGXFSZ, SIG_IGN);
	if (argc > 1) {
		run(argc - 1, argv + 1);
		return 0;
	}
	while (fgets(line, sizeof(line), stdin)) {
		int words = 0;

		for (char *p = strtok(line, " \n"); p && words < WORDS; p = strtok(NULL, " \n"))
			word[words++] = p;
		if (words)
			run(words, word);
	}
	return 0;
}

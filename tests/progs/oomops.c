// SPDX-License-Identifier: GPL-2.0
/*
 * Random operations on a few files, in a kernel that lets allocations of memory
 * fail: each has to do what it is asked to, or nothing, with ENOMEM. After each of
 * them the files are compared with a model, without faults.
 *
 *	oomops [-s SEED] [-n OPERATIONS] [-o DIRECTORY] [-a] [-v] DIRECTORY
 *
 * -a: direct I/O is aligned, as other filesystems than dcryptfs need it.
 * -o writes the model there at the end. Faults have to be set up by the caller; they
 * are limited to the system calls in question by /proc/thread-self/make-it-fail.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "oommodel.h"

static int existing(void)
{
	for (int tries = 0; tries < 20; tries++) {
		int i = below(FILES);

		if (files[i].exists)
			return i;
	}
	return -1;
}

/* Opens it, or makes it; -1 if that was refused. */
static int open_file(int i, int flags)
{
	struct file *f = &files[i];
	struct stat st;
	int fd = FAULTY(openat(dir_fd, name_of(i), flags, 0644));

	if (!is_refused(fd)) {
		if (!f->exists)
			f->attr_size = -1;
		f->exists = true;
		return fd;
	}
	/* It may have been made, and then not opened. */
	if (!f->exists && !fstatat(dir_fd, name_of(i), &st, 0)) {
		if (st.st_size)
			wrong("a new file of %lld bytes", (long long)st.st_size);
		f->attr_size = -1;
		f->exists = true;
	}
	return -1;
}

static void do_write(void)
{
	int i = below(FILES), fd;
	struct file *f = &files[i];
	bool direct = below(2);
	size_t at = below(MAX), len = 1 + below(below(3) ? 3 * BLOCK : 16 * BLOCK), size, j;
	ssize_t n;

	if (direct && (aligned || below(3))) {
		at = at / BLOCK * BLOCK;
		len = (len + BLOCK - 1) / BLOCK * BLOCK;
	}
	if (at + len > MAX)
		len = MAX - at;
	doing("%s write of %zu at %zu to %s of %zu", direct ? "direct" : "buffered", len, at,
	      name_of(i), f->size);
	fd = open_file(i, O_RDWR | O_CREAT | (direct ? O_DIRECT : 0));
	if (fd < 0)
		return;
	for (j = 0; j < len; j++)
		buffer[j] = rnd() >> 32;
	n = FAULTY(pwrite(fd, buffer, len, at));
	if (is_refused(n))
		n = 0;
	if (n && f->size < at + n)
		f->size = at + n;
	memcpy(f->data + at, buffer, n);
	close(fd);
	/* What was not said to be written may be, block by block, but not past the end. */
	size = look(i, before);
	if (size != f->size)
		wrong("a size of %zu instead of %zu after %zd bytes", size, f->size, n);
	for (j = at + n; j < at + len && j < size; j++)
		if (before[j] != f->data[j]) {
			if (before[j] != buffer[j - at])
				wrong("neither old nor new at %zu, after %zd bytes", j, n);
			f->data[j] = before[j];
		}
	check(i);
}

static void do_read(void)
{
	int i = existing(), fd;
	struct file *f = &files[i];
	bool direct = below(2);
	size_t at, len = 1 + below(16 * BLOCK), want;
	ssize_t n;

	if (i < 0)
		return;
	at = below(f->size + 1);
	if (direct) {
		at = at / BLOCK * BLOCK;
		len = (len + BLOCK - 1) / BLOCK * BLOCK;
	}
	doing("%s read of %zu at %zu from %s of %zu", direct ? "direct" : "buffered", len, at,
	      name_of(i), f->size);
	fd = open_file(i, O_RDONLY | (direct ? O_DIRECT : 0));
	if (fd < 0)
		return;
	want = f->size - at < len ? f->size - at : len;
	n = FAULTY(pread(fd, buffer, len, at));
	if (!is_refused(n)) {
		/* It may stop where memory ran out, but not with nothing. */
		if ((size_t)n > want || (want && !n))
			wrong("%zd bytes instead of %zu", n, want);
		if (memcmp(buffer, f->data + at, n))
			wrong("wrong data");
	}
	close(fd);
}

static void do_truncate(void)
{
	int i = existing();
	struct file *f = &files[i];
	size_t to = below(4) ? below(MAX) : 0;

	if (i < 0)
		return;
	doing("truncate of %s from %zu to %zu", name_of(i), f->size, to);
	int fd = open_file(i, O_RDWR);

	if (fd < 0)
		return;
	if (!is_refused(FAULTY(ftruncate(fd, to)))) {
		if (to < f->size)
			memset(f->data + to, 0, f->size - to);
		f->size = to;
	}
	close(fd);
	check(i);
}

static const struct {
	int mode;
	const char *name;
	bool zeros;
} fallocations[] = {
	{ 0, "fallocate", false },
	{ FALLOC_FL_KEEP_SIZE, "fallocate (keeping the size)", false },
	{ FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, "punching of a hole", true },
	{ FALLOC_FL_ZERO_RANGE, "zeroing", true },
	{ FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, "zeroing (keeping the size)", true },
};

static void do_fallocate(void)
{
	int i = existing(), fd;
	struct file *f = &files[i];
	size_t kind = below(5), at = below(MAX - 1), len = 1 + below(8 * BLOCK), end, j;
	long ret;

	if (i < 0)
		return;
	if (at + len > MAX)
		len = MAX - at;
	doing("%s of %zu at %zu in %s of %zu", fallocations[kind].name, len, at, name_of(i),
	      f->size);
	fd = open_file(i, O_RDWR);
	if (fd < 0)
		return;
	ret = FAULTY(fallocate(fd, fallocations[kind].mode, at, len));
	end = at + len < f->size ? at + len : f->size;
	if (ret < 0 && errno == EOPNOTSUPP) {
		doing("%s (there is none here)", fallocations[kind].name);
	} else if (!is_refused(ret)) {
		if (fallocations[kind].zeros && at < end)
			memset(f->data + at, 0, end - at);
		if (!(fallocations[kind].mode & FALLOC_FL_KEEP_SIZE) && at + len > f->size)
			f->size = at + len;
	} else if (fallocations[kind].zeros) {
		/* a part of it may be zeros */
		look(i, before);
		for (j = at; j < end; j++)
			if (!before[j])
				f->data[j] = 0;
	}
	close(fd);
	check(i);
}

static void do_attr(void)
{
	int i = existing(), fd;
	struct file *f = &files[i];
	unsigned char value[ATTR_MAX];
	size_t size = below(ATTR_MAX), j;
	char list[256];
	long ret;

	if (i < 0)
		return;
	doing("attributes of %s", name_of(i));
	fd = openat(dir_fd, name_of(i), O_RDWR);
	must(fd, "open");
	ret = FAULTY(fgetxattr(fd, ATTR_NAME, value, sizeof(value)));
	if (ret < 0 && errno == ENODATA)
		ret = -1;
	else if (is_refused(ret))
		ret = f->attr_size;
	else if (memcmp(value, f->attr, ret))
		wrong("another attribute");
	if (ret != f->attr_size)
		wrong("an attribute of %ld bytes instead of %zd", ret, f->attr_size);
	ret = FAULTY(flistxattr(fd, list, sizeof(list)));
	if (!is_refused(ret) &&
	    !memmem(list, ret, ATTR_NAME, sizeof(ATTR_NAME)) != (f->attr_size < 0))
		wrong("%ld bytes of names", ret);
	if (below(4)) {
		for (j = 0; j < size; j++)
			value[j] = rnd();
		if (!is_refused(FAULTY(fsetxattr(fd, ATTR_NAME, value, size, 0)))) {
			memcpy(f->attr, value, size);
			f->attr_size = size;
		}
	} else if (f->attr_size >= 0 && !is_refused(FAULTY(fremovexattr(fd, ATTR_NAME)))) {
		f->attr_size = -1;
	}
	close(fd);
	check_attr(i);
}

static void do_sync(void)
{
	int i = existing();
	bool data = below(2);
	int fd;

	if (i < 0)
		return;
	doing("%s of %s", data ? "fdatasync" : "fsync", name_of(i));
	fd = openat(dir_fd, name_of(i), O_RDWR);
	must(fd, "open");
	if (is_refused(FAULTY(data ? fdatasync(fd) : fsync(fd)))) {
		/* As a program has to that is told so: all that was not synced again. */
		if (pwrite(fd, files[i].data, files[i].size, 0) != (ssize_t)files[i].size)
			wrong("writing again: %s", strerror(errno));
		must(fsync(fd), "fsync");
	}
	close(fd);
}

static void do_rename(void)
{
	int from = existing(), to = below(FILES);

	if (from < 0 || from == to)
		return;
	doing("rename of %s to %s", name_of(from), name_of(to));
	if (!is_refused(FAULTY(renameat(dir_fd, name_of(from), dir_fd, name_of(to))))) {
		files[to] = files[from];
		memset(&files[from], 0, sizeof(files[from]));
	}
	check(from);
	check(to);
}

static void do_unlink(void)
{
	int i = existing();

	if (i < 0)
		return;
	doing("unlink of %s", name_of(i));
	if (!is_refused(FAULTY(unlinkat(dir_fd, name_of(i), 0))))
		memset(&files[i], 0, sizeof(files[i]));
	check(i);
}

/* What is made here is gone at the end of it. */
static void do_others(void)
{
	bool is_long = below(2);
	char dir[LONG_NAME + 1], name[LONG_NAME + 1], target[1000], text[sizeof(target)];
	struct stat st;

	doing("mkdir, symlink, link%s", is_long ? " with long names" : "");
	strcpy(dir, named(is_long, "dir"));
	strcpy(name, named(is_long, "link"));
	memset(target, 't', sizeof(target));
	target[is_long ? sizeof(target) - 1 : 10] = 0;
	if (!is_refused(FAULTY(mkdirat(dir_fd, dir, 0755)))) {
		must(fstatat(dir_fd, dir, &st, 0), "stat");
		if (is_refused(FAULTY(unlinkat(dir_fd, dir, AT_REMOVEDIR))))
			must(unlinkat(dir_fd, dir, AT_REMOVEDIR), "rmdir");
	} else if (!unlinkat(dir_fd, dir, AT_REMOVEDIR)) {
		wrong("made a directory that it refused to make");
	}
	if (!is_refused(FAULTY(symlinkat(target, dir_fd, name)))) {
		long n = FAULTY(readlinkat(dir_fd, name, text, sizeof(text)));

		if (!is_refused(n) && ((size_t)n != strlen(target) || memcmp(text, target, n)))
			wrong("readlink: '%.*s'", (int)n, text);
		must(unlinkat(dir_fd, name, 0), "unlink");
	} else if (!unlinkat(dir_fd, name, 0)) {
		wrong("made a symlink that it refused to make");
	}
	int i = existing();

	if (i < 0)
		return;
	if (!is_refused(FAULTY(linkat(dir_fd, name_of(i), dir_fd, name, 0))))
		must(unlinkat(dir_fd, name, 0), "unlink");
	else if (!unlinkat(dir_fd, name, 0))
		wrong("made a link that it refused to make");
}

static void do_list(void)
{
	int fd = FAULTY(openat(dir_fd, ".", O_RDONLY | O_DIRECTORY)), want = 0, found = 0;
	char entries[1000];
	long n;

	doing("listing the directory");
	if (is_refused(fd))
		return;
	for (int i = 0; i < FILES; i++)
		want += files[i].exists;
	while ((n = FAULTY(getdents64(fd, entries, sizeof(entries)))) > 0)
		for (long at = 0; at < n; at += ((struct dirent64 *)(entries + at))->d_reclen)
			found += ((struct dirent64 *)(entries + at))->d_name[0] != '.';
	if (!is_refused(n) && found != want)
		wrong("%d files instead of %d", found, want);
	close(fd);
}

/* So that inodes are made and data is read anew. */
static void do_forget(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	doing("drop caches");
	sync();
	must(fd, "open");
	must(write(fd, "3", 1), "dropping caches");
	close(fd);
	for (int i = 0; i < FILES; i++)
		check(i);
}

static void operation(void)
{
	size_t dice = below(100);

	if (dice < 28)
		do_write();
	else if (dice < 46)
		do_read();
	else if (dice < 53)
		do_truncate();
	else if (dice < 60)
		do_fallocate();
	else if (dice < 66)
		do_attr();
	else if (dice < 74)
		do_sync();
	else if (dice < 80)
		do_rename();
	else if (dice < 84)
		do_unlink();
	else if (dice < 90)
		do_others();
	else if (dice < 94)
		do_list();
	else
		do_forget();
}

static void save(const char *directory)
{
	for (int i = 0; i < FILES; i++) {
		char name[4096];
		int fd;

		if (!files[i].exists)
			continue;
		snprintf(name, sizeof(name), "%s/%s", directory, name_of(i));
		fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		must(fd, name);
		if (write(fd, files[i].data, files[i].size) != (ssize_t)files[i].size)
			wrong("%s: %s", name, strerror(errno));
		close(fd);
	}
}

int main(int argc, char **argv)
{
	unsigned long operations = 200;
	const char *model = NULL;
	int opt;

	while ((opt = getopt(argc, argv, "s:n:o:av")) != -1) {
		switch (opt) {
		case 's': state = strtoull(optarg, NULL, 0); break;
		case 'n': operations = strtoul(optarg, NULL, 0); break;
		case 'o': model = optarg; break;
		case 'a': aligned = true; break;
		case 'v': verbose = true; break;
		default: return 2;
		}
	}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: oomops [option...] DIRECTORY; see its source\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	fault_fd = open("/proc/thread-self/make-it-fail", O_RDWR);
	faults(false);
	buffer = aligned_alloc(BLOCK, MAX);
	before = aligned_alloc(BLOCK, MAX);
	dir_fd = open(argv[optind], O_RDONLY | O_DIRECTORY);
	must(dir_fd, argv[optind]);
	for (int i = 0; i < FILES; i++) {
		files[i].exists = !faccessat(dir_fd, name_of(i), F_OK, 0);
		files[i].attr_size = -1;
	}
	for (int i = 0; i < FILES; i++)
		if (files[i].exists)
			files[i].size = look(i, files[i].data);
	for (step = 0; step < operations; step++)
		operation();
	doing("the end");
	do_forget();
	if (model)
		save(model);
	printf("%lu system calls succeeded, %lu ran out of memory\n", done, refused);
	return 0;
}

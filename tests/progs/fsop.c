// SPDX-License-Identifier: GPL-2.0
/*
 * System calls that no common program makes, for cases to call by name. Says
 * what went wrong, with the errno's text, and ends with 1.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Older headers of the C library don't have these. */
#define OP_STATX_DIOALIGN 0x00002000U
#define DIO_MEM_ALIGN_AT 152 /* offset in the kernel's struct statx */

static int failed(const char *what)
{
	fprintf(stderr, "fsop: %s: %s\n", what, strerror(errno));
	return 1;
}

static int exchange(char **arg)
{
	return renameat2(AT_FDCWD, arg[0], AT_FDCWD, arg[1], RENAME_EXCHANGE) ? failed(arg[0]) : 0;
}

static int noreplace(char **arg)
{
	return renameat2(AT_FDCWD, arg[0], AT_FDCWD, arg[1], RENAME_NOREPLACE) ? failed(arg[0]) : 0;
}

/* A file that is made with a mode, in octal. */
static int create(char **arg)
{
	return open(arg[0], O_CREAT | O_EXCL | O_WRONLY, strtoul(arg[1], NULL, 8)) < 0 ?
		       failed(arg[0]) :
		       0;
}

/* A file without a name that gets one once it has its content. */
static int tmpfile_link(char **arg)
{
	char self[64];
	int fd = open(arg[0], O_TMPFILE | O_RDWR, 0640);

	if (fd < 0)
		return failed("open with O_TMPFILE");
	if (write(fd, arg[2], strlen(arg[2])) != (ssize_t)strlen(arg[2]))
		return failed("write");
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, self, AT_FDCWD, arg[1], AT_SYMLINK_FOLLOW))
		return failed("linkat");
	return 0;
}

/* A file without a name that is written, read back, and never gets one. */
static int tmpfile_drop(char **arg)
{
	char text[] = "nothing to keep", got[sizeof(text)];
	int fd = open(arg[0], O_TMPFILE | O_RDWR | O_EXCL, 0600);

	if (fd < 0)
		return failed("open with O_TMPFILE");
	if (pwrite(fd, text, sizeof(text), 5000) != sizeof(text) || fsync(fd))
		return failed("write");
	if (pread(fd, got, sizeof(got), 5000) != sizeof(got) || memcmp(got, text, sizeof(text)))
		return failed("read");
	return 0;
}

/* An open file that is turned to direct I/O, and used so. */
static int setfl_direct(char **arg)
{
	void *buf = aligned_alloc(4096, 4096);
	int fd = open(arg[0], O_RDWR), flags;

	if (fd < 0 || !buf)
		return failed("open");
	flags = fcntl(fd, F_GETFL);
	if (fcntl(fd, F_SETFL, flags | O_DIRECT))
		return failed("fcntl");
	memset(buf, 'd', 4096);
	if (pwrite(fd, buf, 4096, 0) != 4096 || pread(fd, buf, 4096, 0) != 4096)
		return failed("direct I/O after fcntl");
	return 0;
}

/* Prints the alignment of memory and of offsets that direct I/O is to have. */
static int dioalign(char **arg)
{
	unsigned char raw[256] = { 0 };
	unsigned int mask, align[2];

	if (syscall(SYS_statx, AT_FDCWD, arg[0], 0, OP_STATX_DIOALIGN, raw))
		return failed("statx");
	memcpy(&mask, raw, sizeof(mask));
	memcpy(align, raw + DIO_MEM_ALIGN_AT, sizeof(align));
	if (!(mask & OP_STATX_DIOALIGN)) {
		puts("none");
		return 0;
	}
	printf("%u %u\n", align[0], align[1]);
	return 0;
}

/*
 * Reads a directory twice: from the beginning, and, for each entry, from where
 * the entry before it said it ended. Both have to give the same names.
 */
static int readdir_seek(char **arg)
{
	DIR *dir = opendir(arg[0]);
	struct dirent *entry;
	long *ends = NULL;
	char **names = NULL;
	size_t n = 0;

	if (!dir)
		return failed(arg[0]);
	while (errno = 0, (entry = readdir(dir))) {
		ends = realloc(ends, (n + 1) * sizeof(*ends));
		names = realloc(names, (n + 1) * sizeof(*names));
		ends[n] = telldir(dir);
		names[n++] = strdup(entry->d_name);
	}
	if (errno)
		return failed("readdir");
	for (size_t i = n - 1; i-- > 0;) {
		seekdir(dir, ends[i]);
		entry = readdir(dir);
		if (!entry || strcmp(entry->d_name, names[i + 1])) {
			fprintf(stderr, "fsop: after %s: %s instead of %s\n", names[i],
				entry ? entry->d_name : "the end", names[i + 1]);
			return 1;
		}
	}
	printf("%zu\n", n);
	return 0;
}

/* Prints the inode number that a directory gives for itself. */
static int dot(char **arg)
{
	DIR *dir = opendir(arg[0]);
	struct dirent *entry;

	if (!dir)
		return failed(arg[0]);
	while ((entry = readdir(dir)))
		if (!strcmp(entry->d_name, "."))
			printf("%llu\n", (unsigned long long)entry->d_ino);
	return 0;
}

/* A file that is unlinked while it is open stays usable. */
static int unlinked(char **arg)
{
	char text[] = "still here", got[sizeof(text)];
	struct stat st;
	int fd = open(arg[0], O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		return failed("open");
	if (write(fd, text, sizeof(text)) != sizeof(text) || unlink(arg[0]))
		return failed("unlink");
	if (fsync(fd) || fstat(fd, &st) || st.st_nlink)
		return failed("fsync or fstat of an unlinked file");
	if (pread(fd, got, sizeof(got), 0) != sizeof(got) || memcmp(got, text, sizeof(text)))
		return failed("read of an unlinked file");
	return 0;
}

/*
 * Sets an attribute to a number of bytes, each of them 'v'; how: "any", "create" if
 * there must be none, "replace" if there must be one.
 */
static int set_value(char **arg)
{
	size_t len = strtoul(arg[2], NULL, 0);
	char *value = malloc(len + 1);
	int flags = !strcmp(arg[3], "create")  ? XATTR_CREATE :
		    !strcmp(arg[3], "replace") ? XATTR_REPLACE :
						 0;

	if (!value)
		return failed("malloc");
	memset(value, 'v', len);
	return lsetxattr(arg[0], arg[1], value, len, flags) ? failed("lsetxattr") : 0;
}

/*
 * Gets an attribute into a buffer of a number of bytes; 0 asks for its size. Prints
 * what the call returned, and "bad" if the bytes are not those of set-value.
 */
static int get_value(char **arg)
{
	size_t len = strtoul(arg[2], NULL, 0);
	char *value = calloc(1, len + 1);
	ssize_t ret;

	if (!value)
		return failed("calloc");
	ret = lgetxattr(arg[0], arg[1], value, len);
	if (ret < 0)
		return failed("lgetxattr");
	printf("%zd%s\n", ret,
	       len && strspn(value, "v") != (size_t)ret ? " bad" : "");
	return 0;
}

/* Lists names of attributes into a buffer of a number of bytes; 0 asks for the size. */
static int list_values(char **arg)
{
	size_t len = strtoul(arg[1], NULL, 0);
	char *list = calloc(1, len + 1);
	ssize_t ret;

	if (!list)
		return failed("calloc");
	ret = llistxattr(arg[0], list, len);
	if (ret < 0)
		return failed("llistxattr");
	printf("%zd:", ret);
	for (char *name = list; len && name < list + ret; name += strlen(name) + 1)
		printf(" %s", name);
	putchar('\n');
	return 0;
}

/* Whether nothing has the block device: no filesystem, no mapping. */
static int unused(char **arg)
{
	return open(arg[0], O_RDWR | O_EXCL) < 0 ? failed(arg[0]) : 0;
}

static const struct {
	const char *name;
	int args;
	int (*run)(char **arg);
} ops[] = {
	{ "exchange", 2, exchange },
	{ "noreplace", 2, noreplace },
	{ "create", 2, create },
	{ "tmpfile-link", 3, tmpfile_link },
	{ "tmpfile-drop", 1, tmpfile_drop },
	{ "setfl-direct", 1, setfl_direct },
	{ "dioalign", 1, dioalign },
	{ "readdir-seek", 1, readdir_seek },
	{ "dot", 1, dot },
	{ "unlinked", 1, unlinked },
	{ "set-value", 4, set_value },
	{ "get-value", 3, get_value },
	{ "list-values", 2, list_values },
	{ "unused", 1, unused },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (argc == ops[i].args + 2 && !strcmp(argv[1], ops[i].name))
			return ops[i].run(argv + 2);
	fprintf(stderr, "usage: fsop OPERATION ARGUMENT...; see its source\n");
	return 2;
}

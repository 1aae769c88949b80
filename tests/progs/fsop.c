// SPDX-License-Identifier: GPL-2.0
/*
 * System calls that no common program makes, for cases to call by name. Says
 * what went wrong, with the errno's text, and ends with 1.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

/* mv(1) would move into a directory. */
static int plain_rename(char **arg)
{
	return rename(arg[0], arg[1]) ? failed(arg[0]) : 0;
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

/* chmod(1), chgrp(1) and chattr(1) look at the file first. A mode in octal. */
static int bare_chmod(char **arg)
{
	return chmod(arg[0], strtoul(arg[1], NULL, 8)) ? failed(arg[0]) : 0;
}

static int bare_chgrp(char **arg)
{
	return chown(arg[0], -1, strtoul(arg[1], NULL, 0)) ? failed(arg[0]) : 0;
}

/* Of a descriptor that is open. */
static int set_flags(char **arg)
{
	int flags = strtol(arg[1], NULL, 0);

	return ioctl(atoi(arg[0]), FS_IOC_SETFLAGS, &flags) ? failed(arg[0]) : 0;
}

/* A regular file, which nobody opens. */
static int make_node(char **arg)
{
	return mknod(arg[0], S_IFREG | 0644, 0) ? failed(arg[0]) : 0;
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

/*
 * Lists a directory, a few entries at a time; after the first it stops itself. Prints
 * how many there were, and how many, or which error, when it goes on.
 */
static int list_slowly(char **arg)
{
	int fd = open(arg[0], O_RDONLY | O_DIRECTORY), counts[2] = { 0, 0 };
	char buf[512];
	long n;

	if (fd < 0)
		return failed(arg[0]);
	for (int later = 0; later < 2; later++) {
		while ((n = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0) {
			for (long at = 0; at < n; at += *(unsigned short *)(buf + at + 16))
				counts[later]++;
			if (!later)
				break;
		}
		if (!later)
			kill(getpid(), SIGSTOP);
	}
	if (n < 0)
		printf("%d then %s\n", counts[0], strerrorname_np(errno));
	else
		printf("%d then %d\n", counts[0], counts[1]);
	return 0;
}

/* many DIR COUNT: empty files, but of sizes that their names say. */
static int many(char **arg)
{
	int count = atoi(arg[1]), fd;
	char path[4096];

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/file-%d", arg[0], i);
		fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0644);
		if (fd < 0 || ftruncate(fd, i * 37 % 20000) || close(fd))
			return failed(path);
	}
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

/* A file that is unlinked while it is open stays usable.  Prints how many links it has. */
static int unlinked(char **arg)
{
	char text[] = "still here", got[sizeof(text)];
	struct stat st;
	int fd = open(arg[0], O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		return failed("open");
	if (write(fd, text, sizeof(text)) != sizeof(text) || unlink(arg[0]))
		return failed("unlink");
	if (fsync(fd) || fstat(fd, &st))
		return failed("fsync or fstat of an unlinked file");
	if (pread(fd, got, sizeof(got), 0) != sizeof(got) || memcmp(got, text, sizeof(text)))
		return failed("read of an unlinked file");
	printf("%lu\n", (unsigned long)st.st_nlink);
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

static int seek(char **arg, int whence)
{
	int fd = open(arg[0], O_RDONLY);
	off_t at;

	if (fd < 0)
		return failed(arg[0]);
	at = lseek(fd, atoll(arg[1]), whence);
	if (at < 0)
		return failed("lseek");
	printf("%lld\n", (long long)at);
	return 0;
}

static int seek_data(char **arg)
{
	return seek(arg, SEEK_DATA);
}

static int seek_hole(char **arg)
{
	return seek(arg, SEEK_HOLE);
}

/* Prints a file's extents; they must be in order, and within the file's blocks. */
static int fiemap(char **arg)
{
	enum { EXTENTS = 64 };
	struct fiemap *map = calloc(1, sizeof(*map) + EXTENTS * sizeof(struct fiemap_extent));
	int fd = open(arg[0], O_RDONLY);
	unsigned long long at = 0;
	struct stat st;

	if (!map || fd < 0 || fstat(fd, &st))
		return failed(arg[0]);
	map->fm_length = FIEMAP_MAX_OFFSET;
	map->fm_flags = FIEMAP_FLAG_SYNC;
	map->fm_extent_count = EXTENTS;
	if (ioctl(fd, FS_IOC_FIEMAP, map))
		return failed("fiemap");
	for (unsigned int i = 0; i < map->fm_mapped_extents; i++) {
		const struct fiemap_extent *e = map->fm_extents + i;

		printf("%llu %llu %#x\n", (unsigned long long)e->fe_logical,
		       (unsigned long long)e->fe_length, e->fe_flags);
		if (e->fe_logical < at || !e->fe_length ||
		    e->fe_logical + e->fe_length > ((unsigned long long)st.st_size + 8191) / 4096 * 4096) {
			fprintf(stderr, "fsop: extent %u is out of order or of the file\n", i);
			return 1;
		}
		at = e->fe_logical + e->fe_length;
	}
	return !map->fm_mapped_extents;
}

/* handle-save PATH FILE: stores the handle of PATH. */
static int handle_save(char **arg)
{
	struct file_handle *handle = calloc(1, sizeof(*handle) + MAX_HANDLE_SZ);
	int fd = open(arg[1], O_WRONLY | O_CREAT | O_TRUNC, 0600), mount_id;
	size_t len;

	if (!handle || fd < 0)
		return failed(arg[1]);
	handle->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, arg[0], handle, &mount_id, 0))
		return failed("name_to_handle_at");
	len = sizeof(*handle) + handle->handle_bytes;
	return write(fd, handle, len) != (ssize_t)len || close(fd) ? failed("write") : 0;
}

/*
 * handle-open FILE MOUNT: opens the stored handle on a mount; prints the path the
 * kernel gives it, and what is in it, if it is a file.
 */
static int handle_open(char **arg)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u;
	char self[64], where[4096], buf[4096];
	int fd = open(arg[0], O_RDONLY), mount = open(arg[1], O_RDONLY | O_DIRECTORY);
	ssize_t n;

	if (fd < 0 || mount < 0 || read(fd, &u, sizeof(u)) <= 0)
		return failed(arg[0]);
	fd = open_by_handle_at(mount, &u.handle, O_RDONLY);
	if (fd < 0)
		return failed("open_by_handle_at");
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	n = readlink(self, where, sizeof(where) - 1);
	printf("%.*s\n", (int)n, where);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, n, stdout);
	return n < 0 && errno != EISDIR ? failed("read") : 0;
}

/* A POSIX lock of one process, and OFD locks of one open file, keep others out. */
static int locks(char **arg)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 10 };
	int fd = open(arg[0], O_RDWR), other = open(arg[0], O_RDWR), status;
	struct flock ask = lock;

	if (fd < 0 || other < 0)
		return failed(arg[0]);
	if (fcntl(fd, F_OFD_SETLK, &lock))
		return failed("F_OFD_SETLK");
	if (!fcntl(other, F_OFD_SETLK, &lock) || errno != EAGAIN)
		return failed("a second F_OFD_SETLK was not refused");
	lock.l_type = F_UNLCK;
	if (fcntl(fd, F_OFD_SETLK, &lock))
		return failed("F_OFD_SETLK to unlock");
	lock.l_type = F_WRLCK;
	if (fcntl(fd, F_SETLK, &lock))
		return failed("F_SETLK");
	if (!fork())
		_exit(!fcntl(fd, F_SETLK, &lock) || fcntl(fd, F_GETLK, &ask) ||
		      ask.l_type != F_WRLCK || ask.l_pid != getppid());
	if (wait(&status) < 0 || status)
		return failed("another process was not kept out");
	return 0;
}

static volatile sig_atomic_t broken;

static void lease_breaks(int sig)
{
	(void)sig;
	broken = 1;
}

/* The holder of a write lease is told when somebody else opens the file. */
static int lease(char **arg)
{
	int fd = open(arg[0], O_RDWR), status;
	pid_t child;

	if (fd < 0)
		return failed(arg[0]);
	signal(SIGIO, lease_breaks);
	if (fcntl(fd, F_SETLEASE, F_WRLCK))
		return failed("F_SETLEASE");
	child = fork();
	if (!child)
		_exit(open(arg[0], O_RDONLY) < 0);
	for (int i = 0; i < 100 && !broken; i++)
		usleep(100000);
	if (!broken || waitpid(child, &status, WNOHANG))
		return failed("the lease was not broken, or nobody waited");
	if (fcntl(fd, F_SETLEASE, F_UNLCK))
		return failed("F_SETLEASE to unlock");
	return wait(&status) < 0 || status ? failed("open by another") : 0;
}

static const struct {
	const char *name;
	int args;
	int (*run)(char **arg);
} ops[] = {
	{ "rename", 2, plain_rename },
	{ "exchange", 2, exchange },
	{ "noreplace", 2, noreplace },
	{ "create", 2, create },
	{ "chmod", 2, bare_chmod },
	{ "chgrp", 2, bare_chgrp },
	{ "set-flags", 2, set_flags },
	{ "mknod", 1, make_node },
	{ "tmpfile-link", 3, tmpfile_link },
	{ "tmpfile-drop", 1, tmpfile_drop },
	{ "seek-data", 2, seek_data },
	{ "seek-hole", 2, seek_hole },
	{ "fiemap", 1, fiemap },
	{ "handle-save", 2, handle_save },
	{ "handle-open", 2, handle_open },
	{ "locks", 1, locks },
	{ "lease", 1, lease },
	{ "setfl-direct", 1, setfl_direct },
	{ "dioalign", 1, dioalign },
	{ "readdir-seek", 1, readdir_seek },
	{ "dot", 1, dot },
	{ "list-slowly", 1, list_slowly },
	{ "many", 2, many },
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

// SPDX-License-Identifier: GPL-2.0
/*
 * Data that goes from file to file, or through pipes, without passing through a
 * program; and what programs say they will need.
 *
 *	copies table OTHER ODD	in the current directory, and from and to a file on
 *				another filesystem: prints what each call does, and
 *				leaves the files, named after what was done to them.
 *				With ODD=direct what is not aligned is tried with
 *				O_DIRECT, too; with ODD=cached the same without it
 *	copies advise FILE HOW	HOW: dontneed, willneed, readahead
 *	copies read FILE OFFSET LENGTH ADVICE
 *				with an advice to posix_fadvise(), by its number
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pattern.h"

#define SIZE 50000
#define HOLE_END 30000	/* from 10000 on, with a hole of blocks in it */

static char *buf;
static int files;
static int odd_direct;

static void die(const char *what)
{
	fprintf(stderr, "copies: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A file with a hole, open for both. */
static int source(const char *name, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%02d-%s", ++files, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (fd < 0)
		die(path);
	pattern_fill(buf, SIZE, 1, 0);
	if (pwrite(fd, buf, 10000, 0) != 10000 ||
	    pwrite(fd, buf + HOLE_END, SIZE - HOLE_END, HOLE_END) != SIZE - HOLE_END)
		die(path);
	if (!flags)
		return fd;
	close(fd);
	fd = open(path, flags);
	if (fd < 0)
		die(path);
	return fd;
}

/* A file with something in it. */
static int target(const char *name, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%02d-%s", ++files, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	pattern_fill(buf, 7000, 2, 0);
	if (fd < 0 || write(fd, buf, 7000) != 7000 || close(fd))
		die(path);
	fd = open(path, flags ? flags : O_RDWR);
	if (fd < 0)
		die(path);
	return fd;
}

static void print_result(const char *what, ssize_t ret)
{
	if (ret < 0)
		printf("%s: %s\n", what, strerrorname_np(errno));
	else
		printf("%s: %zd\n", what, ret);
}

static void print_file(int fd)
{
	uint64_t sum = 0;
	struct stat st;
	char path[32];
	ssize_t n = 0;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		die("fstat");
	if (S_ISREG(st.st_mode))
		n = read(fd, buf, 1 << 20);
	for (ssize_t i = 0; i < n; i++)
		sum = sum * 31 + (unsigned char)buf[i];
	printf("    %lld bytes, sum %016llx\n", (long long)st.st_size, (unsigned long long)sum);
	close(fd);
}

static void copy_range(const char *what, int from, loff_t at, int to, loff_t dest, size_t len,
		       unsigned int flags)
{
	loff_t in = at, out = dest;
	ssize_t ret = copy_file_range(from, at < 0 ? NULL : &in, to, dest < 0 ? NULL : &out, len,
				      flags);

	print_result(what, ret);
	printf("    offsets %lld %lld, positions %lld %lld\n", (long long)in, (long long)out,
	       (long long)lseek(from, 0, SEEK_CUR), (long long)lseek(to, 0, SEEK_CUR));
	print_file(to);
}

static void copy_ranges(int other)
{
	int a = source("source", 0), b = target("target", 0);
	int direct = source("source-direct", O_RDWR | O_DIRECT), dir = open(".", O_RDONLY);
	int odd = source("source-odd", O_RDWR | odd_direct);

	copy_range("all", a, 0, b, 0, SIZE, 0);
	copy_range("by position", a, -1, b, -1, 3000, 0);
	copy_range("by position again", a, -1, b, -1, 3000, 0);
	copy_range("from a hole", a, 15000, b, 100, 9000, 0);
	copy_range("past the end of the source", a, SIZE, b, 0, 100, 0);
	copy_range("over the end of the source", a, SIZE - 100, b, 0, 1000, 0);
	copy_range("past the end of the target", a, 5, b, 90001, 20000, 0);
	copy_range("nothing", a, 0, b, 0, 0, 0);
	copy_range("with a flag", a, 0, b, 0, 10, 1);
	copy_range("within the file", a, 100, a, 60000, 9999, 0);
	copy_range("overlapping", a, 0, a, 100, 9999, 0);
	copy_range("onto itself", a, 0, a, 0, 100, 0);
	copy_range("next to each other", a, 0, a, 4096, 4096, 0);
	copy_range("out of a file for direct I/O", direct, 4096, b, 8192, 12288, 0);
	copy_range("out of one, not aligned", odd, 100, b, 10, 5000, 0);
	copy_range("into a file for direct I/O", a, 4096, direct, 8192, 12288, 0);
	copy_range("into one, not aligned", a, 77, odd, 33, 5555, 0);
	copy_range("to append", a, 0, target("append", O_WRONLY | O_APPEND), 0, 100, 0);
	copy_range("to a file open for reading", a, 0, target("reading", O_RDONLY), 0, 100, 0);
	copy_range("from a file open for writing", target("writing", O_WRONLY), 0, b, 0, 100, 0);
	copy_range("to another filesystem", a, 0, other, 0, 100, 0);
	copy_range("from another filesystem", other, 0, b, 0, 100, 0);
	if (copy_file_range(dir, NULL, b, NULL, 100, 0) < 0)
		printf("from a directory: %s\n", strerrorname_np(errno));
}

/* Through a pipe, whole; what each end returned. */
static void through_pipe(const char *what, int from, loff_t at, int to, loff_t dest, size_t len,
			 unsigned int flags)
{
	ssize_t in = 0, out = 0, done = 0, filled = 0;
	int pipefd[2];

	if (pipe(pipefd))
		die("pipe");
	while ((size_t)filled < len && (in = splice(from, &at, pipefd[1], NULL, len - filled, flags)) > 0) {
		filled += in;
		while (done < filled &&
		       (out = splice(pipefd[0], NULL, to, dest < 0 ? NULL : &dest, filled - done,
				     flags)) > 0)
			done += out;
		if (out < 0)
			break;
	}
	print_result(what, in < 0 ? in : out < 0 ? out : done);
	print_file(to);
	close(pipefd[0]);
	close(pipefd[1]);
}

static void splices(int other)
{
	int a = source("spliced", 0), direct = source("spliced-direct", O_RDWR | O_DIRECT);

	through_pipe("splice", a, 0, target("splice", 0), 0, SIZE, 0);
	through_pipe("splice, not aligned", a, 33, target("splice-odd", 0), 5001, 30000, 0);
	through_pipe("splice, moving", a, 0, target("splice-move", 0), 4096, SIZE, SPLICE_F_MOVE);
	through_pipe("splice by position", a, 0, target("splice-position", 0), -1, SIZE, 0);
	through_pipe("splice from the end", a, SIZE, target("splice-end", 0), 0, 100, 0);
	through_pipe("splice from direct I/O", direct, 4096, target("splice-from-direct", 0), 0,
		     40960, 0);
	through_pipe("splice to direct I/O", a, 0, target("splice-to-direct", O_RDWR | O_DIRECT),
		     4096, 16384, 0);
	through_pipe("splice to direct I/O, not aligned", a, 10,
		     target("splice-to-odd", O_RDWR | odd_direct), 77, 20001, 0);
	through_pipe("splice to append", a, 0, target("splice-append", O_WRONLY | O_APPEND), -1,
		     100, 0);
	through_pipe("splice to another filesystem", a, 0, other, 0, SIZE, 0);
	through_pipe("splice from another filesystem", other, 0, target("splice-other", 0), 0, SIZE,
		     0);
}

/* One pipe to two files. */
static void tees(void)
{
	int a = source("teed", 0), b = target("tee", 0), c = target("tee-2", 0);
	int one[2], two[2];
	loff_t at = 3000;
	ssize_t n;

	if (pipe(one) || pipe(two))
		die("pipe");
	n = splice(a, &at, one[1], NULL, 20000, 0);
	print_result("into the pipe", n);
	print_result("tee", tee(one[0], two[1], n, 0));
	at = 0;
	print_result("out of one", splice(one[0], NULL, b, &at, n, 0));
	/* its pages are not those of the file: the other pipe still has what was read */
	pattern_fill(buf, SIZE, 5, 0);
	if (pwrite(b, buf, 20000, 0) != 20000)
		die("write");
	at = 500;
	print_result("out of the other", splice(two[0], NULL, c, &at, n, 0));
	print_file(b);
	print_file(c);
}

/* A program's own pages into a file; it changes them afterwards. */
static void vmsplices(void)
{
	for (int i = 0; i < 4; i++) {
		int flags = i % 2 ? SPLICE_F_GIFT : 0;
		int b = target("vmsplice", O_RDWR | (i / 2 ? O_DIRECT : 0));
		char *data = aligned_alloc(4096, 32768);
		struct iovec iov = { data, 32768 };
		loff_t at = 4096;
		int pipefd[2];

		if (!data || pipe(pipefd))
			die("pipe");
		pattern_fill(data, 32768, 6 + i, 0);
		print_result("vmsplice", vmsplice(pipefd[1], &iov, 1, flags));
		print_result("splice", splice(pipefd[0], NULL, b, &at, 32768,
					      flags ? SPLICE_F_MOVE : 0));
		memset(data, 'x', 32768);
		if (fsync(b))
			die("fsync");
		print_file(b);
		free(data);
	}
}

static void send_file(const char *what, int from, off_t at, int to, size_t len)
{
	ssize_t ret = 0, done = 0;

	while ((size_t)done < len && (ret = sendfile(to, from, &at, len - done)) > 0)
		done += ret;
	print_result(what, ret < 0 ? ret : done);
	print_file(to);
}

static void sendfiles(int other)
{
	int a = source("sent", 0), ends[2];
	off_t at = 9000;
	ssize_t n;

	send_file("sendfile", a, 0, target("sendfile", 0), SIZE);
	send_file("sendfile, not aligned", a, 4097, target("sendfile-odd", 0), 12345);
	send_file("sendfile to direct I/O", a, 0, target("sendfile-direct", O_RDWR | O_DIRECT), 16384);
	send_file("sendfile to append", a, 0, target("sendfile-append", O_WRONLY | O_APPEND), 100);
	send_file("sendfile to another filesystem", a, 0, other, SIZE);
	send_file("sendfile from another filesystem", other, 0, target("sendfile-other", 0), SIZE);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die("socketpair");
	n = sendfile(ends[0], a, &at, 20000);
	print_result("sendfile to a socket", n);
	shutdown(ends[0], SHUT_WR);
	n = recv(ends[1], buf, 20000, MSG_WAITALL);
	printf("    received %zd, first %02x %02x %02x\n", n, (unsigned char)buf[0],
	       (unsigned char)buf[999], (unsigned char)buf[1000]);
}

static void clones(int other)
{
	int a = source("cloned", 0), b = target("clone", 0);
	struct file_clone_range range = { .src_fd = a, .src_length = 4096 };
	struct {
		struct file_dedupe_range head;
		struct file_dedupe_range_info info;
	} dedupe = { .head = { .src_length = 4096, .dest_count = 1 }, .info = { .dest_fd = b } };
	int ret;

	print_result("FICLONE", ioctl(b, FICLONE, a));
	print_result("FICLONERANGE", ioctl(b, FICLONERANGE, &range));
	print_result("FICLONE from another filesystem", ioctl(b, FICLONE, other));
	ret = ioctl(a, FIDEDUPERANGE, &dedupe);
	print_result("FIDEDUPERANGE", ret);
	printf("    status %d\n", dedupe.info.status);
	print_file(b);
}

static void advices(void)
{
	int a = source("advised", 0), b = target("advised-write", O_WRONLY), pipefd[2];

	for (int advice = -1; advice < 8; advice++) {
		errno = posix_fadvise(a, 4096, 9000, advice);
		print_result("fadvise", errno ? -1 : advice);
		errno = posix_fadvise(b, 0, 0, advice);
		print_result("fadvise of a file open for writing", errno ? -1 : advice);
	}
	errno = posix_fadvise(a, 0, -1, POSIX_FADV_NORMAL);
	print_result("of less than nothing", errno ? -1 : 0);
	if (pipe(pipefd))
		die("pipe");
	errno = posix_fadvise(pipefd[0], 0, 0, POSIX_FADV_NORMAL);
	print_result("of a pipe", errno ? -1 : 0);
	print_result("readahead", readahead(a, 0, SIZE));
	print_result("readahead past the end", readahead(a, SIZE * 2, SIZE));
	print_result("readahead of a file open for writing", readahead(b, 0, 100));
	print_file(a);
}

static int advise(const char *path, const char *how)
{
	int fd = open(path, O_RDWR);

	if (fd < 0)
		die(path);
	if (!strcmp(how, "readahead"))
		return readahead(fd, 0, 1 << 30) ? 1 : 0;
	return posix_fadvise(fd, 0, 0,
			     !strcmp(how, "dontneed") ? POSIX_FADV_DONTNEED : POSIX_FADV_WILLNEED);
}

static int read_some(char **arg)
{
	int fd = open(arg[0], O_RDONLY);
	size_t len = strtoul(arg[2], NULL, 0);

	if (fd < 0 || posix_fadvise(fd, 0, 0, atoi(arg[3])))
		die(arg[0]);
	return pread(fd, buf, len, strtoll(arg[1], NULL, 0)) != (ssize_t)len;
}

int main(int argc, char **argv)
{
	buf = aligned_alloc(4096, 1 << 20);
	if (!buf)
		die("memory");
	if (argc == 4 && !strcmp(argv[1], "table")) {
		int other = open(argv[2], O_RDWR | O_CREAT | O_TRUNC, 0644);

		odd_direct = strcmp(argv[3], "direct") ? 0 : O_DIRECT;
		pattern_fill(buf, SIZE, 3, 0);
		if (other < 0 || pwrite(other, buf, SIZE, 0) != SIZE)
			die(argv[2]);
		copy_ranges(other);
		splices(other);
		tees();
		vmsplices();
		sendfiles(other);
		clones(other);
		advices();
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "advise"))
		return advise(argv[2], argv[3]);
	if (argc == 6 && !strcmp(argv[1], "read"))
		return read_some(argv + 2);
	fprintf(stderr, "usage: copies OPERATION ARGUMENT...; see its source\n");
	return 2;
}

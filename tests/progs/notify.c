// SPDX-License-Identifier: GPL-2.0
/*
 * What others are told, and asked, of the things that are done in a directory.
 *
 *	notify mount DIR	fanotify of the mount, with open files
 *	notify fid DIR		fanotify of the filesystem, with file handles and names;
 *				each must lead to the file again
 *	notify ask DIR		permission events: what is called "denied" is
 *	notify leases DIR	leases: who gets one, and what breaks it
 *
 * Events are printed, in order, so that two filesystems can be compared.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef FAN_RENAME
#define FAN_RENAME 0x10000000
#endif

static const char *dir;
static int group, dir_fd;

static void die(const char *what)
{
	fprintf(stderr, "notify: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void said(const char *what, int ret)
{
	printf("%s: %s\n", what, ret < 0 ? strerrorname_np(errno) : "done");
	fflush(stdout);
}

/* ---- what is done, in the directory ---- */

static void put(const char *name, int flags)
{
	char *data = aligned_alloc(4096, 8192);
	int fd = open(name, O_CREAT | O_RDWR | flags, 0644);

	memset(data, 'n', 8192);
	if (fd < 0 || write(fd, data, 8192) != 8192 || pread(fd, data, 4096, 0) != 4096)
		die(name);
	close(fd);
	free(data);
}

/* Each is watched on its own, as events of one object are told together. */
static void step_cached(void)
{
	put("cached", 0);
}

static void step_direct(void)
{
	put("direct", O_DIRECT);
}

static void step_read(void)
{
	int fd = open("cached", O_RDONLY);
	char byte;

	if (read(fd, &byte, 1) != 1 || close(fd))
		die("read");
}

static void step_map(void)
{
	int fd = open("cached", O_RDWR);
	char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	map[0] = 'm';
	if (munmap(map, 4096) || close(fd))
		die("munmap");
}

static void step_size(void)
{
	int fd = open("cached", O_RDWR);

	if (ftruncate(fd, 100) || close(fd))
		die("ftruncate");
}

static void step_allocate(void)
{
	int fd = open("cached", O_RDWR);

	if (fallocate(fd, 0, 0, 10000) || close(fd))
		die("fallocate");
}

static void step_truncate(void)
{
	if (truncate("cached", 50))
		die("truncate");
}

static void step_attributes(void)
{
	if (chmod("cached", 0600) || setxattr("cached", "user.x", "y", 1, 0))
		die("attributes");
}

static void step_names(void)
{
	if (mkdir("sub", 0755) || link("direct", "sub/linked") || symlink("target", "symlink") ||
	    mkfifo("fifo", 0600))
		die("names");
}

static void step_rename(void)
{
	if (rename("cached", "sub/renamed"))
		die("rename");
}

static void step_append(void)
{
	int fd = open("sub/renamed", O_WRONLY | O_APPEND);

	if (write(fd, "x", 1) != 1 || close(fd))
		die("append");
}

static void step_list(void)
{
	int fd = open("sub", O_RDONLY | O_DIRECTORY);

	if (fd < 0 || close(fd))
		die("sub");
}

static void step_remove(void)
{
	if (unlink("sub/renamed") || unlink("sub/linked") || unlink("symlink") ||
	    unlink("fifo") || rmdir("sub") || unlink("direct"))
		die("removing");
}

static void (*const steps[])(void) = {
	step_cached, step_direct, step_read, step_map, step_size, step_allocate, step_truncate,
	step_attributes, step_names, step_rename, step_append, step_list, step_remove,
};

/* ---- what is told ---- */

static const struct {
	unsigned long long bit;
	const char *name;
} bits[] = {
	{ FAN_OPEN, "OPEN" }, { FAN_OPEN_EXEC, "OPEN_EXEC" }, { FAN_ACCESS, "ACCESS" },
	{ FAN_MODIFY, "MODIFY" }, { FAN_CLOSE_WRITE, "CLOSE_WRITE" },
	{ FAN_CLOSE_NOWRITE, "CLOSE_NOWRITE" }, { FAN_ATTRIB, "ATTRIB" },
	{ FAN_CREATE, "CREATE" }, { FAN_DELETE, "DELETE" }, { FAN_MOVED_FROM, "MOVED_FROM" },
	{ FAN_MOVED_TO, "MOVED_TO" }, { FAN_DELETE_SELF, "DELETE_SELF" },
	{ FAN_MOVE_SELF, "MOVE_SELF" }, { FAN_ONDIR, "ONDIR" }, { FAN_OPEN_PERM, "OPEN_PERM" },
	{ FAN_ACCESS_PERM, "ACCESS_PERM" }, { FAN_OPEN_EXEC_PERM, "OPEN_EXEC_PERM" },
};

static void print_mask(unsigned long long mask)
{
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if (mask & bits[i].bit)
			printf(" %s", bits[i].name);
}

/* The path of an open file, in the directory. */
static const char *path_of(int fd)
{
	static char where[4096];
	char self[64];
	ssize_t n;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	n = readlink(self, where, sizeof(where) - 1);
	if (n < 0)
		die("readlink");
	where[n] = 0;
	if (strncmp(where, dir, strlen(dir)))
		return where;
	return where[strlen(dir)] ? where + strlen(dir) + 1 : ".";
}

static void print_handle(struct fanotify_event_info_fid *info, int removed)
{
	struct file_handle *handle = (struct file_handle *)info->handle;
	const char *name = (char *)handle->f_handle + handle->handle_bytes;
	int fd = open_by_handle_at(dir_fd, handle, O_PATH), type = info->hdr.info_type;

	printf(" | %s ", type == FAN_EVENT_INFO_TYPE_FID ? "file" : "directory");
	/* when it is freed is the filesystem's own business */
	if (removed && type == FAN_EVENT_INFO_TYPE_FID)
		printf("removed");
	else if (fd < 0)
		printf("%s", errno == ESTALE ? "gone" : strerrorname_np(errno));
	else
		printf("%s", type == FAN_EVENT_INFO_TYPE_FID ? "there" : path_of(fd));
	if (type == FAN_EVENT_INFO_TYPE_DFID_NAME)
		printf(" name %s", name);
	if (fd >= 0)
		close(fd);
}

/* The answer to who asks; 0 if nobody does. */
static void answer(const struct fanotify_event_metadata *event)
{
	struct fanotify_response response = { .fd = event->fd, .response = FAN_ALLOW };
	const char *path = path_of(event->fd);

	if (strstr(path, "denied") &&
	    (!strstr(path, "read") || (event->mask & FAN_ACCESS_PERM)) &&
	    (!strstr(path, "exec") || (event->mask & FAN_OPEN_EXEC_PERM)))
		response.response = FAN_DENY;
	if (write(group, &response, sizeof(response)) != sizeof(response))
		die("answering");
}

static void print_event(struct fanotify_event_metadata *event, pid_t child)
{
	char *info = (char *)event + event->metadata_len, *end = (char *)event + event->event_len;

	/* permission must be given to all */
	if (event->pid == child) {
		print_mask(event->mask);
		if (event->fd >= 0)
			printf(" %s", path_of(event->fd));
		while (info < end) {
			print_handle((struct fanotify_event_info_fid *)info,
				     !!(event->mask & FAN_DELETE_SELF));
			info += ((struct fanotify_event_info_header *)info)->len;
		}
		putchar('\n');
	}
	if (event->mask & (FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM))
		answer(event);
	if (event->fd >= 0)
		close(event->fd);
}

static int read_events(pid_t child)
{
	static char buf[65536] __attribute__((aligned(8)));
	struct fanotify_event_metadata *event = (void *)buf;
	ssize_t n = read(group, buf, sizeof(buf));

	if (n < 0 && errno != EAGAIN)
		die("read of events");
	if (n <= 0)
		return 0;
	for (; FAN_EVENT_OK(event, n); event = FAN_EVENT_NEXT(event, n))
		print_event(event, child);
	return 1;
}

/* Has a child do things; @live: it must be answered meanwhile. */
static void observe(unsigned int init, unsigned int how, unsigned long long mask,
		    void (*things)(void), int live)
{
	struct pollfd ready;
	int status, go[2];
	pid_t child;

	group = fanotify_init(init | FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY | O_LARGEFILE | O_CLOEXEC);
	if (group < 0 || pipe(go))
		die("fanotify_init");
	child = fork();
	if (!child) {
		close(group);
		close(go[1]);
		if (read(go[0], &status, 1) < 0 || chdir(dir))
			die(dir);
		things();
		fflush(stdout);
		_exit(0);
	}
	if (fanotify_mark(group, FAN_MARK_ADD | how, mask, AT_FDCWD, dir)) {
		int err = errno;

		kill(child, SIGKILL);
		wait(NULL);
		errno = err;
		die("fanotify_mark");
	}
	close(go[1]);
	ready = (struct pollfd){ .fd = group, .events = POLLIN };
	while (live && !waitpid(child, &status, WNOHANG))
		if (poll(&ready, 1, 50) > 0)
			read_events(child);
	if ((!live && waitpid(child, &status, 0) < 0) || status)
		exit(1);
	while (read_events(child))
		;
	close(group);
}

static void watch(unsigned int init, unsigned int how, unsigned long long mask)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		printf("step %zu\n", i);
		fflush(stdout);
		observe(init, how, mask, steps[i], 0);
	}
}

static void ask_things(void)
{
	char *argv[] = { "/proc/self/exe", NULL }, byte;
	int fd, status;

	said("open", open("allowed", O_RDWR));
	said("open denied", open("denied", O_RDONLY));
	said("open denied with O_DIRECT", open("denied", O_RDWR | O_DIRECT));
	fd = open("denied-read", O_RDONLY);
	said("open for reading", fd);
	said("read", read(fd, &byte, 1));
	said("pread", pread(fd, &byte, 1, 1));
	fd = open("denied-read", O_RDONLY | O_DIRECT);
	said("open for direct reading", fd);
	said("read with O_DIRECT", pread(fd, aligned_alloc(4096, 4096), 4096, 0));
	if (!fork()) {
		execv("./denied-exec", argv);
		said("exec", -1);
		_exit(0);
	}
	wait(&status);
	fd = open("denied-exec", O_RDONLY);
	said("open of what can't be run", fd);
}

static void ask(void)
{
	static const char *const files[] = { "allowed", "denied", "denied-read", "denied-exec" };

	if (chdir(dir))
		die(dir);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		put(files[i], 0);
		chmod(files[i], 0755);
	}
	observe(FAN_CLASS_CONTENT, FAN_MARK_MOUNT,
		FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM, ask_things, 1);
}

/* ---- leases ---- */

static volatile sig_atomic_t breaks;

static void on_break(int sig)
{
	(void)sig;
	breaks++;
}

/* Another process opens, or cuts, the file; was the lease broken, and did it wait? */
static void break_by(const char *what, int lease, int flags, int cut)
{
	int fd = open("leased", lease == F_RDLCK ? O_RDONLY : O_RDWR), status;
	pid_t child;

	breaks = 0;
	if (fd < 0 || fcntl(fd, F_SETLEASE, lease))
		die("F_SETLEASE");
	child = fork();
	if (!child)
		_exit(cut ? truncate("leased", 10) : open("leased", flags) < 0 && errno != EAGAIN);
	for (int i = 0; i < 30 && !breaks && waitpid(child, &status, WNOHANG) == 0; i++)
		usleep(100000);
	printf("%s: %s, F_GETLEASE %d", what, breaks ? "broken" : "kept", fcntl(fd, F_GETLEASE));
	fcntl(fd, F_SETLEASE, F_UNLCK);
	close(fd);
	if (waitpid(child, &status, 0) == child || errno == ECHILD)
		printf(", %d\n", WEXITSTATUS(status));
}

static void leases(void)
{
	int fd, other;

	if (chdir(dir))
		die(dir);
	put("leased", 0);
	signal(SIGIO, on_break);
	fd = open("leased", O_RDWR);
	said("a lease for reading, by who may write", fcntl(fd, F_SETLEASE, F_RDLCK));
	said("a lease for writing", fcntl(fd, F_SETLEASE, F_WRLCK));
	said("and back", fcntl(fd, F_SETLEASE, F_UNLCK));
	other = open("leased", O_RDONLY);
	said("for writing, while others read", fcntl(fd, F_SETLEASE, F_WRLCK));
	said("for reading, while others write", fcntl(other, F_SETLEASE, F_RDLCK));
	close(fd);
	said("for reading, while nobody writes", fcntl(other, F_SETLEASE, F_RDLCK));
	close(other);
	break_by("reading, by a reader", F_RDLCK, O_RDONLY, 0);
	break_by("reading, by a writer", F_RDLCK, O_WRONLY, 0);
	break_by("reading, by a writer with O_DIRECT", F_RDLCK, O_RDWR | O_DIRECT, 0);
	break_by("reading, by one who can't wait", F_RDLCK, O_WRONLY | O_NONBLOCK, 0);
	break_by("reading, by truncate", F_RDLCK, 0, 1);
	break_by("writing, by a reader", F_WRLCK, O_RDONLY, 0);
	break_by("writing, by truncate", F_WRLCK, 0, 1);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return fprintf(stderr, "usage: notify mount|fid|ask|leases DIR\n"), 2;
	dir = realpath(argv[2], NULL);
	dir_fd = dir ? open(dir, O_RDONLY | O_DIRECTORY) : -1;
	if (dir_fd < 0)
		die(argv[2]);
	setvbuf(stdout, NULL, _IOFBF, 1 << 17);
	if (!strcmp(argv[1], "mount"))
		watch(FAN_CLASS_NOTIF, FAN_MARK_MOUNT, FAN_OPEN | FAN_ACCESS | FAN_MODIFY | FAN_CLOSE |
							       FAN_ONDIR);
	else if (!strcmp(argv[1], "fid"))
		watch(FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_REPORT_DFID_NAME, FAN_MARK_FILESYSTEM,
		      FAN_OPEN | FAN_ACCESS | FAN_MODIFY | FAN_CLOSE | FAN_ONDIR | FAN_ATTRIB |
			      FAN_CREATE | FAN_DELETE | FAN_MOVE | FAN_DELETE_SELF | FAN_MOVE_SELF);
	else if (!strcmp(argv[1], "ask"))
		ask();
	else if (!strcmp(argv[1], "leases"))
		leases();
	else
		return 2;
	return 0;
}

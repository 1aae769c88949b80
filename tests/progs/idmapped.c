// SPDX-License-Identifier: GPL-2.0
/*
 * idmapped SOURCE TARGET ID SHOWN COUNT: mounts the directory SOURCE once more on
 * TARGET, where the owners ID, ID + 1... are SHOWN, SHOWN + 1...
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>


static pid_t holder;

static void die(const char *what)
{
	fprintf(stderr, "idmapped: %s: %s\n", what, strerror(errno));
	if (holder > 0)
		kill(holder, SIGKILL);
	exit(1);
}

static void set_map(const char *which, char **arg)
{
	char path[64], line[64];
	int fd, n = snprintf(line, sizeof(line), "%s %s %s\n", arg[0], arg[1], arg[2]);

	snprintf(path, sizeof(path), "/proc/%d/%s", holder, which);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, line, n) != n)
		die(path);
	close(fd);
}

/* A user namespace with the mapping, held by a process that waits. */
static int make_namespace(char **arg)
{
	int ready[2], fd;
	char path[64];

	if (pipe(ready))
		die("pipe");
	holder = fork();
	if (!holder) {
		if (unshare(CLONE_NEWUSER) || write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], path, 1) != 1)
		die("a user namespace");
	set_map("uid_map", arg);
	set_map("gid_map", arg);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", holder);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		die(path);
	return fd;
}

int main(int argc, char **argv)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	int tree;

	if (argc != 6)
		return fprintf(stderr, "usage: idmapped SOURCE TARGET ID SHOWN COUNT\n"), 2;
	attr.userns_fd = make_namespace(argv + 3);
	tree = syscall(SYS_open_tree, AT_FDCWD, argv[1], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		die("open_tree");
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)))
		die("mount_setattr");
	if (syscall(SYS_move_mount, tree, "", AT_FDCWD, argv[2], MOVE_MOUNT_F_EMPTY_PATH))
		die("move_mount");
	kill(holder, SIGKILL);
	wait(NULL);
	return 0;
}

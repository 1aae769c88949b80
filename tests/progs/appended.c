// SPDX-License-Identifier: GPL-2.0
/*
 * A process appends to a file through the page cache and syncs it, while others look
 * at the file: they ask for its attributes, and open and close it for writing. After
 * each fsync the file must be as long as what was appended.
 *
 *	appended FILE APPENDS
 *
 * Writes what FILE must hold to standard output.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOKERS 2
#define MAX_LENGTH 9000

static pid_t lookers[LOOKERS];

static void look(const char *path, int who)
{
	struct stat st;

	for (;;) {
		int fd;

		if (stat(path, &st))
			err(1, "stat %s", path);
		if (who % 2)
			continue;
		fd = open(path, O_WRONLY);
		if (fd < 0 || close(fd))
			err(1, "open or close %s", path);
	}
}

static void stop_lookers(void)
{
	for (int i = 0; i < LOOKERS; i++)
		if (lookers[i] > 0)
			kill(lookers[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

static void start_lookers(const char *path)
{
	atexit(stop_lookers);
	for (int i = 0; i < LOOKERS; i++) {
		lookers[i] = fork();
		if (lookers[i] < 0)
			err(1, "fork");
		if (!lookers[i]) {
			look(path, i);
			_exit(1);
		}
	}
}

/* Each is of another length, and told from the others by what it holds. */
static size_t fill(unsigned char *buf, unsigned int number)
{
	size_t len = 1 + number * 2654435761U % MAX_LENGTH;

	for (size_t i = 0; i < len; i++)
		buf[i] = 1 + (number * 31 + i * 7) % 251;
	return len;
}

int main(int argc, char **argv)
{
	unsigned char buf[MAX_LENGTH];
	long long size = 0;
	unsigned int count;
	int fd;

	if (argc != 3)
		errx(2, "usage: appended FILE APPENDS");
	count = strtoul(argv[2], NULL, 0);
	fd = open(argv[1], O_CREAT | O_EXCL | O_WRONLY | O_APPEND, 0600);
	if (fd < 0)
		err(1, "open %s", argv[1]);
	start_lookers(argv[1]);
	for (unsigned int i = 0; i < count; i++) {
		size_t len = fill(buf, i);
		struct stat st;

		if (write(fd, buf, len) != (ssize_t)len)
			err(1, "write number %u", i);
		size += len;
		if (fsync(fd))
			err(1, "fsync number %u", i);
		if (fstat(fd, &st))
			err(1, "fstat");
		if (st.st_size != size)
			errx(1, "after fsync number %u it has %lld bytes, not %lld", i,
			     (long long)st.st_size, size);
		if (fwrite(buf, len, 1, stdout) != 1)
			err(1, "standard output");
	}
	if (fflush(stdout) || close(fd))
		err(1, "at the end");
	return 0;
}

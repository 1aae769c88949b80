// SPDX-License-Identifier: GPL-2.0
/*
 * splice [-d] [-s] FROM TO: copies a file with splice(2), without the data passing
 * through this program, to its end: through a pipe, unless one of both is a pipe. With
 * -d, FROM is opened with O_DIRECT; with -s, TO is with O_SYNC, and is not made.
 * FROM may be "-", standard input.
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *from_name, *to_name;

static bool is_pipe(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		err(1, "fstat");
	return S_ISFIFO(st.st_mode);
}

static ssize_t move(int from, int to, size_t bytes)
{
	ssize_t n = splice(from, NULL, to, NULL, bytes, 0);

	if (n < 0)
		err(1, "splice %s to %s", from_name, to_name);
	return n;
}

static void move_through(int from, int to)
{
	int pipefd[2];
	ssize_t in;

	if (pipe(pipefd))
		err(1, "pipe");
	while ((in = move(from, pipefd[1], 65536)) > 0)
		while (in > 0) {
			ssize_t out = move(pipefd[0], to, in);

			if (!out)
				errx(1, "nothing goes to %s", to_name);
			in -= out;
		}
}

int main(int argc, char **argv)
{
	int in_flags = O_RDONLY, out_flags = O_WRONLY | O_CREAT | O_TRUNC, opt, from = 0, to;

	while ((opt = getopt(argc, argv, "ds")) != -1) {
		switch (opt) {
		case 'd': in_flags |= O_DIRECT; break;
		case 's': out_flags = O_WRONLY | O_SYNC; break;
		default: return 2;
		}
	}
	if (optind != argc - 2)
		errx(2, "usage: splice [-d] [-s] FROM TO");
	from_name = argv[optind];
	to_name = argv[optind + 1];
	if (strcmp(from_name, "-"))
		from = open(from_name, in_flags);
	if (from < 0)
		err(1, "%s", from_name);
	to = open(to_name, out_flags, 0600);
	if (to < 0)
		err(1, "%s", to_name);
	if (is_pipe(from) || is_pipe(to))
		while (move(from, to, 65536) > 0)
			;
	else
		move_through(from, to);
	if (close(to))
		err(1, "%s", to_name);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * splice [-d] FROM TO: copies a file through a pipe with splice(2), without the
 * data passing through this program; with -d, FROM is opened with O_DIRECT.
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int flags = O_RDONLY, pipefd[2], from, to;
	ssize_t in, out;

	if (argc == 4 && !strcmp(argv[1], "-d")) {
		flags |= O_DIRECT;
		argv++;
		argc--;
	}
	if (argc != 3)
		errx(2, "usage: splice [-d] FROM TO");
	from = open(argv[1], flags);
	if (from < 0)
		err(1, "%s", argv[1]);
	to = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (to < 0)
		err(1, "%s", argv[2]);
	if (pipe(pipefd))
		err(1, "pipe");

	while ((in = splice(from, NULL, pipefd[1], NULL, 65536, 0)) > 0)
		while (in > 0) {
			out = splice(pipefd[0], NULL, to, NULL, in, 0);
			if (out <= 0)
				err(1, "splice to %s", argv[2]);
			in -= out;
		}
	if (in < 0)
		err(1, "splice from %s", argv[1]);
	if (close(to))
		err(1, "%s", argv[2]);
	return 0;
}

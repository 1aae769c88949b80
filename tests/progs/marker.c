// SPDX-License-Identifier: GPL-2.0
/*
 * Uses a marker or a passphrase, and leaves nothing of it in its own memory.
 *
 *	marker write|read FILE direct|buffered SEED POS BYTES [SHIFT [PIECE]]
 *		a file of the marker over and over again, in one request; from or to
 *		memory that begins SHIFT bytes into a page; with PIECE, in pieces of so
 *		many bytes with one byte in between
 *	marker cut FILE SIZE
 *		cuts a file, or lengthens it
 *	marker run PROG ARG...		runs a program
 *	marker pipe SEED PROG ARG...	the passphrase comes from a pipe, its standard input
 *	marker type SEED PROG ARG...	on a terminal; types the passphrase when it prompts
 *		With $ASK and $ASK_FD, all of these write the line $ASK to the descriptor
 *		$ASK_FD when they are done, and wait until there is an answer to read; so
 *		that little else happens before memory is looked at.
 *	marker passphrase FILE SEED	makes the file with the passphrase
 *	marker wipe FILE		overwrites it in place
 *	marker hold SEED		holds the passphrase until its input ends
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "marker.h"

#define MAX_PIECES 1024

static void failed(const char *what)
{
	fprintf(stderr, "marker: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Pages that nothing else is in, and of which there is never a copy. */
static volatile unsigned char *secret_memory(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || madvise(p, size, MADV_DONTFORK) || mlock(p, size))
		failed("memory");
	return p;
}

static void wipe(volatile unsigned char *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		p[i] = 0;
}

struct request {
	struct iovec pieces[MAX_PIECES];
	int nr;
	volatile unsigned char *memory;
	size_t mapped;
	volatile unsigned char *marker;
	unsigned long long pos;
};

static void make_request(struct request *r, unsigned long long seed, size_t bytes,
			 size_t shift, size_t piece)
{
	size_t at = 4096 + shift;

	r->mapped = 3 * 4096 + shift + 2 * bytes;
	r->memory = secret_memory(r->mapped);
	r->marker = r->memory;
	make_marker(r->marker, seed);
	while (bytes) {
		size_t n = piece && piece < bytes ? piece : bytes;

		if (r->nr == MAX_PIECES) {
			fprintf(stderr, "marker: too many pieces\n");
			exit(2);
		}
		r->pieces[r->nr++] = (struct iovec){ (void *)(r->memory + at), n };
		at += n + 1;
		bytes -= n;
	}
}

/* Writes the marker into memory, or compares.  True if all of it is there. */
static bool marked(const struct request *r, bool fill)
{
	unsigned long long pos = r->pos;

	for (int i = 0; i < r->nr; i++) {
		volatile unsigned char *p = r->pieces[i].iov_base;

		for (size_t j = 0; j < r->pieces[i].iov_len; j++, pos++) {
			if (fill)
				p[j] = r->marker[pos % MARKER_SIZE];
			else if (p[j] != r->marker[pos % MARKER_SIZE])
				return false;
		}
	}
	return true;
}

static int ask_for_search(void)
{
	const char *line = getenv("ASK");
	struct pollfd fd = { .events = POLLIN };

	if (!line)
		return 0;
	fd.fd = atoi(getenv("ASK_FD"));
	if (dprintf(fd.fd, "%s\n", line) < 0 || poll(&fd, 1, -1) != 1)
		failed("asking");
	return 0;
}

static int move(int argc, char **argv)
{
	bool write = !strcmp(argv[1], "write");
	int flags = (write ? O_RDWR | O_CREAT : O_RDONLY) |
		    (!strcmp(argv[3], "direct") ? O_DIRECT : 0);
	size_t bytes = strtoull(argv[6], NULL, 0);
	struct request r = { .pos = strtoull(argv[5], NULL, 0) };
	int fd = open(argv[2], flags, 0600), status = 0;
	ssize_t n;

	if (fd < 0)
		failed(argv[2]);
	make_request(&r, strtoull(argv[4], NULL, 0), bytes,
		     argc > 7 ? strtoull(argv[7], NULL, 0) : 0,
		     argc > 8 ? strtoull(argv[8], NULL, 0) : 0);
	if (write)
		marked(&r, true);
	n = write ? pwritev(fd, r.pieces, r.nr, r.pos) : preadv(fd, r.pieces, r.nr, r.pos);
	if (n != (ssize_t)bytes) {
		fprintf(stderr, "marker: %zd of %zu bytes: %s\n", n, bytes,
			n < 0 ? strerror(errno) : "short");
		status = 1;
	} else if (!write && !marked(&r, false)) {
		fprintf(stderr, "marker: it is not what is read\n");
		status = 1;
	}
	wipe(r.memory, r.mapped);
	if (close(fd))
		failed("close");
	return status ?: ask_for_search();
}

static int cut(const char *path, off_t size)
{
	if (truncate(path, size))
		failed(path);
	return ask_for_search();
}

/* Straight in the pages of the file: there is no other copy. */
static volatile unsigned char *map_file(const char *path, bool create)
{
	int fd = open(path, O_RDWR | (create ? O_CREAT | O_TRUNC : 0), 0600);
	void *p;

	if (fd < 0 || (create && ftruncate(fd, PASSPHRASE_SIZE)))
		failed(path);
	p = mmap(NULL, PASSPHRASE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		failed(path);
	close(fd);
	return p;
}

static int hold(uint64_t seed)
{
	volatile unsigned char *p = secret_memory(4096);
	char c;

	make_passphrase(p, seed);
	puts("held");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	wipe(p, 4096);
	return 0;
}

/* Passes on what the program says, up to a prompt or to its end. */
static bool listen(int terminal, bool to_prompt)
{
	char c;

	while (read(terminal, &c, 1) == 1) {
		if (write(STDOUT_FILENO, &c, 1) != 1)
			failed("output");
		if (to_prompt && c == ':')
			return true;
	}
	return false;
}

/* Waits for a program to end, and ends like it. */
static int end_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		failed("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void run(char **argv)
{
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

/* As a person does: one character after the other. */
static int type(uint64_t seed, char **argv)
{
	volatile unsigned char *p = secret_memory(4096);
	int terminal;
	pid_t pid = forkpty(&terminal, NULL, NULL, NULL);

	if (pid < 0)
		failed("forkpty");
	if (!pid)
		run(argv);
	/* "Passphrase for /somewhere: " */
	if (listen(terminal, true)) {
		make_passphrase(p, seed);
		p[PASSPHRASE_SIZE] = '\n';
		for (int i = 0; i <= PASSPHRASE_SIZE; i++)
			if (write(terminal, (const void *)(p + i), 1) != 1)
				failed("typing");
		wipe(p, 4096);
		listen(terminal, false);
	}
	close(terminal);
	return end_of(pid) ?: ask_for_search();
}

/*
 * The pipe is given our page itself, which we wipe in the end.  What is written to a
 * pipe the kernel copies into a page of its own, and doesn't wipe that.
 */
static void put_in_pipe(int end, volatile unsigned char *p, uint64_t seed)
{
	struct iovec what = { (void *)p, PASSPHRASE_SIZE };

	make_passphrase(p, seed);
	if (vmsplice(end, &what, 1, 0) != PASSPHRASE_SIZE)
		failed("pipe");
}

/* With seed 0, the pipe is empty. */
static int run_and_wait(uint64_t seed, char **argv)
{
	volatile unsigned char *p = secret_memory(4096);
	int ends[2], status;
	pid_t pid;

	if (pipe(ends))
		failed("pipe");
	if (seed)
		put_in_pipe(ends[1], p, seed);
	close(ends[1]);
	pid = fork();
	if (pid < 0)
		failed("fork");
	if (!pid) {
		if (dup2(ends[0], STDIN_FILENO))
			failed("standard input");
		close(ends[0]);
		run(argv);
	}
	close(ends[0]);
	status = end_of(pid);
	wipe(p, 4096);
	return status ?: ask_for_search();
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (argc >= 7 && (!strcmp(what, "write") || !strcmp(what, "read")))
		return move(argc, argv);
	if (argc == 4 && !strcmp(what, "cut"))
		return cut(argv[2], strtoull(argv[3], NULL, 0));
	if (argc == 4 && !strcmp(what, "passphrase")) {
		make_passphrase(map_file(argv[2], true), strtoull(argv[3], NULL, 0));
		return 0;
	}
	if (argc == 3 && !strcmp(what, "wipe")) {
		wipe(map_file(argv[2], false), PASSPHRASE_SIZE);
		return 0;
	}
	if (argc == 3 && !strcmp(what, "hold"))
		return hold(strtoull(argv[2], NULL, 0));
	if (argc > 3 && !strcmp(what, "type"))
		return type(strtoull(argv[2], NULL, 0), argv + 3);
	if (argc > 2 && !strcmp(what, "run"))
		return run_and_wait(0, argv + 2);
	if (argc > 3 && !strcmp(what, "pipe"))
		return run_and_wait(strtoull(argv[2], NULL, 0), argv + 3);
	fprintf(stderr, "usage: see the source\n");
	return 2;
}

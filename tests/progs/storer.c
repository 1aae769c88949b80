// SPDX-License-Identifier: GPL-2.0
/*
 * storer FILE BYTES: maps a file and stores to each of its blocks, over and over,
 * until it gets SIGTERM; then all its blocks hold the number of the last round.  Prints
 * "storing" after the first round.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK 4096

static volatile sig_atomic_t ended;

static void end(int signal)
{
	ended = signal;
}

int main(int argc, char **argv)
{
	size_t bytes = argc == 3 ? strtoul(argv[2], NULL, 0) : 0;
	uint64_t round = 0;
	char *map;
	int file;

	if (!bytes || bytes % BLOCK)
		errx(2, "usage: storer FILE BYTES");
	file = open(argv[1], O_RDWR);
	if (file < 0)
		err(1, "%s", argv[1]);
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (map == MAP_FAILED)
		err(1, "mmap");
	if (signal(SIGTERM, end) == SIG_ERR)
		err(1, "signal");

	while (!ended) {
		round++;
		for (size_t at = 0; at < bytes; at += BLOCK)
			*(volatile uint64_t *)(map + at) = round;
		if (round == 1) {
			puts("storing");
			fflush(stdout);
		}
	}
	for (size_t at = 0; at < bytes; at += BLOCK)
		if (*(uint64_t *)(map + at) != round)
			errx(1, "the block at %zu lost round %llu", at, (unsigned long long)round);
	printf("%llu\n", (unsigned long long)round);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * aiolate DEVICE FILE BYTES: has a slow device fill the pages of a mapped file, writes
 * them out, unmaps and closes the file, and only then waits for the device.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libaio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void check(int ret, const char *what)
{
	if (ret < 0)
		errx(1, "%s: error %d", what, -ret);
}

int main(int argc, char **argv)
{
	size_t bytes = argc == 4 ? strtoul(argv[3], NULL, 0) : 0;
	struct iocb iocb, *iocbs = &iocb;
	struct timespec none = { 0 };
	struct io_event event;
	io_context_t aio = 0;
	int device, file;
	void *map;

	if (!bytes)
		errx(2, "usage: aiolate DEVICE FILE BYTES");
	device = open(argv[1], O_RDONLY | O_DIRECT);
	if (device < 0)
		err(1, "%s", argv[1]);
	file = open(argv[2], O_RDWR);
	if (file < 0)
		err(1, "%s", argv[2]);
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (map == MAP_FAILED)
		err(1, "mmap");

	check(io_setup(1, &aio), "io_setup");
	io_prep_pread(&iocb, device, map, bytes, 0);
	check(io_submit(aio, 1, &iocbs), "io_submit");
	if (fsync(file) || munmap(map, bytes) || close(file))
		err(1, "%s", argv[2]);
	if (io_getevents(aio, 1, 1, &event, &none) != 0)
		errx(1, "the device was faster");
	check(io_getevents(aio, 1, 1, &event, NULL), "io_getevents");
	if (event.res != bytes)
		errx(1, "the device gave %ld bytes", (long)event.res);
	return 0;
}

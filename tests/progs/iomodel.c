// SPDX-License-Identifier: GPL-2.0
/*
 * Random reads, writes and truncations of one file through page cache, O_DIRECT
 * and mmap, each compared with a model in memory. The same seed does the same.
 *
 *	iomodel [option...] FILE
 *	  -s SEED    -n OPERATIONS   -z LARGEST-FILE-SIZE
 *	  -m MODES   letters out of b (buffered), d (direct), m (mmap), a (libaio)
 *	  -a ALIGN   of direct offsets and lengths; the memory's is -A (default: same)
 *	  -T         no truncation
 *	  -H         fallocate() with its modes, and SEEK_DATA and SEEK_HOLE, as well
 *	  -o MODEL   write the model to a file at the end
 *	  -c         FILE exists: take it as the model's beginning
 *	  -v         print each operation
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096UL
#define HISTORY 24

static const char *path;
static int fd_buffered = -1, fd_direct = -1;
static aio_context_t aio;
static size_t max_size = 256 * 1024;
static size_t align_file = PAGE, align_memory;
static unsigned char *model, *area;
static size_t size;
static uint64_t seed = 1, state;
static unsigned long step;
static bool verbose;
static unsigned long refused;

/* The last operations, to be shown when something is wrong. */
static char history[HISTORY][96];

static void show_history(void)
{
	fprintf(stderr, "seed %llu, operation %lu; the last ones:\n",
		(unsigned long long)seed, step);
	for (unsigned long i = step >= HISTORY ? step - HISTORY + 1 : 0; i <= step; i++)
		fprintf(stderr, "  %6lu %s\n", i, history[i % HISTORY]);
}

__attribute__((format(printf, 1, 2), noreturn))
static void wrong(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "iomodel: %s: ", path);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	show_history();
	exit(1);
}

__attribute__((format(printf, 1, 2)))
static void record(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(history[step % HISTORY], sizeof(history[0]), format, args);
	va_end(args);
	if (verbose)
		printf("%6lu %s\n", step, history[step % HISTORY]);
}

static uint64_t rnd(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static size_t below(size_t n)
{
	return n ? rnd() % n : 0;
}

/* A length that is small, near a block's boundary or anything, by turns. */
static size_t some_length(size_t max)
{
	size_t len;

	switch (below(4)) {
	case 0:
		len = 1 + below(64);
		break;
	case 1:
		len = PAGE * (1 + below(8)) + below(3) - 1;
		break;
	case 2:
		len = PAGE * (1 + below(16));
		break;
	default:
		len = 1 + below(max);
	}
	return len < max ? len : max;
}

static size_t some_offset(size_t max)
{
	size_t at = below(max + 1);

	if (below(3) == 0)
		at = at / PAGE * PAGE;
	else if (below(8) == 0 && at >= PAGE)
		at = at / PAGE * PAGE - 1;
	return at;
}

static void compare(const unsigned char *got, size_t at, size_t len, const char *how)
{
	size_t i, n = 0;

	if (!memcmp(got, model + at, len))
		return;
	for (i = 0; got[i] == model[at + i]; i++)
		;
	for (size_t j = i; j < len; j++)
		n += got[j] != model[at + j];
	wrong("%s of %zu bytes at %zu: %zu bytes differ, the first at %zu is %02x, not %02x; size %zu",
	      how, len, at, n, at + i, got[i], model[at + i], size);
}

static void check_size(void)
{
	struct stat st;

	if (fstat(fd_buffered, &st))
		wrong("fstat: %s", strerror(errno));
	if ((size_t)st.st_size != size)
		wrong("size %lld, not %zu", (long long)st.st_size, size);
}

static void open_files(bool direct, int flags)
{
	fd_buffered = open(path, O_RDWR | flags, 0644);
	if (fd_buffered < 0)
		wrong("open: %s", strerror(errno));
	if (!direct)
		return;
	fd_direct = open(path, O_RDWR | O_DIRECT);
	if (fd_direct < 0)
		wrong("open with O_DIRECT: %s", strerror(errno));
}

static void reopen_files(void)
{
	bool direct = fd_direct >= 0;

	record("close and open");
	if (close(fd_buffered))
		wrong("close: %s", strerror(errno));
	if (direct && close(fd_direct))
		wrong("close: %s", strerror(errno));
	open_files(direct, 0);
}

/* One request through libaio's system calls, awaited at once. */
static ssize_t aio_transfer(bool write, void *buf, size_t len, size_t at)
{
	struct iocb cb = {
		.aio_lio_opcode = write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
		.aio_fildes = fd_direct,
		.aio_buf = (uintptr_t)buf,
		.aio_nbytes = len,
		.aio_offset = at,
	};
	struct iocb *list = &cb;
	struct io_event event;

	if (syscall(SYS_io_submit, aio, 1, &list) != 1)
		return -1;
	if (syscall(SYS_io_getevents, aio, 1, 1, &event, NULL) != 1)
		return -1;
	if (event.res < 0) {
		errno = -event.res;
		return -1;
	}
	return event.res;
}

static ssize_t transfer(char mode, bool write, void *buf, size_t len, size_t at)
{
	int fd = mode == 'b' ? fd_buffered : fd_direct;

	if (mode == 'a')
		return aio_transfer(write, buf, len, at);
	return write ? pwrite(fd, buf, len, at) : pread(fd, buf, len, at);
}

static const char *mode_name(char mode)
{
	return mode == 'b' ? "buffered" : mode == 'd' ? "direct" : mode == 'a' ? "libaio" : "mmap";
}

/* Somewhere in the area, aligned as direct I/O was said to need it. */
static unsigned char *some_buffer(char mode)
{
	size_t align = mode == 'b' ? 1 : align_memory;

	return area + below(PAGE / align + 1) * align;
}

static void align_range(char mode, size_t *at, size_t *len)
{
	if (mode == 'b')
		return;
	*at = *at / align_file * align_file;
	*len = (*len + align_file - 1) / align_file * align_file;
}

static void fill(unsigned char *buf, size_t len)
{
	for (size_t i = 0; i < len; i += 8) {
		uint64_t v = rnd();

		memcpy(buf + i, &v, len - i < 8 ? len - i : 8);
	}
}

static void do_write(char mode)
{
	size_t at = some_offset(below(4) ? size : max_size - 1), len = some_length(max_size / 4);
	unsigned char *buf = some_buffer(mode);
	ssize_t n;

	align_range(mode, &at, &len);
	if (at + len > max_size)
		return;
	record("%s write %zu at %zu (size %zu)", mode_name(mode), len, at, size);
	fill(buf, len);
	n = transfer(mode, true, buf, len, at);
	if (n < 0)
		wrong("%s write: %s", mode_name(mode), strerror(errno));
	if ((size_t)n != len)
		wrong("%s write: %zd bytes instead of %zu", mode_name(mode), n, len);
	memcpy(model + at, buf, len);
	if (at + len > size)
		size = at + len;
	check_size();
}

static void do_read(char mode)
{
	size_t at = some_offset(size), len = some_length(max_size / 4), want;
	unsigned char *buf = some_buffer(mode);
	ssize_t n;

	align_range(mode, &at, &len);
	want = at >= size ? 0 : size - at < len ? size - at : len;
	record("%s read %zu at %zu (size %zu)", mode_name(mode), len, at, size);
	memset(buf, 0xa5, len);
	n = transfer(mode, false, buf, len, at);
	if (n < 0)
		wrong("%s read: %s", mode_name(mode), strerror(errno));
	if ((size_t)n != want)
		wrong("%s read: %zd bytes instead of %zu", mode_name(mode), n, want);
	compare(buf, at, want, "read");
}

static void do_mmap(bool write)
{
	size_t at, len, from, page_end;
	unsigned char *map;

	if (!size)
		return;
	at = below(size);
	len = some_length(size - at);
	from = at / PAGE * PAGE;
	page_end = (at + len + PAGE - 1) / PAGE * PAGE;
	record("mmap %s %zu at %zu (size %zu)", write ? "write" : "read", len, at, size);
	map = mmap(NULL, page_end - from, PROT_READ | (write ? PROT_WRITE : 0), MAP_SHARED,
		   fd_buffered, from);
	if (map == MAP_FAILED)
		wrong("mmap: %s", strerror(errno));
	if (write) {
		fill(area, len);
		memcpy(map + (at - from), area, len);
		memcpy(model + at, area, len);
		if (!below(3) && msync(map, page_end - from, MS_SYNC))
			wrong("msync: %s", strerror(errno));
	} else {
		compare(map + (at - from), at, len, "mmap");
		/* The rest of the last page is zeros, in the model as well. */
		if (page_end > size && page_end <= max_size)
			compare(map + (size - from), size, page_end - size, "mmap beyond the end");
	}
	if (munmap(map, page_end - from))
		wrong("munmap: %s", strerror(errno));
}

static void do_truncate(void)
{
	size_t to = below(5) ? some_offset(max_size) : 0;

	record("truncate from %zu to %zu", size, to);
	if (ftruncate(fd_buffered, to))
		wrong("ftruncate: %s", strerror(errno));
	if (to < size)
		memset(model + to, 0, size - to);
	size = to;
	check_size();
}

static void do_fallocate(void)
{
	static const struct {
		int mode;
		const char *name;
	} kinds[] = {
		{ FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, "punch" },
		{ FALLOC_FL_ZERO_RANGE, "zero" },
		{ FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, "zero, size kept," },
		{ 0, "allocate" },
		{ FALLOC_FL_KEEP_SIZE, "allocate, size kept," },
	};
	size_t kind = below(sizeof(kinds) / sizeof(*kinds));
	size_t at = some_offset(max_size - 1), len = some_length(max_size / 4);
	int mode = kinds[kind].mode;
	size_t end;

	if (at + len > max_size)
		len = max_size - at;
	end = at + len < size ? at + len : size;
	record("%s %zu at %zu (size %zu)", kinds[kind].name, len, at, size);
	if (fallocate(fd_buffered, mode, at, len)) {
		/* the lower filesystem may not know it: then nothing may change */
		if (errno != EOPNOTSUPP)
			wrong("fallocate: %s", strerror(errno));
		refused++;
		return;
	}
	if ((mode & ~FALLOC_FL_KEEP_SIZE) && at < end)
		memset(model + at, 0, end - at);
	if (!(mode & FALLOC_FL_KEEP_SIZE) && at + len > size)
		size = at + len;
	check_size();
}

static bool is_zero(const unsigned char *p, size_t len)
{
	while (len && !*p)
		p++, len--;
	return !len;
}

/* What is said to be a hole must be zeros; that zeros are holes is not demanded. */
static void do_seek(void)
{
	size_t at = 0;

	record("seek for data and holes (size %zu)", size);
	while (at < size) {
		off_t data = lseek(fd_buffered, at, SEEK_DATA), hole;

		if (data < 0 && errno != ENXIO)
			wrong("SEEK_DATA at %zu: %s", at, strerror(errno));
		if (data < 0)
			data = size;
		if ((size_t)data < at || (size_t)data > size)
			wrong("SEEK_DATA at %zu: %lld", at, (long long)data);
		if (!is_zero(model + at, data - at))
			wrong("%zu to %lld is said to be a hole, and holds data", at,
			      (long long)data);
		if ((size_t)data == size)
			break;
		hole = lseek(fd_buffered, data, SEEK_HOLE);
		if (hole <= data || (size_t)hole > size)
			wrong("SEEK_HOLE at %lld: %lld", (long long)data, (long long)hole);
		at = hole;
	}
}

static void do_sync(void)
{
	record("fsync");
	if (fsync(fd_buffered))
		wrong("fsync: %s", strerror(errno));
}

static void do_forget(void)
{
	record("drop what is cached");
	if (fdatasync(fd_buffered) || posix_fadvise(fd_buffered, 0, 0, POSIX_FADV_DONTNEED))
		wrong("fadvise: %s", strerror(errno));
}

static void operation(const char *modes, bool truncates, bool holes)
{
	char mode = modes[below(strlen(modes))];
	size_t dice = below(100);

	if (holes && !below(6)) {
		if (below(3))
			do_fallocate();
		else
			do_seek();
	} else if (dice < 42) {
		if (mode == 'm')
			do_mmap(true);
		else
			do_write(mode);
	} else if (dice < 84) {
		if (mode == 'm')
			do_mmap(false);
		else
			do_read(mode);
	} else if (dice < 92) {
		if (truncates)
			do_truncate();
	} else if (dice < 95) {
		do_sync();
	} else if (dice < 98) {
		do_forget();
	} else {
		reopen_files();
	}
}

static void check_all(void)
{
	record("the whole file at the end (size %zu)", size);
	check_size();
	if (pread(fd_buffered, area, size + 1, 0) != (ssize_t)size)
		wrong("read of the whole file: %s", strerror(errno));
	compare(area, 0, size, "read of the whole file");
}

static void load_model(void)
{
	struct stat st;

	if (fstat(fd_buffered, &st) || (size_t)st.st_size > max_size)
		wrong("no file of at most %zu bytes", max_size);
	size = st.st_size;
	if (pread(fd_buffered, model, size, 0) != (ssize_t)size)
		wrong("read: %s", strerror(errno));
}

static void save_model(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, model, size) != (ssize_t)size || close(fd)) {
		perror(name);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const char *modes = "b", *save = NULL;
	unsigned long operations = 1000;
	bool truncates = true, keep = false, holes = false;
	int opt;

	while ((opt = getopt(argc, argv, "s:n:z:m:a:A:THo:cv")) != -1) {
		switch (opt) {
		case 's': seed = strtoull(optarg, NULL, 0); break;
		case 'n': operations = strtoul(optarg, NULL, 0); break;
		case 'z': max_size = strtoul(optarg, NULL, 0); break;
		case 'm': modes = optarg; break;
		case 'a': align_file = strtoul(optarg, NULL, 0); break;
		case 'A': align_memory = strtoul(optarg, NULL, 0); break;
		case 'T': truncates = false; break;
		case 'H': holes = true; break;
		case 'o': save = optarg; break;
		case 'c': keep = true; break;
		case 'v': verbose = true; break;
		default: return 2;
		}
	}
	if (optind != argc - 1 || !*modes || strspn(modes, "bdma") != strlen(modes) ||
	    !align_file || max_size < 16 * PAGE) {
		fprintf(stderr, "usage: iomodel [option...] FILE; see its source\n");
		return 2;
	}
	if (!align_memory)
		align_memory = align_file;
	path = argv[optind];
	state = seed;
	model = calloc(1, max_size + PAGE);
	area = aligned_alloc(PAGE, (max_size + 3 * PAGE) / PAGE * PAGE);
	if (!model || !area || (strchr(modes, 'a') && syscall(SYS_io_setup, 4, &aio)))
		wrong("setting up: %s", strerror(errno));

	open_files(strpbrk(modes, "da"), keep ? 0 : O_CREAT | O_TRUNC);
	if (keep)
		load_model();
	for (step = 0; step < operations; step++)
		operation(modes, truncates, holes);
	check_all();
	if (refused)
		printf("%lu times fallocate was not supported\n", refused);
	if (save)
		save_model(save);
	return 0;
}

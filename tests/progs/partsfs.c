// SPDX-License-Identifier: GPL-2.0
/*
 * partsfs DIR MOUNTPOINT: a read-only filesystem that shows DIR, and of a directory
 * one entry at a time, however much is asked for, as network filesystems give parts.
 */
#define FUSE_USE_VERSION 31
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int source;

/* Paths come with a "/" at their head. */
static const char *below(const char *path)
{
	return path[1] ? path + 1 : ".";
}

static void *parts_init(struct fuse_conn_info *conn, struct fuse_config *config)
{
	/* each entry would be looked up, which is beside the point */
	conn->want &= ~(unsigned int)FUSE_CAP_READDIRPLUS;
	config->use_ino = 1;
	return NULL;
}

static int parts_getattr(const char *path, struct stat *st,
			 struct fuse_file_info *file)
{
	(void)file;
	return fstatat(source, below(path), st, AT_SYMLINK_NOFOLLOW) ? -errno : 0;
}

static int parts_readlink(const char *path, char *target, size_t size)
{
	ssize_t len = readlinkat(source, below(path), target, size - 1);

	if (len < 0)
		return -errno;
	target[len] = 0;
	return 0;
}

static int parts_open(const char *path, struct fuse_file_info *file)
{
	int fd = openat(source, below(path), O_RDONLY | O_NOFOLLOW);

	if (fd < 0)
		return -errno;
	file->fh = (uint64_t)fd;
	return 0;
}

static int parts_read(const char *path, char *data, size_t size, off_t pos,
		      struct fuse_file_info *file)
{
	ssize_t done = pread((int)file->fh, data, size, pos);

	(void)path;
	return done < 0 ? -errno : (int)done;
}

static int parts_release(const char *path, struct fuse_file_info *file)
{
	(void)path;
	return close((int)file->fh) ? -errno : 0;
}

/* The position of an entry is how many are before it. */
static int parts_readdir(const char *path, void *out, fuse_fill_dir_t fill,
			 off_t pos, struct fuse_file_info *file,
			 enum fuse_readdir_flags flags)
{
	struct dirent **entries;
	int fd = openat(source, below(path), O_RDONLY | O_DIRECTORY);
	int i, count;

	(void)file;
	(void)flags;
	if (fd < 0)
		return -errno;
	count = scandirat(fd, ".", &entries, NULL, alphasort);
	close(fd);
	if (count < 0)
		return -errno;
	if (pos < count)
		fill(out, entries[pos]->d_name, NULL, pos + 1, 0);
	for (i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return 0;
}

static const struct fuse_operations parts_ops = {
	.init		= parts_init,
	.getattr	= parts_getattr,
	.readlink	= parts_readlink,
	.open		= parts_open,
	.read		= parts_read,
	.release	= parts_release,
	.readdir	= parts_readdir,
};

int main(int argc, char **argv)
{
	char *args[] = { argv[0], "-s", "-o", "ro,allow_other", argv[2], NULL };

	if (argc != 3)
		errx(2, "usage: partsfs DIR MOUNTPOINT");
	source = open(argv[1], O_RDONLY | O_DIRECTORY);
	if (source < 0)
		err(1, "%s", argv[1]);
	return fuse_main(5, args, &parts_ops, NULL);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* The lower file. */
#ifndef DCRYPT_LOWER_H
#define DCRYPT_LOWER_H

#include "dcryptfs.h"

/* ---- lower_hold.c: the open lower file ---- */

/*
 * Makes sure that the lower file is open, and stays so until dcrypt_lower_drop();
 * @write if it will be written to.  @dentry is an upper dentry of the inode.
 */
int dcrypt_lower_hold(struct inode *inode, struct dentry *dentry, bool write);
/*
 * The same for writeback.  1; or no hold, and 0 if nothing is dirty or an error of
 * opening the lower file, which it seldom has to.
 */
int dcrypt_lower_hold_dirty(struct inode *inode);
void dcrypt_lower_drop(struct inode *inode);
void dcrypt_lower_release(struct inode *inode);	/* when the inode goes */
/* The caller of these has a hold. */
struct file *dcrypt_lower_file(struct inode *inode);
/* Does the lower filesystem take requests that it must not wait for? */
bool dcrypt_lower_is_async(struct inode *inode);

/* ---- lower.c: the only caller of the lower filesystem's data path ---- */

int dcrypt_lower_init(void);
void dcrypt_lower_exit(void);

/*
 * Has the lower filesystem ask its server for the lower file's attributes, if it
 * has reason to; with AT_STATX_FORCE_SYNC in any case.  The caller has a hold.
 */
int dcrypt_lower_revalidate(struct inode *inode, unsigned int flags);

/* A read or write of the lower file. */
struct dcrypt_lower_io {
	/* to be set; what is not, is 0 */
	struct inode *inode;		/* the upper one */
	struct bio_vec *bvec;		/* @bytes of memory in @nr pieces... */
	unsigned int nr;		/* ...which stay until it is over */
	size_t bytes;
	loff_t pos;			/* below */
	bool write;
	bool nowait;			/* rather fail with EAGAIN, with nothing done */
	/* called in any context when a call is over; NULL: wait for it */
	void (*end)(struct dcrypt_lower_io *io);

	size_t moved;			/* result: bytes */

	/* lower.c's own */
	struct file *file;		/* with a reference if there is @end */
	struct kiocb iocb;
	ssize_t ret;			/* of a call that did not end at once */
};

/*
 * Moves all of it, or returns an error: EIO for a lower file that ends too early,
 * EAGAIN, ...; io->moved is how much was moved in any case.  EIOCBQUEUED: it is
 * under way, and end() is called, perhaps before this returns, and so often as that
 * is returned.  To each call belongs one of dcrypt_lower_go_on(), in a context that
 * may sleep, which goes on with it and returns the same.  The caller has a hold.
 */
int dcrypt_lower_go(struct dcrypt_lower_io *io);
int dcrypt_lower_go_on(struct dcrypt_lower_io *io);
/* Of an io that is over, and that nobody uses any more. */
void dcrypt_lower_put(struct dcrypt_lower_io *io);
/* One that is waited for. */
int dcrypt_lower_rw(struct inode *inode, struct bio_vec *bvec, unsigned int nr,
		    size_t bytes, loff_t pos, bool write);

/*
 * Sets the lower size; the lower mtime becomes the upper one.  The caller has a
 * hold and dcrypt_inode.lock, also for dcrypt_lower_set_mtime().
 */
int dcrypt_lower_setsize(struct inode *inode, loff_t size);
/*
 * The lower fallocate(), always with FALLOC_FL_KEEP_SIZE.  EOPNOTSUPP if the lower
 * filesystem can't, and what else it says.  The caller has a hold.
 */
int dcrypt_lower_fallocate(struct inode *inode, int mode, loff_t pos, loff_t len);
/* The lower llseek() for SEEK_DATA and SEEK_HOLE.  The caller has a hold. */
loff_t dcrypt_lower_seek(struct inode *inode, loff_t pos, int whence);
/* Makes the lower mtime the upper one. */
int dcrypt_lower_set_mtime(struct inode *inode);
/*
 * The lower fsync().  The lower file tells an error once, whoever asks; so that is
 * also kept in the mapping, for all who have the upper file open.
 */
int dcrypt_lower_fsync(struct inode *inode, int datasync);
/* An attribute of the lower file, for its format.  The caller has a hold. */
ssize_t dcrypt_lower_getxattr(struct inode *inode, const char *name, void *value,
			      size_t size);
int dcrypt_lower_setxattr(struct inode *inode, const char *name,
			  const void *value, size_t size);

/*
 * For a file that is let through (plain.c): the same request of the lower file, at
 * @pos there, which is waited for; and its mapping.  The caller has a hold.
 */
ssize_t dcrypt_lower_pass(const struct kiocb *upper, loff_t pos,
			  struct iov_iter *iter);
int dcrypt_lower_mmap(struct inode *inode, struct vm_area_struct *vma);

#endif /* DCRYPT_LOWER_H */

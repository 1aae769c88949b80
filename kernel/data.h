/* SPDX-License-Identifier: GPL-2.0 */
/* Data of regular files, above the extent engine. */
#ifndef DCRYPT_DATA_H
#define DCRYPT_DATA_H

#include "dcryptfs.h"

/* ---- file.c ---- */

extern const struct file_operations dcrypt_file_fops;
/* File operations that are the same for files that are let through. */
int dcrypt_release(struct inode *inode, struct file *file);
int dcrypt_fsync(struct file *file, loff_t start, loff_t end, int datasync);

/*
 * Makes a file ready for what comes after opening it, @write if it will be written
 * to: its size is known and makes sense, and where the format wants it, so is its
 * key.  The caller has a hold.  0, EIO, ENOKEY, ...
 */
int dcrypt_ready(struct inode *inode, bool write);

/*
 * Before data is written from @pos on, with i_rwsem: in a format without holes, what
 * is between the file's end and @pos becomes zeros below.  0, ENOSPC, EINTR, ...
 */
int dcrypt_fill_gap(struct inode *inode, loff_t pos);

/*
 * With i_rwsem: nothing was written behind a gap that was filled, so what was filled is
 * of no use, and takes room.
 */
void dcrypt_empty_gap(struct inode *inode);

/*
 * Whether and what to write, as generic_write_checks() says; EPERM if the file is
 * immutable.  The caller holds i_rwsem.
 */
ssize_t dcrypt_write_checks(struct kiocb *iocb, struct iov_iter *from);

/*
 * Writes to the page cache at iocb->ki_pos, which advances.  The caller holds
 * i_rwsem exclusively and has made the checks.  Bytes taken, or an error.
 */
ssize_t dcrypt_buffered_write(struct kiocb *iocb, struct iov_iter *from);

/* ---- plain.c: files that are let through ---- */

extern const struct file_operations dcrypt_plain_fops;
/* Sets the lower file's size.  The caller holds i_rwsem and has a hold. */
int dcrypt_plain_truncate(struct inode *inode, loff_t size);
/* The upper size is what the lower one is now, and what is shown in front. */
void dcrypt_plain_size(struct inode *inode);

/* ---- space.c: room below for what is dirty ---- */

bool dcrypt_look_for_room(struct super_block *sb, unsigned int pages);

static inline bool dcrypt_has_room(struct dcrypt_sb *dsb, unsigned int pages)
{
	return atomic_long_sub_return(pages, &dsb->room) >= 0 &&
	       time_before(jiffies, READ_ONCE(dsb->room_until));
}

/*
 * May so many more pages become dirty?  The caller holds i_rwsem, and no folio's
 * lock: it may be that much is written back before.
 */
static inline bool dcrypt_take_room(struct super_block *sb, unsigned int pages)
{
	return likely(dcrypt_has_room(dcrypt_sb(sb), pages)) ||
	       dcrypt_look_for_room(sb, pages);
}

/* The lower filesystem had no room: what was found of it is gone. */
static inline void dcrypt_forget_room(struct super_block *sb)
{
	atomic_long_set(&dcrypt_sb(sb)->room, 0);
}

/* ---- read.c, write.c: the page cache ---- */

extern const struct address_space_operations dcrypt_aops;

int dcrypt_read_folio(struct file *file, struct folio *folio);
/* Fills a locked folio, which stays locked. */
int dcrypt_read_locked_folio(struct folio *folio);
void dcrypt_readahead(struct readahead_control *rac);
int dcrypt_writepages(struct address_space *mapping,
		      struct writeback_control *wbc);
/* Zeroes what a cached last page holds past @size, before the file grows. */
void dcrypt_zero_cached_tail(struct inode *inode, loff_t size);

/* ---- folio.c: folios of several blocks ---- */

/* 128 KiB: what costs something for each folio counts no more, and two are a run. */
#define DCRYPT_MAX_FOLIO_ORDER 5

/* A locked folio is new, or will be written to. */
void dcrypt_folio_init(struct folio *folio);
/* So many blocks of a locked folio are dirty, the others not by this. */
void dcrypt_folio_dirty(struct folio *folio, unsigned int first, unsigned int nr);
bool dcrypt_dirty_folio(struct address_space *mapping, struct folio *folio);
/*
 * Which blocks of a locked folio were dirty, whose dirty flag was cleared.  False:
 * it does not say so, and its runs are not counted.
 */
bool dcrypt_folio_take_dirty(struct folio *folio, unsigned long *dirty);
/*
 * Counts the runs that write a folio under writeback; the end of the last one, after
 * all have begun, ends that.  In any context.  A folio of one block is written by
 * one run.
 */
void dcrypt_folio_begin_gathering(struct folio *folio);
void dcrypt_folio_end_gathering(struct folio *folio);
void dcrypt_folio_begin_run(struct folio *folio);
void dcrypt_folio_end_run(struct folio *folio);
/*
 * Before direct I/O: the cache has folios of one block from now on.  EBUSY: somebody
 * keeps pages of the file in use; EIO, ENOSPC, ...: what is dirty can't be written.
 */
int dcrypt_make_folios_small(struct inode *inode);
bool dcrypt_release_folio(struct folio *folio, gfp_t gfp);
void dcrypt_invalidate_folio(struct folio *folio, size_t offset, size_t len);

/* ---- direct.c ---- */

/* Where a program's memory best begins: at a block of the cipher. */
#define DCRYPT_DIO_MEM_ALIGN 16

/*
 * The address_space operation direct_IO.  The caller holds i_rwsem: shared, or
 * exclusive for a write that extends the file or is not aligned.  Returns the
 * bytes moved (0 at the end of the file), an error if none were, or EIOCBQUEUED:
 * then ki_complete() is called once, in a worker, and until then inode_dio_wait()
 * waits.  Of a read, the key is there (dcrypt_prepare_key).
 */
ssize_t dcrypt_direct_io(struct kiocb *iocb, struct iov_iter *iter);

/* Whole blocks within the file? */
static inline bool dcrypt_is_inside(const struct inode *inode, loff_t pos,
				    size_t count)
{
	return !((pos | count) % DCRYPT_BLOCK_SIZE) &&
	       pos + count <= i_size_read(inode);
}

/* ---- direct_request.c ---- */

/* Reads, with i_rwsem taken here.  With IOCB_NOWAIT, EAGAIN rather than waiting. */
ssize_t dcrypt_direct_read(struct kiocb *iocb, struct iov_iter *to);
/* Writes, in the same way. */
ssize_t dcrypt_direct_write(struct kiocb *iocb, struct iov_iter *from);

/* ---- splice.c ---- */

/*
 * The file operations splice_read and splice_write.  The pipe of the first is locked by
 * the caller, if anybody else has it, and not while the file is read.
 */
ssize_t dcrypt_splice_read(struct file *file, loff_t *pos, struct pipe_inode_info *pipe,
			   size_t len, unsigned int flags);
ssize_t dcrypt_splice_write(struct pipe_inode_info *pipe, struct file *file,
			    loff_t *pos, size_t len, unsigned int flags);

/* ---- truncate.c: the size of a regular file ---- */

/* Sets the upper size.  The caller holds i_rwsem exclusively. */
int dcrypt_truncate(struct inode *inode, loff_t size);

/*
 * To be called before the blocks of [@pos, @end) are written: makes the header
 * exist, disk_size at least @end, and what there was no data for up to @pos, or is
 * past the end, zeros.  May be called in writeback.  Returns 0; 1, if
 * dcrypt_extended() is to be called when they have been written, or not; ENOSPC,
 * EDQUOT, EFBIG, EIO, ...
 */
int dcrypt_prepare_disk(struct inode *inode, loff_t pos, loff_t end);
/* Is it so already, and 0 the answer? */
bool dcrypt_disk_is_ready(const struct inode *inode, loff_t end);

/* Only makes the header exist.  0, ENOSPC, EIO, ... */
int dcrypt_prepare_header(struct inode *inode);

/*
 * Takes away what is below past @size.  The caller holds i_rwsem exclusively, and
 * no folio's lock; no data past @size is cached.
 */
int dcrypt_shrink_disk(struct inode *inode, loff_t size);

void dcrypt_truncate_init(void);

/*
 * For formats, with dcrypt_inode.lock held: writes zeros, encrypted, to the blocks
 * from disk_size on up to @end, a multiple of the block size, or disk_size.  ENOSPC,
 * EINTR (the caller is being killed), ...
 */
int dcrypt_fill_disk(struct inode *inode, loff_t end);
/* The same: makes the padding of the last block before @size zeros on disk. */
int dcrypt_clean_padding(struct inode *inode, loff_t size);

/* ---- size.c: the size that a header says ---- */

/*
 * What dcrypt_prepare_disk() announced was done: up to @done, which is @end if all
 * went well.  May be called where nobody may wait.
 */
void dcrypt_extended(struct inode *inode, loff_t end, loff_t done);
/*
 * For formats, with dcrypt_inode.lock: there is data up to @size.  The second: the
 * header has to say so.
 */
void dcrypt_set_disk_size(struct inode *inode, loff_t size);
void dcrypt_size_untold(struct inode *inode);
/*
 * With dcrypt_inode.lock: 1, if a write up to @end goes past what is known to be
 * written, and is counted until dcrypt_extended(); else 0.
 */
int dcrypt_begin_extending(struct inode *inode, loff_t end);
/*
 * Has the header say the size that the file has, as far as there is data below.
 * The caller has a hold; of the second, dcrypt_inode.lock too.
 */
int dcrypt_tell_size(struct inode *inode);
int dcrypt_tell_size_locked(struct inode *inode);
/* Writes the file's data below, and tells its size.  The caller holds i_rwsem. */
int dcrypt_write_all(struct inode *inode);
/* Tells the size once everything else is on stable storage.  Takes i_rwsem. */
int dcrypt_sync_size(struct inode *inode, int datasync);
/* The super operation write_inode. */
int dcrypt_write_inode(struct inode *inode, struct writeback_control *wbc);

/* ---- fallocate.c, seek.c: holes ---- */

long dcrypt_fallocate(struct file *file, int mode, loff_t pos, loff_t len);
loff_t dcrypt_llseek(struct file *file, loff_t pos, int whence);
int dcrypt_fiemap(struct inode *inode, struct fiemap_extent_info *info,
		  u64 start, u64 len);

#endif /* DCRYPT_DATA_H */

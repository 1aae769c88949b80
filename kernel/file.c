// SPDX-License-Identifier: GPL-2.0
/* File operations of regular files: where a system call is sent on its way. */
#include <linux/fs.h>
#include <linux/lockdep.h>
#include <linux/pagemap.h>
#include <linux/sizes.h>
#include <linux/stat.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"
#include "format.h"
#include "inode.h"
#include "lower.h"

/* Bytes that are filled with zeros at a time. */
#define FILL_STEP	SZ_8M

/*
 * The last error of delayed writing that write() has looked at.  Guarded by i_rwsem.
 * What fsync() has told is apart from it, in f_wb_err.
 */
static errseq_t get_told(const struct file *file)
{
	return (unsigned long)file->private_data;
}

static void set_told(struct file *file, errseq_t told)
{
	file->private_data = (void *)(unsigned long)told;
}

/* What others changed below until now is to be seen through the file that is opened. */
static int refresh(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	int err = 0;

	/* opening the lower file asks the server; but that may be open already */
	if (dcrypt_sb(inode->i_sb)->remote && READ_ONCE(di->lower_users) > 1)
		err = dcrypt_lower_revalidate(inode, AT_STATX_FORCE_SYNC);
	if (!err)
		err = dcrypt_refresh(inode);
	/* two write at once: who opens it next may see what the other wrote */
	return err == -EBUSY ? 0 : err;
}

int dcrypt_ready(struct inode *inode, bool write)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	int err = dcrypt_know_size(inode);

	if (!err && di->damaged)
		err = dcrypt_damaged_size(inode);
	if (err || READ_ONCE(di->plain) || !dcrypt_sb(inode->i_sb)->format->ready_at_open)
		return err;
	if (di->header_on_disk)
		return dcrypt_prepare_key(inode);
	return write ? dcrypt_prepare_header(inode) : 0;
}

static int dcrypt_open(struct inode *inode, struct file *file)
{
	int err = dcrypt_lower_hold(inode, file_dentry(file),
				    file->f_mode & FMODE_WRITE);

	if (err)
		return err;
	set_told(file, file->f_wb_err);
	/* who will not wait can be served only as the lower filesystem does it */
	if (dcrypt_lower_is_async(inode))
		file->f_mode |= DCRYPT_FMODE_ASYNC;
	err = refresh(inode);
	if (!err)
		err = dcrypt_ready(inode, file->f_mode & FMODE_WRITE);
	/* not only at the first request, which may be one that must not wait */
	if (!err && (file->f_flags & O_DIRECT))
		err = dcrypt_make_folios_small(inode);
	if (!err && READ_ONCE(dcrypt_inode(inode)->plain))
		file->f_op = &dcrypt_plain_fops;
	if (err)
		dcrypt_lower_drop(inode);
	return err;
}

int dcrypt_release(struct inode *inode, struct file *file)
{
	dcrypt_lower_drop(inode);
	return 0;
}

/*
 * At close: what a full lower disk or a broken one refuses must not be learnt
 * only by those who call fsync.
 */
static int dcrypt_flush(struct file *file, fl_owner_t id)
{
	struct address_space *mapping = file->f_mapping;
	errseq_t since = READ_ONCE(file->f_wb_err);
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return 0;
	filemap_fdatawrite(mapping);
	filemap_fdatawait_keep_errors(mapping);
	err = dcrypt_tell_size(file_inode(file));
	dcrypt_keep_state(file_inode(file));
	/* this file's fsync must tell it again; who opens it anew need not know */
	return errseq_check_and_advance(&mapping->wb_err, &since) ?: err;
}

/*
 * The kernel itself splices a file that is open with O_DIRECT (6.12), and comes here
 * with the pipe locked, which splice.c avoids.  To wait for ever takes somebody who
 * splices from the same pipe into the lower filesystem while that is being frozen.
 * Lockdep, which would report it and then be of no use, does not look.
 */
static ssize_t direct_read(struct kiocb *iocb, struct iov_iter *to)
{
	bool spliced = is_sync_kiocb(iocb) && iov_iter_is_bvec(to);
	ssize_t ret;

	if (spliced)
		lockdep_off();
	ret = dcrypt_direct_read(iocb, to);
	if (spliced)
		lockdep_on();
	return ret;
}

static ssize_t dcrypt_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	ssize_t ret;
	int err;

	if (iocb->ki_flags & IOCB_DIRECT)
		return direct_read(iocb, to);
	/* readahead could not say what is wrong with the header */
	if (atomic64_read(&dcrypt_inode(inode)->disk_size)) {
		if ((iocb->ki_flags & IOCB_NOWAIT) &&
		    !smp_load_acquire(&dcrypt_inode(inode)->tfm))
			return -EAGAIN;
		err = dcrypt_prepare_key(inode);
		if (err)
			return err;
	}
	ret = generic_file_read_iter(iocb, to);
	if (ret > 0)
		this_cpu_add(dcrypt_sb(inode->i_sb)->stats->cached_read, ret);
	return ret;
}

/*
 * Now, and not by whoever writes a page back, whom nobody could stop, nor tell that
 * there is no room.  In steps, between which others get dcrypt_inode.lock.
 */
int dcrypt_fill_gap(struct inode *inode, loff_t pos)
{
	loff_t at = i_size_read(inode);
	int err;

	if (dcrypt_sb(inode->i_sb)->format->has_holes ||
	    pos >> DCRYPT_BLOCK_BITS <= DIV_ROUND_UP_ULL(at, DCRYPT_BLOCK_SIZE))
		return 0;
	err = filemap_write_and_wait(inode->i_mapping);
	while (!err && at < pos) {
		at = pos - at > FILL_STEP ? at + FILL_STEP : pos;
		err = dcrypt_prepare_disk(inode, at, at);
	}
	return err;
}

void dcrypt_empty_gap(struct inode *inode)
{
	loff_t size = i_size_read(inode);

	if (atomic64_read(&dcrypt_inode(inode)->disk_size) > size)
		dcrypt_shrink_disk(inode, size);
}

ssize_t dcrypt_buffered_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	loff_t size = i_size_read(inode);
	ssize_t ret;

	/* a file whose header is damaged must not take data it can't keep */
	ret = dcrypt_prepare_key(inode);
	if (ret)
		return ret;
	if (iocb->ki_pos > size)
		dcrypt_zero_cached_tail(inode, size);
	ret = dcrypt_fill_gap(inode, iocb->ki_pos);
	if (!ret)
		ret = generic_perform_write(iocb, from);
	if (ret < 0 && i_size_read(inode) == size)
		dcrypt_empty_gap(inode);
	return ret;
}

ssize_t dcrypt_write_checks(struct kiocb *iocb, struct iov_iter *from)
{
	/* it may have become so after it was opened */
	if (IS_IMMUTABLE(file_inode(iocb->ki_filp)))
		return -EPERM;
	return generic_write_checks(iocb, from);
}

/*
 * What this file took before found no room below: say so, once, as a filesystem
 * does that has room set aside when it takes data.  Who syncs will be told again by
 * fsync(), unless it was.  Other errors have nothing to do with what is written now.
 */
static int tell_of_full_disk(struct file *file)
{
	struct address_space *mapping = file->f_mapping;
	errseq_t told = get_told(file);
	int err;

	if (likely(!errseq_check(&mapping->wb_err, told)))
		return 0;
	err = errseq_check(&mapping->wb_err, READ_ONCE(file->f_wb_err));
	errseq_check_and_advance(&mapping->wb_err, &told);
	set_told(file, told);
	return err == -ENOSPC || err == -EDQUOT ? err : 0;
}

static ssize_t write_cached(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	struct inode *inode = file_inode(file);
	ssize_t ret;

	if (iocb->ki_flags & IOCB_NOWAIT)
		return -EOPNOTSUPP;
	inode_lock(inode);
	ret = tell_of_full_disk(file);
	if (!ret)
		ret = dcrypt_write_checks(iocb, from);
	if (ret > 0) {
		ret = file_modified(file);
		if (!ret)
			ret = dcrypt_buffered_write(iocb, from);
	}
	inode_unlock(inode);
	if (ret > 0)
		this_cpu_add(dcrypt_sb(inode->i_sb)->stats->cached_written, ret);
	return ret;
}

static ssize_t dcrypt_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	ssize_t ret;

	if (iocb->ki_flags & IOCB_DIRECT)
		ret = dcrypt_direct_write(iocb, from);
	else
		ret = write_cached(iocb, from);
	if (ret > 0)
		ret = generic_write_sync(iocb, ret);
	else if (ret == -ENOSPC)
		dcrypt_forget_room(file_inode(iocb->ki_filp)->i_sb);
	return ret;
}

/*
 * Data above, then everything below that is needed to read it back.  What the
 * mapping has got to tell in the end, be it of others who synced meanwhile, this
 * file has been told by that.
 */
int dcrypt_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct inode *inode = file_inode(file);
	int err = file_write_and_wait_range(file, start, end);

	if (err)
		return err;
	err = dcrypt_sync_names(file_dentry(file));
	if (err)
		return err;
	err = dcrypt_sync_size(inode, datasync);
	if (!err)
		err = dcrypt_lower_fsync(inode, datasync);
	dcrypt_keep_state(inode);
	return file_check_and_advance_wb_err(file) ?: err;
}

/* The folio is locked.  Was it truncated, or is it past the file's end by now? */
static bool is_gone(const struct inode *inode, struct folio *folio,
		    const struct page *page)
{
	return folio->mapping != inode->i_mapping ||
	       folio_pos(folio) + ((loff_t)folio_page_idx(folio, page) << PAGE_SHIFT) >=
	       i_size_read(inode);
}

/* As filemap_page_mkwrite(), but of one block. */
static vm_fault_t make_writable(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	struct folio *folio = page_folio(vmf->page);

	folio_lock(folio);
	if (is_gone(inode, folio, vmf->page)) {
		folio_unlock(folio);
		return VM_FAULT_NOPAGE;
	}
	dcrypt_folio_dirty(folio, folio_page_idx(folio, vmf->page), 1);
	folio_wait_stable(folio);
	return VM_FAULT_LOCKED;
}

/* Who has the invalidate_lock, and drops what is cached, is not kept busy by stores. */
static vm_fault_t dcrypt_page_mkwrite(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	vm_fault_t ret;

	/* a mapping may be older than what forbids to write */
	if (IS_IMMUTABLE(inode))
		return VM_FAULT_SIGBUS;
	sb_start_pagefault(inode->i_sb);
	file_update_time(vmf->vma->vm_file);
	filemap_invalidate_lock_shared(inode->i_mapping);
	ret = make_writable(vmf);
	filemap_invalidate_unlock_shared(inode->i_mapping);
	sb_end_pagefault(inode->i_sb);
	return ret;
}

static const struct vm_operations_struct dcrypt_vm_ops = {
	.fault		= filemap_fault,
	.map_pages	= filemap_map_pages,
	.page_mkwrite	= dcrypt_page_mkwrite,
};

static int dcrypt_mmap(struct file *file, struct vm_area_struct *vma)
{
	int err = generic_file_mmap(file, vma);

	if (!err)
		vma->vm_ops = &dcrypt_vm_ops;
	return err;
}

const struct file_operations dcrypt_file_fops = {
	DCRYPT_FOP_FLAGS
	.open		= dcrypt_open,
	.release	= dcrypt_release,
	.flush		= dcrypt_flush,
	.llseek		= dcrypt_llseek,
	.read_iter	= dcrypt_read_iter,
	.write_iter	= dcrypt_write_iter,
	.fsync		= dcrypt_fsync,
	.fallocate	= dcrypt_fallocate,
	.mmap		= dcrypt_mmap,
	.splice_read	= dcrypt_splice_read,
	.splice_write	= dcrypt_splice_write,
};

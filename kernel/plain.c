// SPDX-License-Identifier: GPL-2.0
/*
 * Files that are let through: those that the volume's format does not know, if the
 * mount asks for that, and all files of a mount that shows them encrypted.  What is
 * read and written is the lower file itself, and nothing of it is cached above.
 *
 * In front of what is in the file, a header may be shown that is kept elsewhere;
 * then the mount can only be read.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"
#include "format.h"
#include "lower.h"

void dcrypt_plain_size(struct inode *inode)
{
	i_size_write(inode, i_size_read(dcrypt_lower_inode(inode)) +
			    dcrypt_inode(inode)->plain_head);
}

int dcrypt_plain_truncate(struct inode *inode, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs = dcrypt_lock(di);
	int err = dcrypt_lower_setsize(inode, size);

	dcrypt_unlock(di, nofs);
	dcrypt_plain_size(inode);
	return err;
}

/* Of the header in front; behind its block there are zeros. */
static ssize_t read_head(struct inode *inode, loff_t pos, struct iov_iter *to)
{
	size_t count = min_t(size_t, iov_iter_count(to),
			     dcrypt_inode(inode)->plain_head - pos);
	size_t in_block = pos < DCRYPT_HEADER_SIZE ?
			  min_t(size_t, count, DCRYPT_HEADER_SIZE - pos) : 0;
	void *header;
	ssize_t done;
	int err;

	if (!in_block)
		return iov_iter_zero(count, to);
	header = kmalloc(DCRYPT_HEADER_SIZE, GFP_KERNEL);
	if (!header)
		return -ENOMEM;
	err = dcrypt_show_header(inode, header);
	if (!err) {
		done = copy_to_iter(header + pos, in_block, to);
		if (done == in_block)
			done += iov_iter_zero(count - in_block, to);
	}
	kfree(header);
	return err ?: done ?: -EFAULT;
}

/* The file operation read_iter. */
static ssize_t plain_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	u32 head = dcrypt_inode(inode)->plain_head;
	ssize_t done = 0, ret = 0;

	if (iocb->ki_pos < head && iov_iter_count(to)) {
		if (iocb->ki_flags & IOCB_NOWAIT)
			return -EAGAIN;
		done = read_head(inode, iocb->ki_pos, to);
		if (done < 0)
			return done;
	}
	if (iocb->ki_pos + done >= head)
		ret = dcrypt_lower_pass(iocb, iocb->ki_pos + done - head, to);
	file_accessed(iocb->ki_filp);
	if (ret < 0 && !done)
		return ret;
	done += max_t(ssize_t, ret, 0);
	iocb->ki_pos += done;
	return done;
}

/* The file operation write_iter.  The lower file syncs what is to be synced. */
static ssize_t plain_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	ssize_t ret;

	if (iocb->ki_flags & IOCB_NOWAIT)
		return -EAGAIN;
	inode_lock(inode);
	dcrypt_plain_size(inode);
	ret = dcrypt_write_checks(iocb, from);
	if (ret > 0)
		ret = file_modified(iocb->ki_filp) ?:
		      dcrypt_lower_pass(iocb, iocb->ki_pos, from);
	if (ret > 0)
		iocb->ki_pos += ret;
	dcrypt_plain_size(inode);
	inode_unlock(inode);
	return ret;
}

/* The file operation llseek.  With a header in front, all is data. */
static loff_t plain_llseek(struct file *file, loff_t pos, int whence)
{
	struct inode *inode = file_inode(file);

	dcrypt_plain_size(inode);
	if ((whence != SEEK_DATA && whence != SEEK_HOLE) ||
	    dcrypt_inode(inode)->plain_head)
		return generic_file_llseek(file, pos, whence);
	pos = dcrypt_lower_seek(inode, pos, whence);
	return pos < 0 ? pos : vfs_setpos(file, pos, inode->i_sb->s_maxbytes);
}

/*
 * The file operation mmap: of the lower file.  The moment that it is written to is
 * not known, so the time is that of the mapping.  ENODEV with a header in front.
 */
static int plain_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct inode *inode = file_inode(file);

	if (dcrypt_inode(inode)->plain_head)
		return -ENODEV;
	if ((vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE))
		file_update_time(file);
	return dcrypt_lower_mmap(inode, vma);
}

const struct file_operations dcrypt_plain_fops = {
	.release	= dcrypt_release,
	.llseek		= plain_llseek,
	.read_iter	= plain_read_iter,
	.write_iter	= plain_write_iter,
	.fsync		= dcrypt_fsync,
	.mmap		= plain_mmap,
	.splice_read	= dcrypt_splice_read,
	.splice_write	= dcrypt_splice_write,
};

// SPDX-License-Identifier: GPL-2.0
/* Where in a file data lies and where holes are: asked below, and moved up. */
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/uaccess.h>

#include "data.h"
#include "dcryptfs.h"
#include "format.h"
#include "lower.h"

/* Of what is on disk, from @pos on, which is before the end of the file. */
static loff_t seek_on_disk(struct inode *inode, loff_t pos, int whence)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	loff_t size = i_size_read(inode);
	unsigned int contig;
	loff_t ret, lower;

	lower = format->map(inode, pos >> DCRYPT_BLOCK_BITS, &contig);
	lower += pos % DCRYPT_BLOCK_SIZE;
	ret = dcrypt_lower_seek(inode, lower, whence);
	if (ret == -ENXIO && whence == SEEK_HOLE)
		return size;		/* a lower file that was cut */
	if (ret < 0 || ret == lower)
		return ret < 0 ? ret : pos;

	/* a block with any data below is data */
	ret = format->unmap(inode, ret);
	if (whence == SEEK_HOLE)
		return min_t(loff_t, round_up(ret, DCRYPT_BLOCK_SIZE), size);
	ret = max_t(loff_t, round_down(ret, DCRYPT_BLOCK_SIZE), pos);
	return ret < size ? ret : -ENXIO;
}

/*
 * SEEK_DATA and SEEK_HOLE.  What is dirty is written first, as only then is it
 * known below.  The i_rwsem that is taken keeps the size as it is.
 */
static loff_t seek_hole_data(struct file *file, loff_t pos, int whence)
{
	struct inode *inode = file_inode(file);
	loff_t ret;

	inode_lock_shared(inode);
	if (pos < 0 || pos >= i_size_read(inode)) {
		ret = -ENXIO;
	} else {
		ret = filemap_write_and_wait_range(file->f_mapping, pos,
						   LLONG_MAX);
		if (!ret)
			ret = seek_on_disk(inode, pos, whence);
	}
	inode_unlock_shared(inode);
	if (ret < 0)
		return ret;
	return vfs_setpos(file, ret, inode->i_sb->s_maxbytes);
}

/* The file operation llseek. */
loff_t dcrypt_llseek(struct file *file, loff_t pos, int whence)
{
	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		return seek_hole_data(file, pos, whence);
	return generic_file_llseek(file, pos, whence);
}

/* Takes what is not data off the beginning of a lower extent, and moves it up. */
static void move_extent(struct fiemap_extent *extent, u64 shift)
{
	u64 cut = extent->fe_logical < shift ? shift - extent->fe_logical : 0;

	cut = min(cut, extent->fe_length);
	extent->fe_logical += cut;
	extent->fe_length -= cut;
	if (!(extent->fe_flags & FIEMAP_EXTENT_UNKNOWN))
		extent->fe_physical += cut;
	extent->fe_logical -= shift;
	extent->fe_flags |= FIEMAP_EXTENT_DATA_ENCRYPTED | FIEMAP_EXTENT_ENCODED;
}

/* The lower filesystem has put its extents into the caller's memory. */
static int move_extents(const struct fiemap_extent_info *info, u64 shift)
{
	struct fiemap_extent extent;
	unsigned int i;

	/* the caller only wants to know how many there are */
	if (!info->fi_extents_max)
		return 0;
	for (i = 0; i < info->fi_extents_mapped; i++) {
		if (copy_from_user(&extent, info->fi_extents_start + i,
				   sizeof(extent)))
			return -EFAULT;
		move_extent(&extent, shift);
		if (copy_to_user(info->fi_extents_start + i, &extent,
				 sizeof(extent)))
			return -EFAULT;
	}
	return 0;
}

/*
 * The inode operation fiemap, for formats whose blocks lie in a row.  EOPNOTSUPP
 * where the lower filesystem has none, and of files that are let through.  Extended
 * attributes are the lower file's, and so are their extents.
 */
int dcrypt_fiemap(struct inode *inode, struct fiemap_extent_info *info,
		  u64 start, u64 len)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	struct inode *lower = dcrypt_lower_inode(inode);
	const struct cred *old;
	unsigned int contig;
	u64 shift = format->map(inode, 0, &contig);
	bool xattrs = info->fi_flags & FIEMAP_FLAG_XATTR;
	int err;

	if (!lower->i_op->fiemap || contig != UINT_MAX ||
	    READ_ONCE(dcrypt_inode(inode)->plain))
		return -EOPNOTSUPP;
	err = fiemap_prep(inode, info, start, &len, FIEMAP_FLAG_XATTR);
	if (err)
		return err;
	if (xattrs)
		shift = 0;
	len = min_t(u64, len, LLONG_MAX - shift - start);
	old = dcrypt_override_creds(inode->i_sb);
	err = lower->i_op->fiemap(lower, info, start + shift, len);
	revert_creds(old);
	return err || xattrs ? err : move_extents(info, shift);
}

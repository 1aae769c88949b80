// SPDX-License-Identifier: GPL-2.0
/*
 * Headers of eCryptfs files in the extended attribute user.ecryptfs, for mounts with
 * ecryptfs_xattr_metadata: those of new files, and of files that have none at their
 * beginning.
 */
#include <linux/highmem.h>
#include <linux/string.h>
#include <linux/xattr.h>

#include "ecryptfs.h"

static struct dentry *lower_dentry(const struct inode *inode)
{
	return dcrypt_inode(inode)->lower_dentry;
}

/* What is missing of the block is zeros, which end the packets. */
static int get_xattr(struct inode *inode, void *header)
{
	const struct cred *old = dcrypt_override_creds(inode->i_sb);
	ssize_t ret;

	memset(header, 0, DCRYPT_HEADER_SIZE);
	ret = vfs_getxattr(dcrypt_nop_idmap, lower_dentry(inode),
			   DCRYPT_ECRYPTFS_XATTR, header, DCRYPT_HEADER_SIZE);
	revert_creds(old);
	/* without one, it is a file of something else: the zeros tell it */
	return ret == -ENODATA || ret == -ERANGE || ret == -EOPNOTSUPP ? 0 :
	       min_t(ssize_t, ret, 0);
}

/* Up to where there is something in it. */
static size_t header_length(const void *header)
{
	struct dcrypt_ecryptfs_fields fields;
	struct dcrypt_ecryptfs_packet packet;
	size_t pos = DCRYPT_HEADER_SIZE;
	int ret;

	if (dcrypt_ecryptfs_parse_fields(header, DCRYPT_HEADER_SIZE, &fields))
		return pos;
	pos = fields.packets;
	do {
		ret = dcrypt_ecryptfs_next_packet(header, DCRYPT_HEADER_SIZE,
						  &pos, &packet);
	} while (ret > 0 || ret == -EOPNOTSUPP);
	memzero_explicit(&packet, sizeof(packet));
	return ret ? DCRYPT_HEADER_SIZE : pos;
}

static int set_xattr(struct inode *inode, const void *header)
{
	const struct cred *old;
	int err = dcrypt_want_write(inode->i_sb);

	if (err)
		return err;
	dcrypt_changed_here(inode);
	old = dcrypt_override_creds(inode->i_sb);
	err = vfs_setxattr(dcrypt_nop_idmap, lower_dentry(inode),
			   DCRYPT_ECRYPTFS_XATTR, header, header_length(header),
			   0);
	revert_creds(old);
	dcrypt_drop_write(inode->i_sb);
	return err;
}

/* Is there a header in the file?  Looked at when it is read. */
static int read_header(struct inode *inode, struct page *page, void *header)
{
	struct dcrypt_ecryptfs_file *file = &dcrypt_inode(inode)->header.ecryptfs;
	struct dcrypt_ecryptfs_fields fields;
	int err = dcrypt_header_block_io(inode, page, false);

	if (err || !dcrypt_sb(inode->i_sb)->ecryptfs->options.xattr)
		return err;
	file->in_xattr = dcrypt_ecryptfs_parse_fields(header, DCRYPT_HEADER_SIZE,
						      &fields);
	return file->in_xattr ? get_xattr(inode, header) : 0;
}

int dcrypt_ecryptfs_header_io(struct inode *inode, struct page *page, bool write)
{
	void *header = kmap_local_page(page);
	int err;

	if (!write)
		err = read_header(inode, page, header);
	else if (dcrypt_inode(inode)->header.ecryptfs.in_xattr)
		err = set_xattr(inode, header);
	else
		err = dcrypt_header_block_io(inode, page, true);
	kunmap_local(header);
	return err;
}

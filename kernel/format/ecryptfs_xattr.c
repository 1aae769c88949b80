// SPDX-License-Identifier: GPL-2.0
/*
 * Headers of eCryptfs files in the extended attribute user.ecryptfs, for mounts with
 * ecryptfs_xattr_metadata: those of new files, and of files that have none at their
 * beginning.
 */
#include <linux/highmem.h>
#include <linux/string.h>

#include "../extent.h"
#include "../format.h"
#include "../lower.h"
#include "ecryptfs.h"

/* What is missing of the block is zeros, which end the packets. */
static int get_xattr(struct inode *inode, void *header)
{
	ssize_t ret;

	memset(header, 0, DCRYPT_HEADER_SIZE);
	ret = dcrypt_lower_getxattr(inode, DCRYPT_ECRYPTFS_XATTR, header,
				    DCRYPT_HEADER_SIZE);
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

/* Is there a header in the file?  Looked at when it is read. */
static int read_header(struct inode *inode, struct page *page, void *header)
{
	struct dcrypt_ecryptfs_file *file = &dcrypt_inode(inode)->header.ecryptfs;
	struct dcrypt_ecryptfs_fields fields;
	int err = 0;

	file->in_xattr = false;
	/* what is too short has none at its beginning */
	if (i_size_read(dcrypt_lower_inode(inode)) < DCRYPT_HEADER_SIZE)
		memset(header, 0, DCRYPT_HEADER_SIZE);
	else
		err = dcrypt_header_block_io(inode, page, false);
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
		err = dcrypt_lower_setxattr(inode, DCRYPT_ECRYPTFS_XATTR, header,
					    header_length(header));
	else
		err = dcrypt_header_block_io(inode, page, true);
	kunmap_local(header);
	return err;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Headers of regular files: read, made, and changed where they hold the size.  They are
 * the lower file's first block, if the format does not keep them elsewhere.
 */
#include <linux/highmem.h>

#include "dcryptfs.h"

int dcrypt_header_block_io(struct inode *inode, struct page *page, bool write)
{
	struct bio_vec bvec = {
		.bv_page = page,
		.bv_len = DCRYPT_HEADER_SIZE,
	};

	return dcrypt_lower_rw(inode, &bvec, 1, DCRYPT_HEADER_SIZE, 0, write);
}

static int header_io(struct inode *inode, struct page *page, bool write)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;

	if (format->header_io)
		return format->header_io(inode, page, write);
	return dcrypt_header_block_io(inode, page, write);
}

int dcrypt_read_header(struct inode *inode,
		       int (*parse)(struct inode *inode, const void *header))
{
	struct dcrypt_sb *dsb = dcrypt_sb(inode->i_sb);
	struct page *page;
	void *header;
	int err;

	dcrypt_bounce_get(dsb, &page, 1, true);
	err = header_io(inode, page, false);
	if (!err) {
		header = kmap_local_page(page);
		err = parse(inode, header);
		kunmap_local(header);
	}
	dcrypt_bounce_put(dsb, &page, 1);
	return err;
}

/* The lower file first gets the size of a header alone: the upper one is empty. */
int dcrypt_make_header(struct inode *inode)
{
	struct dcrypt_sb *dsb = dcrypt_sb(inode->i_sb);
	const struct dcrypt_format_ops *format = dsb->format;
	unsigned int contig;
	struct page *page;
	void *header;
	int err;

	err = dcrypt_lower_setsize(inode, format->map(inode, 0, &contig));
	if (err)
		return err;

	dcrypt_bounce_get(dsb, &page, 1, true);
	header = kmap_local_page(page);
	err = format->format_header(inode, header);
	kunmap_local(header);
	if (!err)
		err = header_io(inode, page, true);
	dcrypt_bounce_put(dsb, &page, 1);

	if (err)
		dcrypt_lower_setsize(inode, 0);
	else
		dcrypt_inode(inode)->header_on_disk = true;
	return err;
}

int dcrypt_write_header_size(struct inode *inode, loff_t size)
{
	struct dcrypt_sb *dsb = dcrypt_sb(inode->i_sb);
	struct page *page;
	void *header;
	int err;

	dcrypt_bounce_get(dsb, &page, 1, true);
	err = header_io(inode, page, false);
	if (!err) {
		header = kmap_local_page(page);
		dsb->format->set_header_size(header, size);
		kunmap_local(header);
		err = header_io(inode, page, true);
	}
	dcrypt_bounce_put(dsb, &page, 1);
	return err;
}

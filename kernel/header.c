// SPDX-License-Identifier: GPL-2.0
/*
 * Headers of regular files: read, made, and changed where they hold the size.  They are
 * the lower file's first block, if the format does not keep them elsewhere.
 */
#include <linux/highmem.h>

#include "dcryptfs.h"
#include "extent.h"
#include "format.h"
#include "lower.h"

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

/* A page for a header; to be given back with put_page_for(). */
static void *get_page_for(struct inode *inode, struct page **page)
{
	dcrypt_bounce_get(dcrypt_sb(inode->i_sb), page, 1, true);
	return kmap_local_page(*page);
}

static void put_page_for(struct inode *inode, struct page **page, void *header)
{
	kunmap_local(header);
	dcrypt_bounce_put(dcrypt_sb(inode->i_sb), page, 1);
}

int dcrypt_read_header(struct inode *inode,
		       int (*parse)(struct inode *inode, const void *header))
{
	struct page *page;
	void *header = get_page_for(inode, &page);
	int err = header_io(inode, page, false);

	if (!err)
		err = parse(inode, header);
	put_page_for(inode, &page, header);
	return err;
}

/* The lower file first gets the size of a header alone: the upper one is empty. */
int dcrypt_make_header(struct inode *inode)
{
	const struct dcrypt_format_ops *format = dcrypt_sb(inode->i_sb)->format;
	unsigned int contig;
	struct page *page;
	void *header;
	int err;

	err = dcrypt_lower_setsize(inode, format->map(inode, 0, &contig));
	if (err)
		return err;

	header = get_page_for(inode, &page);
	err = format->format_header(inode, header);
	if (!err)
		err = header_io(inode, page, true);
	put_page_for(inode, &page, header);

	if (err)
		dcrypt_lower_setsize(inode, 0);
	else
		dcrypt_inode(inode)->header_on_disk = true;
	return err;
}

int dcrypt_write_header_size(struct inode *inode, loff_t size)
{
	struct page *page;
	void *header = get_page_for(inode, &page);
	int err = header_io(inode, page, false);

	if (!err) {
		dcrypt_sb(inode->i_sb)->format->set_header_size(header, size);
		err = header_io(inode, page, true);
	}
	put_page_for(inode, &page, header);
	return err;
}

int dcrypt_show_header(struct inode *inode, void *shown)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs = dcrypt_lock(di);
	struct page *page;
	void *header = get_page_for(inode, &page);
	int err = header_io(inode, page, false);

	if (!err) {
		memcpy(shown, header, DCRYPT_HEADER_SIZE);
		dcrypt_sb(inode->i_sb)->format->show_header(shown);
	}
	put_page_for(inode, &page, header);
	dcrypt_unlock(di, nofs);
	return err;
}

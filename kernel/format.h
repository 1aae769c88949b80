/* SPDX-License-Identifier: GPL-2.0 */
/* Formats of regular files. */
#ifndef DCRYPT_FORMAT_H
#define DCRYPT_FORMAT_H

#include "dcryptfs.h"

/* ---- format/ ---- */

/*
 * A format of regular files.  Sizes and offsets are in bytes.  Of an inode, the
 * header was read by then, or made, if the operation does not say otherwise.
 */
struct dcrypt_format_ops {
	u8 id;				/* DCRYPT_FORMAT_* */
	unsigned int magic;		/* statfs(2) f_type of a mount */
	/* an attribute of lower files that there is not above, or NULL */
	const char *own_xattr;
	/* can blocks be holes below?  If not, there are no holes above either */
	bool has_holes;
	/*
	 * Does opening a file need its key, and opening it for writing its header?
	 * If not, so does the first access to data.
	 */
	bool ready_at_open;
	/* the greatest upper size for a greatest lower size */
	loff_t (*max_size)(loff_t lower_max);
	/*
	 * The upper size that a lower size encodes; -EIO: none does; -ENODATA: it
	 * is in the header.
	 */
	loff_t (*upper_size)(loff_t lower_size);
	/*
	 * Only where the size is in the header: finds the size in a header that was
	 * just read, keeping what map() needs, and in *@on_disk up to where there is
	 * data below; -EIO for one that no file can have.  In any case it says in
	 * @plain whether the lower file is to be let through, and in @plain_head what
	 * is shown in front of it.  Puts a size into a header.  Makes one that was
	 * elsewhere as it would be in the file.
	 */
	loff_t (*header_size)(struct inode *inode, const void *header,
			      loff_t *on_disk);
	void (*set_header_size)(void *header, loff_t size);
	void (*show_header)(void *header);
	/*
	 * Where a block lies below, and in *@contig how many lie in a row there.
	 * Also of an inode whose header_size() alone was asked for.
	 */
	loff_t (*map)(const struct inode *inode, u64 block, unsigned int *contig);
	/* the upper offset of what lies at a lower one; 0 for the header */
	loff_t (*unmap)(const struct inode *inode, loff_t lower_pos);
	/*
	 * These change what is below, and disk_size with it; with dcrypt_inode.lock.
	 * grow: makes the lower file ready for data from @pos to @end, which is past
	 * disk_size, and what is before @pos zeros; if @pos is @end, disk_size is that
	 * then.  shrink: to @size, which is not more than disk_size; and says in
	 * end_unknown and tail_unknown what that leaves.  clean_tail: takes away what
	 * lies behind the last block of a file that was found with @size, or puts
	 * there what is missing.
	 */
	int (*grow)(struct inode *inode, loff_t pos, loff_t end);
	int (*shrink)(struct inode *inode, loff_t size);
	int (*clean_tail)(struct inode *inode, loff_t size);
	/*
	 * Headers are DCRYPT_HEADER_SIZE bytes long.  parse_header checks one read
	 * from disk and keeps what it needs of it in the inode.  Logs what is wrong.
	 * 0, EIO, ENOKEY (another volume's).  With dcrypt_inode.lock, as the next
	 * three.
	 */
	int (*parse_header)(struct inode *inode, const void *header);
	/* makes a new file's header in the inode */
	void (*new_header)(struct inode *inode);
	/* writes the inode's header to @header; 0, ENOMEM, ... */
	int (*format_header)(struct inode *inode, void *header);
	/*
	 * Reads the header to a page, or writes it from there; NULL: it is the lower
	 * file's first block.
	 */
	int (*header_io)(struct inode *inode, struct page *page, bool write);
	/* a transform with the key that belongs to the inode's header */
	struct crypto_skcipher *(*make_key)(struct inode *inode);
	/* moves ctx->nr blocks between plaintext and bounce pages */
	int (*encrypt)(struct dcrypt_run_ctx *ctx);
	int (*decrypt)(struct dcrypt_run_ctx *ctx);
	/*
	 * Of mounts.  setup: the format's part of a new one, with its keys and names,
	 * and tfm and reqsize set; EINVAL, ENOKEY, EPERM, ..., and the reason is in
	 * the mount's log.  check_same: can one more mount of a directory be the same
	 * filesystem?  EBUSY; the same goes for the log.  check_remount: 0, or EINVAL
	 * if it asks for what cannot change.  free: what setup allocated, as far as
	 * it got.  show_options: each after a comma.
	 */
	int (*setup)(struct dcrypt_sb *dsb, struct fs_context *fc);
	int (*check_same)(const struct dcrypt_sb *have,
			  const struct dcrypt_sb *want, struct fs_context *fc);
	int (*check_remount)(const struct dcrypt_sb *dsb, struct fs_context *fc);
	void (*free)(struct dcrypt_sb *dsb);
	/*
	 * Sets the keys up again after they were freed; NULL: they can't be taken away
	 * from a mount.  As dcrypt_load_volume_key(), and ENOMEM.
	 */
	int (*load_keys)(struct dcrypt_sb *dsb, struct p_log *log);
	void (*show_options)(struct seq_file *m, const struct dcrypt_sb *dsb);
};

#define DCRYPT_HEADER_SIZE	DCRYPT_BLOCK_SIZE

extern const struct dcrypt_format_ops dcrypt_native_format;
extern const struct dcrypt_format_ops dcrypt_ecryptfs_format;

/* Of eCryptfs: an option of a mount; ENOPARAM if it is none. */
int dcrypt_ecryptfs_parse_param(struct fs_context *fc,
				struct fs_parameter *param,
				struct dcrypt_ecryptfs_options *options);
/* Of the native format: its operations on mounts. */
int dcrypt_native_setup(struct dcrypt_sb *dsb, struct fs_context *fc);
int dcrypt_native_load_keys(struct dcrypt_sb *dsb, struct p_log *log);
int dcrypt_native_check_same(const struct dcrypt_sb *have,
			     const struct dcrypt_sb *want, struct fs_context *fc);
int dcrypt_native_check_remount(const struct dcrypt_sb *dsb, struct fs_context *fc);
void dcrypt_native_show_options(struct seq_file *m, const struct dcrypt_sb *dsb);
/*
 * Of the native format: the lower size for an upper size up to max_size(), and
 * where the data of a file of that size ends below, padding included.
 */
loff_t dcrypt_native_lower_size(loff_t upper_size);
loff_t dcrypt_native_data_end(loff_t upper_size);
/* Of the native format: the IV of a block, 16 bytes. */
void dcrypt_native_iv(u8 *iv, u64 block);

#endif /* DCRYPT_FORMAT_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Native format 1: a header block, then the data blocks one to one, encrypted
 * with a length-preserving cipher; the lower size carries the upper size.
 * Documentation/on-disk-format.md specifies it.
 */
#include <linux/falloc.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "../data.h"
#include "../dcryptfs.h"
#include "../extent.h"
#include "../format.h"
#include "../lower.h"
#include "../mount.h"

static loff_t native_max_size(loff_t lower_max)
{
	/* header, and room for the remainder past the last block */
	if (lower_max < 3 * DCRYPT_BLOCK_SIZE)
		return 0;
	return round_down(lower_max, DCRYPT_BLOCK_SIZE) - 2 * DCRYPT_BLOCK_SIZE;
}

static loff_t native_upper_size(loff_t lower_size)
{
	unsigned int rest = lower_size % DCRYPT_BLOCK_SIZE;

	if (lower_size == 0)
		return 0;
	if (!rest)
		return lower_size - DCRYPT_BLOCK_SIZE;
	if (lower_size < 2 * DCRYPT_BLOCK_SIZE)
		return -EIO;
	return lower_size - 2 * DCRYPT_BLOCK_SIZE;
}

loff_t dcrypt_native_lower_size(loff_t upper_size)
{
	if (upper_size == 0)
		return 0;
	if (upper_size % DCRYPT_BLOCK_SIZE == 0)
		return upper_size + DCRYPT_BLOCK_SIZE;
	return upper_size + 2 * DCRYPT_BLOCK_SIZE;
}

loff_t dcrypt_native_data_end(loff_t upper_size)
{
	if (upper_size == 0)
		return 0;
	return round_up(upper_size, DCRYPT_BLOCK_SIZE) + DCRYPT_BLOCK_SIZE;
}

static loff_t native_map(const struct inode *inode, u64 block,
			 unsigned int *contig)
{
	*contig = UINT_MAX;
	return (block + 1) << DCRYPT_BLOCK_BITS;
}

static loff_t native_unmap(const struct inode *inode, loff_t lower_pos)
{
	return max_t(loff_t, lower_pos - DCRYPT_BLOCK_SIZE, 0);
}

static int set_size(struct inode *inode, loff_t size)
{
	int err = dcrypt_lower_setsize(inode, dcrypt_native_lower_size(size));

	if (!err)
		dcrypt_set_disk_size(inode, size);
	return err;
}

/* What is not written up to @pos becomes a hole below. */
static int native_grow(struct inode *inode, loff_t pos, loff_t end)
{
	return set_size(inode, end);
}

/*
 * In two steps: to the end of the last block, so that no old data stays past it;
 * then to the size itself.  In between, a crash leaves the file a little longer,
 * with the data it had.
 */
static int native_shrink(struct inode *inode, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	loff_t end = dcrypt_native_data_end(size);
	int err = 0;

	if (size < atomic64_read(&di->disk_size)) {
		if (end != dcrypt_native_lower_size(size))
			err = set_size(inode, native_upper_size(end));
		if (err)
			return err;
		di->tail_unknown = false;
		WRITE_ONCE(di->end_unknown, size % DCRYPT_BLOCK_SIZE);
	}
	err = set_size(inode, size);
	if (!err && !size)
		di->header_on_disk = false;
	return err;
}

static int native_clean_tail(struct inode *inode, loff_t size)
{
	loff_t end = dcrypt_native_data_end(size);
	int err = dcrypt_lower_fallocate(inode, FALLOC_FL_PUNCH_HOLE, end,
					 DCRYPT_BLOCK_SIZE);

	/* it can't, or the file is one that may only grow */
	if (err == -EOPNOTSUPP || err == -EPERM)
		err = set_size(inode, native_upper_size(end)) ?:
		      set_size(inode, size);
	return err;
}

static int native_parse_header(struct inode *inode, const void *buf)
{
	struct dcrypt_sb *dsb = dcrypt_sb(inode->i_sb);
	const struct dcrypt_native_header *header = buf;
	const struct dcrypt_native_fields *fields = &header->fields;

	if (memcmp(fields->magic, DCRYPT_NATIVE_MAGIC, sizeof(fields->magic))) {
		dcrypt_inode_err(inode, "it does not begin as an encrypted file does: it is damaged, or was put here from elsewhere");
		return -EIO;
	}
	if (le16_to_cpu(fields->version) != DCRYPT_FORMAT_NATIVE) {
		dcrypt_inode_err(inode, "format version %u is unknown: it is damaged, or made by a newer dcryptfs",
				 le16_to_cpu(fields->version));
		return -EIO;
	}
	if (le16_to_cpu(fields->suite) != dsb->cipher->suite) {
		dcrypt_inode_err(inode, "cipher suite %u is not the volume's (%u): it is damaged",
				 le16_to_cpu(fields->suite), dsb->cipher->suite);
		return -EIO;
	}
	if (fields->features ||
	    memchr_inv(header->reserved, 0, sizeof(header->reserved))) {
		dcrypt_inode_err(inode, "a reserved field of its header is not zero: it is damaged, or made by a newer dcryptfs");
		return -EIO;
	}
	if (memcmp(fields->key_id, dsb->key_id, sizeof(fields->key_id))) {
		dcrypt_inode_err(inode, "it belongs to the volume with key %*phN, and this is %*phN",
				 DCRYPT_KEY_ID_SIZE, fields->key_id,
				 DCRYPT_KEY_ID_SIZE, dsb->key_id);
		return -ENOKEY;
	}
	dcrypt_inode(inode)->header.native = *fields;
	return 0;
}

static void native_new_header(struct inode *inode)
{
	struct dcrypt_sb *dsb = dcrypt_sb(inode->i_sb);
	struct dcrypt_native_fields *fields = &dcrypt_inode(inode)->header.native;

	*fields = (struct dcrypt_native_fields) {
		.version = cpu_to_le16(DCRYPT_FORMAT_NATIVE),
		.suite = cpu_to_le16(dsb->cipher->suite),
	};
	memcpy(fields->magic, DCRYPT_NATIVE_MAGIC, sizeof(fields->magic));
	memcpy(fields->key_id, dsb->key_id, sizeof(fields->key_id));
	get_random_bytes(fields->nonce, sizeof(fields->nonce));
}

static int native_format_header(struct inode *inode, void *buf)
{
	struct dcrypt_native_header *header = buf;

	memset(header, 0, sizeof(*header));
	header->fields = dcrypt_inode(inode)->header.native;
	return 0;
}

static int derive_key(struct inode *inode, u8 *key)
{
	struct dcrypt_sb *dsb = dcrypt_sb(inode->i_sb);
	int err = dcrypt_keys_use(dsb);

	if (err)
		return err;
	err = dcrypt_hkdf_expand(dsb->kdf, DCRYPT_KDF_FILE_KEY,
				 &dcrypt_inode(inode)->header.native,
				 sizeof(struct dcrypt_native_fields), key,
				 dsb->cipher->key_size);
	dcrypt_keys_used(dsb);
	return err;
}

static struct crypto_skcipher *native_make_key(struct inode *inode)
{
	struct dcrypt_sb *dsb = dcrypt_sb(inode->i_sb);
	u8 key[DCRYPT_AES_256_XTS_KEY_SIZE];
	struct crypto_skcipher *tfm;
	int err;

	tfm = dcrypt_cipher_alloc(crypto_skcipher_driver_name(dsb->tfm));
	if (IS_ERR(tfm))
		return tfm;

	err = derive_key(inode, key);
	if (!err)
		err = crypto_skcipher_setkey(tfm, key, dsb->cipher->key_size);
	memzero_explicit(key, sizeof(key));
	if (err) {
		crypto_free_skcipher(tfm);
		return ERR_PTR(err);
	}
	return tfm;
}

void dcrypt_native_iv(u8 *iv, u64 block)
{
	*(struct dcrypt_xts_tweak *)iv = (struct dcrypt_xts_tweak) {
		.block = cpu_to_le64(block),
	};
}

static int native_encrypt(struct dcrypt_run_ctx *ctx)
{
	struct scatterlist src[2], dst;
	DCRYPT_IV(iv);
	unsigned int i;
	int err;

	dcrypt_run_init_sg(ctx, src);
	sg_init_table(&dst, 1);
	for (i = 0; i < ctx->nr; i++) {
		dcrypt_run_plain_sg(ctx, i, src);
		sg_set_page(&dst, ctx->bounce[i], DCRYPT_BLOCK_SIZE, 0);
		dcrypt_native_iv(iv, dcrypt_run_block(ctx, i));
		err = dcrypt_cipher_block(&ctx->req, iv, src, &dst, true);
		if (err)
			return err;
	}
	return 0;
}

static int native_decrypt(struct dcrypt_run_ctx *ctx)
{
	struct scatterlist src, dst[2];
	DCRYPT_IV(iv);
	unsigned int i;
	int err;

	dcrypt_run_init_sg(ctx, dst);
	sg_init_table(&src, 1);
	for (i = 0; i < ctx->nr; i++) {
		if (dcrypt_is_hole(ctx->bounce[i])) {
			dcrypt_run_zero(&ctx->run, ctx->first + i, 1);
			continue;
		}
		dcrypt_run_plain_sg(ctx, i, dst);
		sg_set_page(&src, ctx->bounce[i], DCRYPT_BLOCK_SIZE, 0);
		dcrypt_native_iv(iv, dcrypt_run_block(ctx, i));
		err = dcrypt_cipher_block(&ctx->req, iv, &src, dst, false);
		if (err)
			return err;
	}
	return 0;
}

const struct dcrypt_format_ops dcrypt_native_format = {
	.id		= DCRYPT_FORMAT_NATIVE,
	.magic		= DCRYPT_SUPER_MAGIC,
	.has_holes	= true,
	.max_size	= native_max_size,
	.upper_size	= native_upper_size,
	.map		= native_map,
	.unmap		= native_unmap,
	.grow		= native_grow,
	.shrink		= native_shrink,
	.clean_tail	= native_clean_tail,
	.parse_header	= native_parse_header,
	.new_header	= native_new_header,
	.format_header	= native_format_header,
	.make_key	= native_make_key,
	.encrypt	= native_encrypt,
	.decrypt	= native_decrypt,
	.load_keys	= dcrypt_native_load_keys,
	.setup		= dcrypt_native_setup,
	.check_same	= dcrypt_native_check_same,
	.check_remount	= dcrypt_native_check_remount,
	.show_options	= dcrypt_native_show_options,
};

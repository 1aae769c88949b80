// SPDX-License-Identifier: GPL-2.0
/*
 * eCryptfs's format: a header with the size and the encrypted file key, of as many
 * bytes as it says, then the data blocks one to one, in CBC, with initialisation
 * vectors made from the file key and the block's number.  There are no holes.
 * Documentation/on-disk-format.md specifies it.
 */
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <crypto/hash.h>

#include "../data.h"
#include "../extent.h"
#include "../format.h"
#include "../lower.h"
#include "../mount.h"
#include "ecryptfs.h"

/* Larger ones make no sense. */
#define MAX_HEADER	(1U << 20)

static struct dcrypt_ecryptfs_file *file_of(const struct inode *inode)
{
	return &dcrypt_inode(inode)->header.ecryptfs;
}

static struct dcrypt_ecryptfs *mount_of(const struct inode *inode)
{
	return dcrypt_sb(inode->i_sb)->ecryptfs;
}

/* ---- sizes and places ---- */

static loff_t ecryptfs_max_size(loff_t lower_max)
{
	if (lower_max < DCRYPT_ECRYPTFS_MIN_HEADER)
		return 0;
	return round_down(lower_max - DCRYPT_ECRYPTFS_MIN_HEADER,
			  DCRYPT_BLOCK_SIZE);
}

static loff_t ecryptfs_upper_size(loff_t lower_size)
{
	return lower_size ? -ENODATA : 0;
}

/* A header in an attribute says how long it would be in the file. */
static u64 data_start(const struct inode *inode,
		      const struct dcrypt_ecryptfs_fields *fields)
{
	return file_of(inode)->in_xattr ? 0 : fields->data_start;
}

static bool header_makes_sense(const struct dcrypt_ecryptfs_fields *fields)
{
	return fields->data_start >= DCRYPT_ECRYPTFS_MIN_HEADER &&
	       fields->data_start <= MAX_HEADER &&
	       fields->data_start % DCRYPT_BLOCK_SIZE == 0;
}

/* Was a new file made so long, and the machine stopped before there was a header? */
static bool is_unfinished(const struct inode *inode, const void *header)
{
	return i_size_read(dcrypt_lower_inode(inode)) == DCRYPT_ECRYPTFS_MIN_HEADER &&
	       !file_of(inode)->in_xattr &&
	       !memchr_inv(header, 0, DCRYPT_HEADER_SIZE);
}

/*
 * Is the lower file shown as it is?  In a view, all are, with the headers that are in
 * attributes in front; else those without a header, if the mount asks for that.
 * @fields is NULL if there is none.
 */
static bool let_through(struct inode *inode, const void *header,
			const struct dcrypt_ecryptfs_fields *fields)
{
	const struct dcrypt_ecryptfs_options *options = &mount_of(inode)->options;
	struct dcrypt_inode *di = dcrypt_inode(inode);
	u32 head = 0;

	if (options->view && fields && file_of(inode)->in_xattr)
		head = header_makes_sense(fields) ? fields->data_start :
						    DCRYPT_ECRYPTFS_MIN_HEADER;
	WRITE_ONCE(di->plain_head, head);
	WRITE_ONCE(di->plain, options->view ||
			      (options->passthrough && !fields &&
			       !is_unfinished(inode, header)));
	return di->plain;
}

/*
 * Of a file that is none of eCryptfs, the lower size is shown, as eCryptfs does; who
 * reads it is told.
 */
static loff_t ecryptfs_header_size(struct inode *inode, const void *header,
				   loff_t *on_disk)
{
	loff_t lower_size = i_size_read(dcrypt_lower_inode(inode));
	struct dcrypt_ecryptfs_fields fields;
	loff_t room;

	bool known = !dcrypt_ecryptfs_parse_fields(header, DCRYPT_HEADER_SIZE,
						   &fields);

	*on_disk = 0;
	if (let_through(inode, header, known ? &fields : NULL))
		return lower_size + dcrypt_inode(inode)->plain_head;
	if (is_unfinished(inode, header)) {
		dcrypt_inode(inode)->header_on_disk = false;
		return 0;
	}
	*on_disk = lower_size;
	if (!known || !header_makes_sense(&fields))
		return lower_size;
	if (fields.size > inode->i_sb->s_maxbytes)
		return -EIO;
	file_of(inode)->data_start = data_start(inode, &fields);
	room = round_down(lower_size - (loff_t)file_of(inode)->data_start,
			  DCRYPT_BLOCK_SIZE);
	*on_disk = clamp_t(loff_t, room, 0, fields.size);
	file_of(inode)->size = fields.size;
	if (*on_disk < fields.size)
		dcrypt_inode_err(inode, "its header says %llu bytes, and it ends after %lld: the rest reads as zeros",
				 fields.size, *on_disk);
	return fields.size;
}

static void ecryptfs_set_header_size(void *header, loff_t size)
{
	dcrypt_ecryptfs_put_size(header, size);
}

static void ecryptfs_show_header(void *header)
{
	struct dcrypt_ecryptfs_fields fields;

	if (dcrypt_ecryptfs_parse_fields(header, DCRYPT_HEADER_SIZE, &fields))
		return;
	fields.flags &= ~DCRYPT_ECRYPTFS_FLAG_XATTR;
	dcrypt_ecryptfs_put_fields(header, &fields);
}

static loff_t ecryptfs_map(const struct inode *inode, u64 block,
			   unsigned int *contig)
{
	*contig = UINT_MAX;
	return file_of(inode)->data_start + (block << DCRYPT_BLOCK_BITS);
}

static loff_t ecryptfs_unmap(const struct inode *inode, loff_t lower_pos)
{
	return max_t(loff_t, lower_pos - file_of(inode)->data_start, 0);
}

/* Makes the lower file long enough for what will be written: a hole, until it is. */
static int make_room(struct inode *inode, loff_t end)
{
	loff_t lower_size = file_of(inode)->data_start +
			    round_up(end, DCRYPT_BLOCK_SIZE);

	if (i_size_read(dcrypt_lower_inode(inode)) >= lower_size)
		return 0;
	return dcrypt_lower_setsize(inode, lower_size);
}

/*
 * Whoever reads it with eCryptfs takes zeros below for noise, so what is not written
 * up to @pos is filled with encrypted zeros.
 */
static int ecryptfs_grow(struct inode *inode, loff_t pos, loff_t end)
{
	/* the caller writes all of the first block, if he writes at all */
	loff_t from = pos < end ? round_down(pos, DCRYPT_BLOCK_SIZE) :
				  round_up(pos, DCRYPT_BLOCK_SIZE);
	int err = dcrypt_fill_disk(inode, from);

	if (!err)
		err = make_room(inode, end);
	if (!err && pos == end) {
		dcrypt_set_disk_size(inode, end);
		dcrypt_size_untold(inode);
	}
	return err;
}

/*
 * First the header, so that it never says more than there is.  eCryptfs counts on
 * the padding being zeros.
 */
static int ecryptfs_shrink(struct inode *inode, loff_t size)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	int err;

	if (size < atomic64_read(&di->disk_size)) {
		dcrypt_set_disk_size(inode, size);
		dcrypt_size_untold(inode);
		WRITE_ONCE(di->end_unknown, size % DCRYPT_BLOCK_SIZE);
		di->tail_unknown = false;
	}
	err = dcrypt_tell_size_locked(inode);
	if (!err && di->end_unknown) {
		err = dcrypt_clean_padding(inode, size);
		if (!err)
			WRITE_ONCE(di->end_unknown, false);
	}
	if (err)
		return err;
	return dcrypt_lower_setsize(inode, file_of(inode)->data_start +
					   round_up(size, DCRYPT_BLOCK_SIZE));
}

/*
 * What lies there is written before the header says so.  But if the header said more
 * than there was, what is missing is made zeros.
 */
static int ecryptfs_clean_tail(struct inode *inode, loff_t size)
{
	loff_t end = file_of(inode)->size;
	int err;

	if (end <= size)
		return 0;
	err = dcrypt_fill_disk(inode, round_up(end, DCRYPT_BLOCK_SIZE));
	if (err)
		return err;
	dcrypt_set_disk_size(inode, end);
	dcrypt_size_untold(inode);
	return 0;
}

/* ---- headers ---- */

/* The mount's key with this signature, or one from the keyrings in *@other. */
static const struct dcrypt_ecryptfs_key *
find_key(const struct inode *inode, const u8 *sig,
	 struct dcrypt_ecryptfs_key *other)
{
	const struct dcrypt_ecryptfs *ec = mount_of(inode);
	unsigned int i;
	int err;

	snprintf(other->sig, sizeof(other->sig), "%*phN",
		 DCRYPT_ECRYPTFS_SIG_SIZE, sig);
	for (i = 0; i < ec->nr_keys; i++)
		if (!strcmp(ec->keys[i].sig, other->sig))
			return &ec->keys[i];
	err = ec->options.token_only ? -ENOKEY :
	      dcrypt_ecryptfs_find_key(other, inode);
	return err ? ERR_PTR(err) : other;
}

/* Opens the file key in a packet. */
static int open_key(struct inode *inode, struct dcrypt_ecryptfs_packet *packet,
		    const struct dcrypt_ecryptfs_key *key)
{
	const struct dcrypt_ecryptfs_cipher *cipher =
		dcrypt_ecryptfs_cipher_by_code(packet->cipher);
	struct dcrypt_ecryptfs_file *file = file_of(inode);
	struct crypto_skcipher *tfm;
	int err;

	if (!cipher) {
		dcrypt_inode_err(inode, "its cipher number %u is unknown",
				 packet->cipher);
		return -EIO;
	}
	tfm = dcrypt_ecryptfs_tfm("ecb", cipher, key->key, packet->key_size);
	if (IS_ERR(tfm)) {
		dcrypt_inode_err(inode, "its cipher %s, with keys of %u bytes, is not to be had (error %ld)",
				 cipher->name, packet->key_size, PTR_ERR(tfm));
		return PTR_ERR(tfm) == -ENOMEM ? -ENOMEM : -EIO;
	}
	err = dcrypt_ecryptfs_ecb(tfm, packet->enc_key, packet->enc_size, false);
	crypto_free_skcipher(tfm);
	if (err)
		return err == -ENOMEM ? err : -EIO;
	file->cipher = packet->cipher;
	file->key_size = packet->key_size;
	memcpy(file->key, packet->enc_key, packet->key_size);
	return 0;
}

/* Tries the packets one after another.  @packet and @other are scratch memory. */
static int find_file_key(struct inode *inode, const void *header, size_t pos,
			 struct dcrypt_ecryptfs_packet *packet,
			 struct dcrypt_ecryptfs_key *other)
{
	char missing[DCRYPT_ECRYPTFS_SIG_HEX + 1];
	const struct dcrypt_ecryptfs_key *key;
	int ret, err = -EIO;

	for (;;) {
		ret = dcrypt_ecryptfs_next_packet(header, DCRYPT_HEADER_SIZE,
						  &pos, packet);
		if (ret == -EOPNOTSUPP)
			continue;
		if (ret <= 0)
			break;
		key = find_key(inode, packet->sig, other);
		if (!IS_ERR(key))
			return open_key(inode, packet, key);
		/* there may be another one for another packet */
		err = PTR_ERR(key);
		if (err == -EINVAL || err == -EOPNOTSUPP)
			err = -ENOKEY;
		memcpy(missing, other->sig, sizeof(missing));
	}
	if (ret < 0)
		err = -EIO;
	if (err == -EKEYREJECTED)
		dcrypt_inode_err(inode, "it needs the key with signature %s; one that belongs neither to its owner nor to who mounted it is not taken",
				 missing);
	else if (err == -EIO)
		dcrypt_inode_err(inode, "there is no packet in its header that a passphrase could open: it is damaged, or for a public key");
	else
		dcrypt_inode_err(inode, "it needs the key with signature %s, which cannot be had from the keyrings (error %d)",
				 missing, err);
	return err;
}

static int ecryptfs_parse_header(struct inode *inode, const void *header)
{
	struct dcrypt_ecryptfs_fields fields;
	struct {
		struct dcrypt_ecryptfs_packet packet;
		struct dcrypt_ecryptfs_key other;
	} *mem;
	int err;

	if (dcrypt_ecryptfs_parse_fields(header, DCRYPT_HEADER_SIZE, &fields)) {
		dcrypt_inode_err(inode, "it does not begin as an eCryptfs file does: it is damaged, or was put here from elsewhere");
		return -EIO;
	}
	if (fields.version > DCRYPT_ECRYPTFS_FILE_VERSION ||
	    (fields.flags & DCRYPT_ECRYPTFS_FLAG_HMAC) ||
	    !(fields.flags & DCRYPT_ECRYPTFS_FLAG_ENCRYPTED) ||
	    !header_makes_sense(&fields)) {
		dcrypt_inode_err(inode, "its header (version %u, flags %#x, %llu bytes) makes no sense: it is damaged, or made by a newer eCryptfs",
				 fields.version, fields.flags, fields.data_start);
		return -EIO;
	}
	mem = kmalloc(sizeof(*mem), GFP_NOFS);
	if (!mem)
		return -ENOMEM;
	file_of(inode)->data_start = data_start(inode, &fields);
	err = find_file_key(inode, header, fields.packets, &mem->packet,
			    &mem->other);
	kfree_sensitive(mem);
	return err;
}

static void ecryptfs_new_header(struct inode *inode)
{
	const struct dcrypt_ecryptfs *ec = mount_of(inode);
	struct dcrypt_ecryptfs_file *file = file_of(inode);

	*file = (struct dcrypt_ecryptfs_file) {
		.data_start = ec->options.xattr ? 0 : DCRYPT_ECRYPTFS_MIN_HEADER,
		.in_xattr = ec->options.xattr,
		.cipher = ec->cipher_code,
		.key_size = ec->options.key_bytes,
	};
	get_random_bytes(file->key, file->key_size);
}

/* The file key, for the owner of @key. */
static int seal_key(const struct dcrypt_ecryptfs *ec,
		    const struct dcrypt_ecryptfs_file *file,
		    const struct dcrypt_ecryptfs_key *key,
		    struct dcrypt_ecryptfs_packet *packet)
{
	struct crypto_skcipher *tfm;
	int err;

	tfm = dcrypt_ecryptfs_tfm("ecb", ec->cipher, key->key, file->key_size);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	memset(packet, 0, sizeof(*packet));
	packet->cipher = file->cipher;
	packet->key_size = file->key_size;
	packet->enc_size = round_up(file->key_size,
				    crypto_skcipher_blocksize(tfm));
	memcpy(packet->salt, key->salt, sizeof(packet->salt));
	memcpy(packet->enc_key, file->key, file->key_size);
	err = hex2bin(packet->sig, key->sig, sizeof(packet->sig));
	if (!err)
		err = dcrypt_ecryptfs_ecb(tfm, packet->enc_key, packet->enc_size,
					  true);
	crypto_free_skcipher(tfm);
	return err;
}

static int ecryptfs_format_header(struct inode *inode, void *header)
{
	const struct dcrypt_ecryptfs *ec = mount_of(inode);
	const struct dcrypt_ecryptfs_file *file = file_of(inode);
	struct dcrypt_ecryptfs_fields fields = {
		.data_start = DCRYPT_ECRYPTFS_MIN_HEADER,
		.flags = DCRYPT_ECRYPTFS_FLAG_ENCRYPTED |
			 (file->in_xattr ? DCRYPT_ECRYPTFS_FLAG_XATTR : 0) |
			 (ec->fn_cipher_code ? DCRYPT_ECRYPTFS_FLAG_NAMES : 0),
		.version = DCRYPT_ECRYPTFS_FILE_VERSION,
	};
	size_t pos = sizeof(struct dcrypt_ecryptfs_header);
	struct dcrypt_ecryptfs_packet *packet;
	unsigned int i;
	int err = 0;

	packet = kmalloc(sizeof(*packet), GFP_NOFS);
	if (!packet)
		return -ENOMEM;
	get_random_bytes(&fields.nonce, sizeof(fields.nonce));
	memset(header, 0, DCRYPT_HEADER_SIZE);
	dcrypt_ecryptfs_put_fields(header, &fields);
	for (i = 0; !err && i < ec->nr_keys; i++) {
		err = seal_key(ec, file, &ec->keys[i], packet);
		if (!err)
			err = dcrypt_ecryptfs_put_packet(header,
							 DCRYPT_HEADER_SIZE,
							 &pos, packet);
	}
	kfree_sensitive(packet);
	return err;
}

/* ---- data ---- */

static struct crypto_skcipher *alloc_tfm(const struct dcrypt_sb *dsb,
					 const struct dcrypt_ecryptfs_file *file)
{
	const struct dcrypt_ecryptfs_cipher *cipher =
		dcrypt_ecryptfs_cipher_by_code(file->cipher);
	struct crypto_skcipher *tfm;

	tfm = dcrypt_ecryptfs_tfm("cbc", cipher, file->key, file->key_size);
	if (!IS_ERR(tfm) && crypto_skcipher_reqsize(tfm) > dsb->reqsize) {
		crypto_free_skcipher(tfm);
		return ERR_PTR(-EOPNOTSUPP);
	}
	return tfm;
}

static struct crypto_skcipher *ecryptfs_make_key(struct inode *inode)
{
	struct dcrypt_ecryptfs_file *file = file_of(inode);
	struct crypto_skcipher *tfm;
	int err;

	tfm = alloc_tfm(dcrypt_sb(inode->i_sb), file);
	if (IS_ERR(tfm))
		return tfm;
	err = crypto_shash_tfm_digest(mount_of(inode)->md5, file->key,
				      file->key_size, file->iv);
	if (err) {
		crypto_free_skcipher(tfm);
		return ERR_PTR(err);
	}
	return tfm;
}

/* What the IV of a block is made from: specified in Documentation/on-disk-format.md. */
struct iv_seed {
	struct {
		u8 file[DCRYPT_ECRYPTFS_IV_SIZE];
		u8 block[DCRYPT_ECRYPTFS_IV_SIZE];	/* in decimal, then zero bytes */
	} text;
	u64 block;			/* the same */
	u8 *last;			/* its last digit, or NULL: none that counts */
};

/* Of 16 digits, as eCryptfs has it, the first 15. */
static void put_decimal(struct iv_seed *seed, u64 number)
{
	u8 digits[20], *to = seed->text.block;
	unsigned int i, len = 0;

	do {
		digits[len++] = '0' + number % 10;
		number /= 10;
	} while (number);
	for (i = 0; i < sizeof(seed->text.block) - 1 && i < len; i++)
		to[i] = digits[len - 1 - i];
	seed->last = i == len ? to + i - 1 : NULL;
	memset(to + i, 0, sizeof(seed->text.block) - i);
}

/* Blocks mostly come one after the other. */
static int make_iv(struct shash_desc *desc, struct iv_seed *seed, u64 block, u8 *iv)
{
	if (seed->last && block == seed->block + 1 && *seed->last < '9')
		++*seed->last;
	else
		put_decimal(seed, block);
	seed->block = block;
	return crypto_shash_digest(desc, (u8 *)&seed->text, sizeof(seed->text), iv);
}

static int crypt_blocks(struct dcrypt_run_ctx *ctx, bool encrypt)
{
	SHASH_DESC_ON_STACK(desc, mount_of(ctx->run.inode)->md5);
	struct scatterlist plain[2], lower;
	struct iv_seed seed = {};
	DCRYPT_IV(iv);
	unsigned int i;
	int err = 0;

	desc->tfm = mount_of(ctx->run.inode)->md5;
	memcpy(seed.text.file, file_of(ctx->run.inode)->iv, sizeof(seed.text.file));
	dcrypt_run_init_sg(ctx, plain);
	sg_init_table(&lower, 1);
	for (i = 0; !err && i < ctx->nr; i++) {
		/* what a crash left unwritten */
		if (!encrypt && dcrypt_is_hole(ctx->bounce[i])) {
			dcrypt_run_zero(&ctx->run, ctx->first + i, 1);
			continue;
		}
		dcrypt_run_plain_sg(ctx, i, plain);
		sg_set_page(&lower, ctx->bounce[i], DCRYPT_BLOCK_SIZE, 0);
		err = make_iv(desc, &seed, dcrypt_run_block(ctx, i), iv);
		if (err)
			break;
		err = dcrypt_cipher_block(&ctx->req, iv, encrypt ? plain : &lower,
					  encrypt ? &lower : plain, encrypt);
	}
	shash_desc_zero(desc);
	memzero_explicit(&seed, sizeof(seed));
	return err;
}

static int ecryptfs_encrypt(struct dcrypt_run_ctx *ctx)
{
	return crypt_blocks(ctx, true);
}

static int ecryptfs_decrypt(struct dcrypt_run_ctx *ctx)
{
	return crypt_blocks(ctx, false);
}

const struct dcrypt_format_ops dcrypt_ecryptfs_format = {
	.id		= DCRYPT_FORMAT_ECRYPTFS,
	.magic		= DCRYPT_ECRYPTFS_SUPER_MAGIC,
	.own_xattr	= DCRYPT_ECRYPTFS_XATTR,
	.has_holes	= false,
	.ready_at_open	= true,
	.max_size	= ecryptfs_max_size,
	.upper_size	= ecryptfs_upper_size,
	.header_size	= ecryptfs_header_size,
	.set_header_size = ecryptfs_set_header_size,
	.show_header	= ecryptfs_show_header,
	.map		= ecryptfs_map,
	.unmap		= ecryptfs_unmap,
	.grow		= ecryptfs_grow,
	.shrink		= ecryptfs_shrink,
	.clean_tail	= ecryptfs_clean_tail,
	.parse_header	= ecryptfs_parse_header,
	.new_header	= ecryptfs_new_header,
	.format_header	= ecryptfs_format_header,
	.header_io	= dcrypt_ecryptfs_header_io,
	.make_key	= ecryptfs_make_key,
	.encrypt	= ecryptfs_encrypt,
	.decrypt	= ecryptfs_decrypt,
	.setup		= dcrypt_ecryptfs_setup,
	.check_same	= dcrypt_ecryptfs_check_same,
	.check_remount	= dcrypt_ecryptfs_check_remount,
	.free		= dcrypt_ecryptfs_free,
	.show_options	= dcrypt_ecryptfs_show_options,
};

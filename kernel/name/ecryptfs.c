// SPDX-License-Identifier: GPL-2.0
/*
 * Names of eCryptfs: the lower name is a prefix, and a packet that holds the upper one,
 * encrypted block by block behind bytes that look random and are not.  The same name
 * is encrypted the same in every directory.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <crypto/hash.h>

#include "../names.h"
#include "../format/ecryptfs.h"
#include "name.h"

#define PREFIX		DCRYPT_ECRYPTFS_NAME_PREFIX
#define PREFIX_CHARS	(sizeof(PREFIX) - 1)
#define HASH_SIZE	16

/* Characters for a number of bytes, which are padded; and bytes for characters. */
#define CHARS(bytes)	(DIV_ROUND_UP(bytes, 3) * 4)
#define BYTES(chars)	((chars) / 4 * 3)

/* A tag and a length of up to two bytes, in front of the body. */
#define MAX_HEAD	3

static const char alphabet[64] __nonstring = DCRYPT_ECRYPTFS_NAME_CHARS;

static char *to_text(const u8 *bytes, unsigned int len, char *text)
{
	unsigned int i;

	for (i = 0; i < len; i += 3) {
		u32 three = bytes[i] << 16;

		if (i + 1 < len)
			three |= bytes[i + 1] << 8;
		if (i + 2 < len)
			three |= bytes[i + 2];
		*text++ = alphabet[three >> 18];
		*text++ = alphabet[three >> 12 & 0x3f];
		*text++ = alphabet[three >> 6 & 0x3f];
		*text++ = alphabet[three & 0x3f];
	}
	return text;
}

/* Bytes, or -EBADMSG. */
static int from_text(const char *text, unsigned int chars, u8 *bytes)
{
	unsigned int i, len = 0;
	u32 four = 0;

	if (chars % 4)
		return -EBADMSG;
	for (i = 0; i < chars; i++) {
		const char *at = memchr(alphabet, text[i], sizeof(alphabet));

		if (!at)
			return -EBADMSG;
		four = four << 6 | (at - alphabet);
		if (i % 4 == 3) {
			bytes[len++] = four >> 16;
			bytes[len++] = four >> 8;
			bytes[len++] = four;
		}
	}
	return len;
}

/* What stands in front of a name: made from the key, and the same for all. */
static int put_filler(const struct dcrypt_ecryptfs *ec, u8 *to, unsigned int len)
{
	u8 hash[HASH_SIZE];
	unsigned int i;
	int err;

	err = crypto_shash_tfm_digest(ec->md5, ec->fnek.key, ec->fnek.key_size,
				      hash);
	for (i = 0; !err && i < len; i++) {
		to[i] = hash[i % HASH_SIZE] ?: DCRYPT_ECRYPTFS_NAME_NON_NULL;
		if (i % HASH_SIZE == HASH_SIZE - 1)
			err = crypto_shash_tfm_digest(ec->md5, hash, HASH_SIZE,
						      hash);
	}
	memzero_explicit(hash, sizeof(hash));
	return err;
}

/* The padded name of @len bytes takes so many: filler, a zero, the name. */
static unsigned int padded_size(const struct dcrypt_sb *dsb, unsigned int len)
{
	return round_up(DCRYPT_ECRYPTFS_NAME_MIN_RANDOM + 1 + len,
			crypto_skcipher_blocksize(dsb->name_tfm));
}

static int put_name(const struct dcrypt_sb *dsb, const char *name,
		    unsigned int len, u8 *to, unsigned int padded)
{
	unsigned int filler = padded - len - 1;
	int err = put_filler(dsb->ecryptfs, to, filler);

	if (err)
		return err;
	to[filler] = 0;
	memcpy(to + filler + 1, name, len);
	return dcrypt_ecryptfs_ecb(dsb->name_tfm, to, padded, true);
}

/* The lower text for a name of @len bytes: a kmalloc'ed string, or an ERR_PTR. */
static char *encode(const struct dcrypt_sb *dsb, const char *name,
		    unsigned int len)
{
	unsigned int padded = padded_size(dsb, len);
	unsigned int body = sizeof(struct dcrypt_ecryptfs_tag_70) + padded;
	struct dcrypt_ecryptfs_tag_70 tag = {
		.cipher = dsb->ecryptfs->fn_cipher_code,
	};
	u8 *packet = kmalloc(MAX_HEAD + body, GFP_NOFS);
	char *text = kmalloc(PREFIX_CHARS + CHARS(MAX_HEAD + body) + 1, GFP_NOFS);
	unsigned int at = 1;
	int err = -ENOMEM;

	if (packet && text) {
		packet[0] = DCRYPT_ECRYPTFS_TAG_70;
		at += dcrypt_ecryptfs_put_length(packet + at, body);
		err = hex2bin(tag.sig, dsb->ecryptfs->fnek.sig, sizeof(tag.sig));
		memcpy(packet + at, &tag, sizeof(tag));
		at += sizeof(tag);
	}
	if (!err)
		err = put_name(dsb, name, len, packet + at, padded);
	if (err) {
		kfree(text);
		text = ERR_PTR(err);
	} else {
		memcpy(text, PREFIX, PREFIX_CHARS);
		*to_text(packet, at + padded, text + PREFIX_CHARS) = 0;
	}
	kfree_sensitive(packet);
	return text;
}

/*
 * Opens a packet in place.  Returns the length of the name, and in *@name where it
 * begins, or EBADMSG.
 */
static int open_packet(const struct dcrypt_sb *dsb, u8 *packet, unsigned int len,
		       u8 **name)
{
	struct dcrypt_ecryptfs_tag_70 tag;
	u8 sig[DCRYPT_ECRYPTFS_SIG_SIZE];
	size_t at = 1, body;
	u8 *end;
	int err;

	if (len < 1 || packet[0] != DCRYPT_ECRYPTFS_TAG_70 ||
	    dcrypt_ecryptfs_get_length(packet, len, &at, &body) ||
	    body <= sizeof(tag))
		return -EBADMSG;
	memcpy(&tag, packet + at, sizeof(tag));
	at += sizeof(tag);
	body -= sizeof(tag);
	if (hex2bin(sig, dsb->ecryptfs->fnek.sig, sizeof(sig)) ||
	    memcmp(sig, tag.sig, sizeof(sig)) ||
	    tag.cipher != dsb->ecryptfs->fn_cipher_code ||
	    body % crypto_skcipher_blocksize(dsb->name_tfm))
		return -EBADMSG;
	err = dcrypt_ecryptfs_ecb(dsb->name_tfm, packet + at, body, false);
	if (err)
		return err == -ENOMEM ? err : -EBADMSG;
	end = memchr(packet + at, 0, body);
	if (!end || end == packet + at + body - 1)
		return -EBADMSG;
	*name = end + 1;
	return packet + at + body - *name;
}

/* The name that was encoded as @text, which has the prefix; as encode(). */
static char *decode(const struct dcrypt_sb *dsb, const char *text,
		    unsigned int chars)
{
	u8 *packet, *name;
	int ret;

	text += PREFIX_CHARS;
	chars -= PREFIX_CHARS;
	packet = kmalloc(BYTES(chars) + 3, GFP_NOFS);
	if (!packet)
		return ERR_PTR(-ENOMEM);
	ret = from_text(text, chars, packet);
	if (ret >= 0)
		ret = open_packet(dsb, packet, ret, &name);
	if (ret >= 0 && memchr(name, 0, ret))
		ret = -EBADMSG;
	if (ret < 0) {
		kfree_sensitive(packet);
		return ERR_PTR(ret);
	}
	memmove(packet, name, ret);
	packet[ret] = 0;
	return (char *)packet;
}

/* ---- the operations ---- */

static int ecryptfs_names_init(struct dcrypt_sb *dsb)
{
	return 0;
}

static int ecryptfs_prepare(struct inode *dir, struct dentry *lower_dir)
{
	return 0;
}

static int ecryptfs_encode(const struct inode *dir, const struct qstr *upper,
			   struct qstr *lower)
{
	char *text;

	if (upper->len > NAME_MAX)
		return -ENAMETOOLONG;
	text = encode(dcrypt_sb(dir->i_sb), upper->name, upper->len);
	if (IS_ERR(text))
		return PTR_ERR(text);
	*lower = (struct qstr) QSTR_INIT(text, strlen(text));
	if (lower->len <= NAME_MAX)
		return 0;
	kfree(text);
	return -ENAMETOOLONG;
}

static bool is_dots(const char *name, unsigned int len)
{
	return name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'));
}

static int ecryptfs_decode(const struct inode *dir, struct dentry *lower_dir,
			   const struct qstr *lower, struct qstr *upper)
{
	unsigned int len;
	char *name;

	if (is_dots(lower->name, lower->len)) {
		*upper = *lower;
		return 0;
	}
	if (!dcrypt_has_prefix(lower->name, lower->len, PREFIX))
		return -ENOENT;
	name = decode(dcrypt_sb(dir->i_sb), lower->name, lower->len);
	if (IS_ERR(name))
		return PTR_ERR(name) == -ENOMEM ? -ENOMEM : -ENOENT;
	len = strlen(name);
	/* who has the key could have made anything */
	if (is_dots(name, len) || memchr(name, '/', len)) {
		kfree(name);
		return -ENOENT;
	}
	*upper = (struct qstr) QSTR_INIT(name, len);
	return 0;
}

static bool ecryptfs_hidden(const struct inode *dir, const struct qstr *lower)
{
	return false;
}

static int ecryptfs_add_name(struct inode *dir, struct dentry *lower_dir,
			     const struct qstr *upper, const struct qstr *lower)
{
	return 0;
}

static void ecryptfs_drop_name(struct inode *dir, struct dentry *lower_dir,
			       const struct qstr *upper,
			       const struct qstr *lower)
{
}

static int ecryptfs_init_dir(struct super_block *sb, struct dentry *lower)
{
	return 0;
}

static int ecryptfs_empty_dir(struct inode *dir, struct dentry *lower)
{
	return 0;
}

static void ecryptfs_restore_dir(struct inode *dir, struct dentry *lower)
{
}

static char *ecryptfs_encode_link(struct dcrypt_sb *dsb, const char *target)
{
	char *text = encode(dsb, target, strlen(target));

	/* with its terminator the lower target must fit a page */
	if (IS_ERR(text) || strlen(text) < PATH_MAX)
		return text;
	kfree(text);
	return ERR_PTR(-ENAMETOOLONG);
}

/* One that was made without encrypted names is as it is. */
static char *ecryptfs_decode_link(struct dcrypt_sb *dsb, const char *target)
{
	unsigned int len = strlen(target);

	if (dcrypt_has_prefix(target, len, PREFIX))
		return decode(dsb, target, len);
	return kstrdup(target, GFP_KERNEL) ?: ERR_PTR(-ENOMEM);
}

static unsigned int ecryptfs_max_len(unsigned int lower_max)
{
	/* with blocks of 8 or 16 bytes */
	if (lower_max == NAME_MAX)
		return DCRYPT_ECRYPTFS_NAME_MAX;
	/* at least so many, if lower names are shorter */
	return max_t(int, (int)BYTES(lower_max - min_t(unsigned int, lower_max,
						       PREFIX_CHARS)) -
		     MAX_HEAD - (int)sizeof(struct dcrypt_ecryptfs_tag_70) -
		     DCRYPT_ECRYPTFS_NAME_MIN_RANDOM - 16, 0);
}

const struct dcrypt_name_ops dcrypt_ecryptfs_names = {
	.name		= DCRYPT_NAMES_ENCRYPTED_NAME,
	.init		= ecryptfs_names_init,
	.prepare	= ecryptfs_prepare,
	.encode		= ecryptfs_encode,
	.decode		= ecryptfs_decode,
	.hidden		= ecryptfs_hidden,
	.add_name	= ecryptfs_add_name,
	.drop_name	= ecryptfs_drop_name,
	.init_dir	= ecryptfs_init_dir,
	.empty_dir	= ecryptfs_empty_dir,
	.restore_dir	= ecryptfs_restore_dir,
	.encode_link	= ecryptfs_encode_link,
	.decode_link	= ecryptfs_decode_link,
	.max_len	= ecryptfs_max_len,
};

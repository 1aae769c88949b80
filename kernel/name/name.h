/* SPDX-License-Identifier: GPL-2.0 */
/* What the ways to store names share among themselves. */
#ifndef DCRYPT_NAME_H
#define DCRYPT_NAME_H

#include "../dcryptfs.h"

/* ---- base64url.c ---- */

/* Characters of base64url for a number of bytes, and bytes for characters. */
#define DCRYPT_BASE64URL_CHARS(bytes)	(((bytes) * 4 + 2) / 3)
#define DCRYPT_BASE64URL_BYTES(chars)	((chars) * 3 / 4)

/* Returns the number of characters; there is no terminator. */
unsigned int dcrypt_base64url_encode(const u8 *bytes, unsigned int len, char *text);
/* Returns the number of bytes, or EBADMSG for what no encoder makes. */
int dcrypt_base64url_decode(const char *text, unsigned int len, u8 *bytes);

/* ---- seal.c ---- */

/* A thing to be sealed or opened: what its tag is made from besides itself. */
struct dcrypt_seal {
	const struct dcrypt_sb *dsb;
	u8 kind;			/* DCRYPT_SEAL_* */
	const void *context;
	unsigned int context_len;	/* bytes */
};

/* Makes dsb->name_mac and dsb->name_tfm from the volume key. */
int dcrypt_seal_init(struct dcrypt_sb *dsb);

/* The whole tag, DCRYPT_LONG_TAG_SIZE bytes, of a thing. */
int dcrypt_seal_tag(const struct dcrypt_seal *seal, const void *plain,
		    unsigned int len, u8 *tag);

/*
 * Seals @len bytes, padded to @padded, into @sealed, which has room for
 * DCRYPT_SEAL_TAG_SIZE + @padded bytes and is no stack memory.  @plain may be
 * where it will end up, DCRYPT_SEAL_TAG_SIZE bytes into @sealed.  May sleep.
 */
int dcrypt_seal(const struct dcrypt_seal *seal, const void *plain,
		unsigned int len, unsigned int padded, u8 *sealed);

/*
 * Opens @len bytes at @sealed in place: what was sealed, still padded, begins
 * DCRYPT_SEAL_TAG_SIZE bytes into it.  Returns its length, without the padding
 * if the kind has any, or EBADMSG if it was not sealed like this.
 */
int dcrypt_open_seal(const struct dcrypt_seal *seal, u8 *sealed,
		     unsigned int len, bool padded);

/* ---- value.c: values of extended attributes ---- */

/* Bytes by which a stored value is longer than the value. */
#define DCRYPT_VALUE_EXTRA	(DCRYPT_SEAL_NONCE_SIZE + DCRYPT_SEAL_TAG_SIZE)

/* Operations of dcrypt_encrypted_names; see there. */
int dcrypt_seal_value(const struct dcrypt_sb *dsb, const char *name,
		      const void *value, size_t size, u8 *stored);
int dcrypt_open_value(const struct dcrypt_sb *dsb, const char *name,
		      u8 *stored, size_t size);

/* ---- dir.c: the nonces of directories ---- */

/* Operations of dcrypt_encrypted_names; see there. */
int dcrypt_dir_prepare(struct inode *dir, struct dentry *lower_dir);
int dcrypt_dir_init(struct super_block *sb, struct dentry *lower);
int dcrypt_dir_empty(struct inode *dir, struct dentry *lower);
void dcrypt_dir_restore(struct inode *dir, struct dentry *lower);

/*
 * Before a name is made in a directory: sees that its nonce is below, after
 * dcrypt_dir_restore() failed.  ESTALE: it has another one now, so the name is to
 * be encoded anew.  The upper and the lower directory are locked; mounter's.
 */
int dcrypt_dir_save(struct inode *dir, struct dentry *lower_dir);

/* Does @name begin with @prefix? */
static inline bool dcrypt_has_prefix(const char *name, unsigned int len,
				     const char *prefix)
{
	return len >= strlen(prefix) && !memcmp(name, prefix, strlen(prefix));
}

#endif /* DCRYPT_NAME_H */

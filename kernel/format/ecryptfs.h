/* SPDX-License-Identifier: GPL-2.0 */
/* What the sources of the eCryptfs format share among themselves. */
#ifndef DCRYPT_ECRYPTFS_H
#define DCRYPT_ECRYPTFS_H

#include "../dcryptfs.h"
#include "../mount.h"
#include "ecryptfs_header.h"

/* ---- ecryptfs_cipher.c ---- */

/* A cipher, as mount options call it; AES has several codes. */
struct dcrypt_ecryptfs_cipher {
	const char *name;
	const char *module;		/* alias "crypto-..." of what implements it */
};

const struct dcrypt_ecryptfs_cipher *
dcrypt_ecryptfs_cipher_by_name(const char *name);
const struct dcrypt_ecryptfs_cipher *dcrypt_ecryptfs_cipher_by_code(u8 code);
/* The code in packets, or 0. */
u8 dcrypt_ecryptfs_cipher_code(const struct dcrypt_ecryptfs_cipher *cipher,
			       unsigned int key_size);
/*
 * A transform of @mode ("cbc", "ecb") with a key.  An ERR_PTR: ENOENT (the kernel has
 * no such cipher), EINVAL (it takes no such key), ...
 */
struct crypto_skcipher *
dcrypt_ecryptfs_tfm(const char *mode, const struct dcrypt_ecryptfs_cipher *cipher,
		    const u8 *key, unsigned int key_size);
/*
 * Encrypts or decrypts @len bytes in place.  They are no stack memory.  EINVAL if
 * they are no whole blocks.
 */
int dcrypt_ecryptfs_ecb(struct crypto_skcipher *tfm, u8 *bytes,
			unsigned int len, bool encrypt);

/* ---- ecryptfs_key.c: the keys of a mount, and those in keyrings ---- */

/* What is needed of an authentication token. */
struct dcrypt_ecryptfs_key {
	char sig[DCRYPT_ECRYPTFS_SIG_HEX + 1];
	u8 salt[DCRYPT_ECRYPTFS_SALT_SIZE];
	u8 key[DCRYPT_ECRYPTFS_MAX_KEY];
	unsigned int key_size;		/* bytes that are good */
};

/*
 * Fills in the rest of a key with the signature @key->sig, from the caller's
 * keyrings: for a mount, or for the file @inode.  0, ENOKEY, EKEYEXPIRED,
 * EKEYREVOKED, EACCES; EKEYREJECTED: it is neither the file's owner's nor the
 * mounter's; EOPNOTSUPP: it is for a public key; EINVAL: it is no such key.
 */
int dcrypt_ecryptfs_find_key(struct dcrypt_ecryptfs_key *key,
			     const struct inode *inode);

/* ---- ecryptfs_xattr.c: headers in extended attributes ---- */

/* The operation header_io. */
int dcrypt_ecryptfs_header_io(struct inode *inode, struct page *page, bool write);

/* ---- ecryptfs_mount.c: a mount's options and keys ---- */

/* The operations on mounts. */
int dcrypt_ecryptfs_setup(struct dcrypt_sb *dsb, struct fs_context *fc);
int dcrypt_ecryptfs_check_same(const struct dcrypt_sb *have,
			       const struct dcrypt_sb *want,
			       struct fs_context *fc);
int dcrypt_ecryptfs_check_remount(const struct dcrypt_sb *dsb,
				  struct fs_context *fc);
void dcrypt_ecryptfs_free(struct dcrypt_sb *dsb);
void dcrypt_ecryptfs_show_options(struct seq_file *m, const struct dcrypt_sb *dsb);

/* Everything is constant once the mount is there. */
struct dcrypt_ecryptfs {
	struct dcrypt_ecryptfs_options options;
	const struct dcrypt_ecryptfs_cipher *cipher;
	u8 cipher_code;
	unsigned int nr_keys;
	struct dcrypt_ecryptfs_key keys[DCRYPT_ECRYPTFS_MAX_SIGS];
	struct dcrypt_ecryptfs_key fnek; /* for names, if they are encrypted */
	u8 fn_cipher_code;
	struct crypto_shash *md5;
};

#endif /* DCRYPT_ECRYPTFS_H */

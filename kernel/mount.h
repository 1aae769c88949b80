/* SPDX-License-Identifier: GPL-2.0 */
/* What a mount is made from: options, keys, ciphers. */
#ifndef DCRYPT_MOUNT_H
#define DCRYPT_MOUNT_H

#include <linux/fs_parser.h>

#include "dcryptfs.h"

/* ---- main.c: the module and the inode cache ---- */

extern struct file_system_type dcrypt_fs_type;

struct inode *dcrypt_alloc_inode(struct super_block *sb);
void dcrypt_free_inode(struct inode *inode);

/* ---- dropin.c: in place of the kernel's eCryptfs ---- */

/* 0; EBUSY: the file system type is there already, as the log says. */
int dcrypt_dropin_init(void);
void dcrypt_dropin_exit(void);
/* The other of our types, or NULL if there is but one. */
struct file_system_type *dcrypt_other_type(const struct file_system_type *type);

/* ---- params.c: mount options ---- */


#define DCRYPT_ECRYPTFS_MAX_SIGS	8
#define DCRYPT_ECRYPTFS_CIPHER_NAME	16	/* characters, with NUL */

/* The options of an eCryptfs volume.  What was not given is 0. */
struct dcrypt_ecryptfs_options {
	bool given;			/* any of them */
	unsigned int nr_sigs;
	char sigs[DCRYPT_ECRYPTFS_MAX_SIGS][DCRYPT_ECRYPTFS_SIG_HEX + 1];
	char cipher[DCRYPT_ECRYPTFS_CIPHER_NAME];
	unsigned int key_bytes;
	char fnek_sig[DCRYPT_ECRYPTFS_SIG_HEX + 1];
	char fn_cipher[DCRYPT_ECRYPTFS_CIPHER_NAME];
	unsigned int fn_key_bytes;
	bool passthrough;		/* files without a header are as they are */
	bool view;			/* all files are as they are, to be read */
	bool xattr;			/* headers are in extended attributes */
	bool unlink_sigs;
	bool token_only;		/* no keys but the mount's */
	bool check_ruid;
};

struct dcrypt_params {
	bool dropin;			/* of the file system type ecryptfs */
	char *cipher;			/* as written, or NULL */
	char *names;			/* as written, or NULL */
	bool has_key;
	u8 key_id[DCRYPT_KEY_ID_SIZE];
	struct dcrypt_ecryptfs_options ecryptfs;
};

extern const struct fs_parameter_spec dcrypt_fs_parameters[];
int dcrypt_init_fs_context(struct fs_context *fc);

/* ---- super.c ---- */

int dcrypt_get_tree(struct fs_context *fc);
int dcrypt_reconfigure(struct fs_context *fc);
void dcrypt_kill_sb(struct super_block *sb);
/* Of a context whose mount failed; NULL is fine. */
void dcrypt_free_dsb(struct dcrypt_sb *dsb);

/* ---- lock.c: a mount without its keys ---- */

/* 0 or ENOMEM; exit frees the keys as well, and is fine if init was not called. */
int dcrypt_keys_init(struct dcrypt_sb *dsb);
void dcrypt_keys_exit(struct dcrypt_sb *dsb);
/* When nobody can use them: wipes and frees kdf, name_mac and name_tfm. */
void dcrypt_free_keys(struct dcrypt_sb *dsb);
/*
 * Takes the keys from the caller's keyrings again, if the mount was locked.  As
 * dcrypt_load_volume_key(), and EOPNOTSUPP.
 */
int dcrypt_unlock_mount(struct super_block *sb, struct p_log *log);

/* ---- key.c: keys in the kernel's keyrings ---- */

struct key;
struct key_type;

/*
 * Finds a key in the caller's keyrings, and references it.  ENOKEY, EKEYEXPIRED,
 * EKEYREVOKED, EACCES.
 */
struct key *dcrypt_find_key(struct key_type *type, const char *description);

/* What a key payload says of its volume. */
struct dcrypt_volume {
	u8 format;			/* DCRYPT_FORMAT_* */
	u8 suite;			/* DCRYPT_SUITE_* */
	u8 names;			/* DCRYPT_NAMES_* */
};

/*
 * Finds the volume key with the identifier dsb->key_id in the caller's
 * keyrings, fills in *@volume and sets dsb->kdf up with it.  Returns 0, ENOKEY,
 * EKEYREJECTED (the key is not what its name says), or what the keyring says;
 * the reason goes to @log, if there is one.
 */
int dcrypt_load_volume_key(struct dcrypt_sb *dsb, struct p_log *log,
			   struct dcrypt_volume *volume);

/* ---- kdf.c: HKDF-SHA512 (RFC 5869) ---- */

/*
 * HKDF-Extract with an empty salt.  Returns an HMAC keyed with the result, to
 * be freed with crypto_free_shash(), or an ERR_PTR.
 */
struct crypto_shash *dcrypt_hkdf_extract(const u8 *ikm, unsigned int len);

/*
 * HKDF-Expand: @len bytes, at most 64, to @okm; "info" is @label and then the
 * @context_len bytes at @context.  Any context but an interrupt.
 */
int dcrypt_hkdf_expand(struct crypto_shash *prk, const char *label,
		       const void *context, unsigned int context_len,
		       u8 *okm, unsigned int len);

/* ---- cipher.c: suites, and blocks through the kernel's crypto API ---- */

struct dcrypt_cipher {
	const char *name;		/* as users write it */
	const char *crypto_name;	/* as the crypto API does */
	const char *module;		/* alias "crypto-..." of what implements it */
	u8 suite;			/* DCRYPT_SUITE_* */
	unsigned int key_size;		/* bytes */
};

const struct dcrypt_cipher *dcrypt_cipher_by_suite(u8 suite);
const struct dcrypt_cipher *dcrypt_cipher_by_name(const char *name);

/*
 * A transform without a key, or an ERR_PTR.  @crypto_name is an algorithm's, or
 * the name of the one driver that must be taken.
 */
struct crypto_skcipher *dcrypt_cipher_alloc(const char *crypto_name);

/*
 * Encrypts or decrypts one block of DCRYPT_BLOCK_SIZE bytes with @req, a
 * request of the file's transform, and @iv, which is lost; DCRYPT_IV() makes one.
 * @src and @dst may have several entries.
 * May sleep.  Returns 0 or the cipher's error.
 */
int dcrypt_cipher_block(struct skcipher_request *req, u8 *iv,
			struct scatterlist *src, struct scatterlist *dst,
			bool encrypt);

/* An IV: aligned, or some drivers would allocate a copy for each block. */
#define DCRYPT_IV(name)		u8 name[16] __aligned(16)

/* ---- sysfs.c: /sys/fs/dcryptfs/ ---- */

int dcrypt_sysfs_init(void);
void dcrypt_sysfs_exit(void);
/* After an error, too, dcrypt_sysfs_remove() is to be called. */
int dcrypt_sysfs_add(struct super_block *sb);
/* Waits for who is reading. */
void dcrypt_sysfs_remove(struct dcrypt_sb *dsb);

/* ---- selftest/ ---- */

#ifdef DCRYPT_SELFTEST
int dcrypt_selftest(void);
#else
static inline int dcrypt_selftest(void)
{
	return 0;
}
#endif

#endif /* DCRYPT_MOUNT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What eCryptfs stores, on disk and in the kernel keyring, as far as dcryptfs
 * reads and writes it.
 *
 * This header holds nothing else, and is shared by the kernel module and by the
 * userspace code (C++).  Integers on disk are big-endian, those in a key's payload
 * of the machine's byte order.  The prose that belongs to it is in
 * Documentation/on-disk-format.md.
 */
#ifndef DCRYPT_ONDISK_ECRYPTFS_H
#define DCRYPT_ONDISK_ECRYPTFS_H

#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/build_bug.h>
#endif

/* statfs(2) f_type of an eCryptfs mount. */
#define DCRYPT_ECRYPTFS_SUPER_MAGIC	0xf15f

/* ---- a file's metadata: at its beginning, or in an extended attribute ---- */

#define DCRYPT_ECRYPTFS_XATTR		"user.ecryptfs"

#define DCRYPT_ECRYPTFS_MARKER		0x3c81b7f5
#define DCRYPT_ECRYPTFS_FILE_VERSION	3
#define DCRYPT_ECRYPTFS_EXTENT_SIZE	4096	/* bytes; the unit of encryption */
#define DCRYPT_ECRYPTFS_MIN_HEADER	8192	/* bytes in front of the data, at least */

/* Bits of dcrypt_ecryptfs_header.flags; the version is in the uppermost byte. */
#define DCRYPT_ECRYPTFS_FLAG_HMAC	0x00000001	/* never implemented by anybody */
#define DCRYPT_ECRYPTFS_FLAG_ENCRYPTED	0x00000002
#define DCRYPT_ECRYPTFS_FLAG_XATTR	0x00000004
#define DCRYPT_ECRYPTFS_FLAG_NAMES	0x00000008
#define DCRYPT_ECRYPTFS_VERSION_SHIFT	24

/* Packets follow it, up to a zero byte. */
struct dcrypt_ecryptfs_header {
	__be64	size;			/* of the upper file */
	__be32	marker[2];		/* random; that XOR DCRYPT_ECRYPTFS_MARKER */
	__be32	flags;
	__be32	extent_size;		/* of one header extent; from version 1 on... */
	__be16	extents;		/* ...and how many there are */
} __attribute__((packed));

#define DCRYPT_ECRYPTFS_SIG_SIZE	8	/* bytes on disk */
#define DCRYPT_ECRYPTFS_SIG_HEX		16	/* hex digits everywhere else */
#define DCRYPT_ECRYPTFS_SALT_SIZE	8
#define DCRYPT_ECRYPTFS_MAX_KEY		64	/* bytes of a key */
#define DCRYPT_ECRYPTFS_MAX_ENC_KEY	512	/* bytes of an encrypted key */
#define DCRYPT_ECRYPTFS_IV_SIZE		16

/* First bytes of packets (RFC 2440 and beyond). */
#define DCRYPT_ECRYPTFS_TAG_1		0x01	/* file key, for a public key */
#define DCRYPT_ECRYPTFS_TAG_3		0x8c	/* file key, for a passphrase */
#define DCRYPT_ECRYPTFS_TAG_11		0xed	/* the signature that tag 3 goes with */
#define DCRYPT_ECRYPTFS_TAG_70		0x46	/* a file name */

/* The fixed parts of packets, after the tag and the length. */
struct dcrypt_ecryptfs_tag_3 {		/* then the encrypted file key */
	__u8	version;		/* 4 */
	__u8	cipher;			/* DCRYPT_ECRYPTFS_CIPHER_* */
	__u8	s2k;			/* 3: salted, iterated */
	__u8	hash;			/* 1: MD5, which is not so */
	__u8	salt[DCRYPT_ECRYPTFS_SALT_SIZE];
	__u8	iterations;		/* 0x60: 65536 */
} __attribute__((packed));

#define DCRYPT_ECRYPTFS_TAG_3_VERSION	4
#define DCRYPT_ECRYPTFS_TAG_3_S2K	3
#define DCRYPT_ECRYPTFS_TAG_3_HASH	1
#define DCRYPT_ECRYPTFS_TAG_3_ITERATIONS 0x60

struct dcrypt_ecryptfs_tag_11 {
	__u8	format;			/* 0x62: binary */
	__u8	name_len;		/* 8 */
	__u8	name[8];		/* DCRYPT_ECRYPTFS_TAG_11_NAME */
	__u8	date[4];		/* 0 */
	__u8	sig[DCRYPT_ECRYPTFS_SIG_SIZE];
} __attribute__((packed));

#define DCRYPT_ECRYPTFS_TAG_11_FORMAT	0x62
#define DCRYPT_ECRYPTFS_TAG_11_NAME	"_CONSOLE"

struct dcrypt_ecryptfs_tag_70 {		/* then the encrypted name */
	__u8	sig[DCRYPT_ECRYPTFS_SIG_SIZE];
	__u8	cipher;			/* DCRYPT_ECRYPTFS_CIPHER_* */
} __attribute__((packed));

/* Ciphers in packets. */
#define DCRYPT_ECRYPTFS_CIPHER_DES3_EDE	0x02
#define DCRYPT_ECRYPTFS_CIPHER_CAST5	0x03
#define DCRYPT_ECRYPTFS_CIPHER_BLOWFISH	0x04
#define DCRYPT_ECRYPTFS_CIPHER_AES_128	0x07
#define DCRYPT_ECRYPTFS_CIPHER_AES_192	0x08
#define DCRYPT_ECRYPTFS_CIPHER_AES_256	0x09
#define DCRYPT_ECRYPTFS_CIPHER_TWOFISH	0x0a
#define DCRYPT_ECRYPTFS_CIPHER_CAST6	0x0b

/*
 * An encrypted lower name: this, and then a tag 70 packet in characters of six
 * bits each.
 */
#define DCRYPT_ECRYPTFS_NAME_PREFIX	"ECRYPTFS_FNEK_ENCRYPTED."
#define DCRYPT_ECRYPTFS_NAME_CHARS \
	"-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DCRYPT_ECRYPTFS_NAME_MIN_RANDOM	16	/* bytes in front of a name */
#define DCRYPT_ECRYPTFS_NAME_NON_NULL	0x42	/* stands for zero among them */
#define DCRYPT_ECRYPTFS_NAME_MAX	143	/* bytes of an encrypted name */

/* ---- the payload of a key: type "user", described by the 16 hex digits ---- */

#define DCRYPT_ECRYPTFS_TOKEN_VERSION	0x0004
#define DCRYPT_ECRYPTFS_TOKEN_PASSWORD	0
#define DCRYPT_ECRYPTFS_TOKEN_PRIVATE	1

struct dcrypt_ecryptfs_session_key {
	__u32	flags;
	__u32	encrypted_size;
	__u32	decrypted_size;
	__u8	encrypted[DCRYPT_ECRYPTFS_MAX_ENC_KEY];
	__u8	decrypted[DCRYPT_ECRYPTFS_MAX_KEY];
};

/* dcrypt_ecryptfs_password.flags */
#define DCRYPT_ECRYPTFS_PERSISTENT	0x00000001
#define DCRYPT_ECRYPTFS_KEY_SET		0x00000002	/* key[] is valid */

struct dcrypt_ecryptfs_password {
	__u32	password_size;
	__s32	hash;
	__u32	iterations;
	__u32	key_size;
	__u32	flags;
	__u8	key[DCRYPT_ECRYPTFS_MAX_KEY];	/* that encrypts the files' keys */
	__u8	sig[DCRYPT_ECRYPTFS_SIG_HEX + 1]; /* hex digits and NUL */
	__u8	salt[DCRYPT_ECRYPTFS_SALT_SIZE];
};

struct dcrypt_ecryptfs_token {
	__u16	version;		/* DCRYPT_ECRYPTFS_TOKEN_VERSION */
	__u16	type;			/* DCRYPT_ECRYPTFS_TOKEN_* */
	__u32	flags;
	struct dcrypt_ecryptfs_session_key session_key;
	__u8	reserved[32];
	struct dcrypt_ecryptfs_password password; /* of the type PASSWORD */
} __attribute__((packed));

static_assert(sizeof(struct dcrypt_ecryptfs_header) == 26, "packets follow");
static_assert(sizeof(struct dcrypt_ecryptfs_tag_3) == 13, "the key follows");
static_assert(sizeof(struct dcrypt_ecryptfs_tag_11) == 22, "with the signature");
static_assert(sizeof(struct dcrypt_ecryptfs_tag_70) == 9, "the name follows");
static_assert(sizeof(struct dcrypt_ecryptfs_session_key) == 588, "no padding");
static_assert(sizeof(struct dcrypt_ecryptfs_password) == 112, "padded");
static_assert(sizeof(struct dcrypt_ecryptfs_token) == 740, "as eCryptfs has it");

#endif /* DCRYPT_ONDISK_ECRYPTFS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What dcryptfs stores: on disk, in the kernel keyring, and in derived keys.
 *
 * This header holds nothing else, and is shared by the kernel module and by the
 * userspace code (C++).  Multi-byte integers are little-endian.  The prose that
 * belongs to it, with worked byte counts, is Documentation/on-disk-format.md.
 */
#ifndef DCRYPT_ONDISK_H
#define DCRYPT_ONDISK_H

#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/build_bug.h>
#endif

/* Upper data is encrypted in units of this many bytes, in every format. */
#define DCRYPT_BLOCK_BITS	12
#define DCRYPT_BLOCK_SIZE	4096

/* statfs(2) f_type of a dcryptfs mount: "dcry". */
#define DCRYPT_SUPER_MAGIC	0x64637279

/* Ids of formats: in dcryptfs.json ("format"), in headers and in key payloads. */
#define DCRYPT_FORMAT_NATIVE	1
#define DCRYPT_FORMAT_ECRYPTFS	128	/* of no volume of ours: ondisk_ecryptfs.h */

/* Ids of cipher suites: in headers and in key payloads. */
#define DCRYPT_SUITE_AES_256_XTS	1
#define DCRYPT_SUITE_AES_256_XTS_NAME	"aes-256-xts"

/* Ids of the ways names are stored: in key payloads. */
#define DCRYPT_NAMES_PLAIN	1
#define DCRYPT_NAMES_PLAIN_NAME	"plain"
#define DCRYPT_NAMES_ENCRYPTED	2
#define DCRYPT_NAMES_ENCRYPTED_NAME "encrypted"

/*
 * The volume's configuration, in the lower root.  It and every name that starts
 * with the hidden prefix never appear in the upper tree.
 */
#define DCRYPT_CONFIG_NAME	"dcryptfs.json"
#define DCRYPT_HIDDEN_PREFIX	".dcryptfs."

/*
 * Encrypted names: a symbolic link that holds the directory's nonce; and for a
 * long name, what its lower name and its sidecar begin with.  After either comes
 * base64url of DCRYPT_LONG_TAG_SIZE bytes.
 */
#define DCRYPT_DIR_NAME		".dcryptfs.dir"
#define DCRYPT_LONG_PREFIX	".dcryptfs.long."
#define DCRYPT_SIDECAR_PREFIX	".dcryptfs.name."

#define DCRYPT_VOLUME_KEY_SIZE	64	/* bytes, from a random number generator */
#define DCRYPT_KEY_ID_SIZE	16	/* bytes, derived from the volume key */
#define DCRYPT_NONCE_SIZE	32	/* bytes, random, one for each file */
#define DCRYPT_CONFIG_MAC_KEY_SIZE 32	/* bytes, derived from the volume key */
#define DCRYPT_AES_256_XTS_KEY_SIZE 64	/* bytes, derived for each file */
#define DCRYPT_NAME_KEY_SIZE	32	/* bytes; two keys, derived from the volume key */

/* Native format: the first 8 bytes of a lower file. */
#define DCRYPT_NATIVE_MAGIC	"\x89" "dcrypt\n"
#define DCRYPT_NATIVE_MAGIC_SIZE 8
#define DCRYPT_NATIVE_HEADER_SIZE 4096

/*
 * Native format: the part of the header that carries information.  All of it
 * enters the derivation of the file key.
 */
struct dcrypt_native_fields {
	__u8	magic[DCRYPT_NATIVE_MAGIC_SIZE];
	__le16	version;		/* DCRYPT_FORMAT_NATIVE */
	__le16	suite;			/* DCRYPT_SUITE_* */
	__le32	features;		/* none defined: must be zero */
	__u8	key_id[DCRYPT_KEY_ID_SIZE];
	__u8	nonce[DCRYPT_NONCE_SIZE];
} __attribute__((packed));

/* Native format: the first block of a lower file that is not empty. */
struct dcrypt_native_header {
	struct dcrypt_native_fields fields;
	__u8	reserved[DCRYPT_NATIVE_HEADER_SIZE -
			 sizeof(struct dcrypt_native_fields)]; /* must be zero */
} __attribute__((packed));

/*
 * The XTS tweak of the n-th data block of a file (from 0), 16 bytes.
 */
struct dcrypt_xts_tweak {
	__le64	block;			/* n */
	__le64	zero;
} __attribute__((packed));

/*
 * Sealed strings: names, targets of symbolic links, values of extended
 * attributes.  A tag, and then the string in AES-256-CTR with the tag as the
 * first counter block.  The first byte of what the tag is made from:
 */
#define DCRYPT_SEAL_DIR		1	/* then a directory's nonce */
#define DCRYPT_SEAL_NAME	2	/* then the nonce of its directory, and the name */
#define DCRYPT_SEAL_LINK	3	/* then the link's nonce, and the target */
#define DCRYPT_SEAL_XATTR	4	/* then the value's nonce, name, NUL, and value */
#define DCRYPT_SEAL_TAG_SIZE	16	/* bytes: the beginning of an HMAC-SHA256 */
#define DCRYPT_SEAL_PADDING	16	/* names and targets are padded to multiples of it */
#define DCRYPT_SEAL_NONCE_SIZE	16	/* bytes, random */
#define DCRYPT_LONG_TAG_SIZE	32	/* bytes: all of that HMAC-SHA256 */
#define DCRYPT_NAME_MAX		255	/* bytes of an upper name */
#define DCRYPT_SHORT_NAME_MAX	160	/* bytes of a name that needs no sidecar */

/* What the link DCRYPT_DIR_NAME points to, in base64url. */
#define DCRYPT_DIR_ID_VERSION	1
struct dcrypt_dir_id {
	__u8	version;		/* DCRYPT_DIR_ID_VERSION */
	__u8	nonce[DCRYPT_SEAL_NONCE_SIZE];
	__u8	tag[DCRYPT_SEAL_TAG_SIZE];
} __attribute__((packed));

/*
 * Payload of the key of type "logon" that holds a volume key; its description
 * is DCRYPT_KEY_PREFIX and the key identifier as 32 lower-case hex digits.
 * Who makes the payload has checked the MAC of the volume's configuration, so
 * the parameters are the volume's true ones.
 */
#define DCRYPT_KEY_PREFIX	"dcryptfs:"
#define DCRYPT_KEY_PAYLOAD_VERSION 1
struct dcrypt_key_payload {
	__u8	version;		/* DCRYPT_KEY_PAYLOAD_VERSION */
	__u8	format;			/* DCRYPT_FORMAT_* */
	__u8	suite;			/* DCRYPT_SUITE_* */
	__u8	names;			/* DCRYPT_NAMES_* */
	__u8	reserved[4];		/* must be zero */
	__u8	volume_key[DCRYPT_VOLUME_KEY_SIZE];
} __attribute__((packed));

/*
 * Every derived key is HKDF-SHA512 (RFC 5869) with an empty salt, the volume
 * key as input keying material, and one of these labels (without the trailing
 * NUL) at the start of "info".
 */
#define DCRYPT_KDF_KEY_ID	"dcryptfs/1 key-id"
#define DCRYPT_KDF_CONFIG_MAC	"dcryptfs/1 config-mac"
#define DCRYPT_KDF_FILE_KEY	"dcryptfs/1 file-key" /* then dcrypt_native_fields */
#define DCRYPT_KDF_NAME_MAC	"dcryptfs/1 name-mac"
#define DCRYPT_KDF_NAME_KEY	"dcryptfs/1 name-key"

static_assert(sizeof(struct dcrypt_native_fields) == 64,
	      "the file key is derived from these 64 bytes");
static_assert(sizeof(struct dcrypt_native_header) == DCRYPT_BLOCK_SIZE,
	      "data blocks stay aligned behind the header");
static_assert(sizeof(struct dcrypt_xts_tweak) == 16, "one cipher block");
static_assert(sizeof(struct dcrypt_key_payload) == 72, "no padding");
static_assert(sizeof(struct dcrypt_dir_id) == 33, "44 characters of base64url");

#endif /* DCRYPT_ONDISK_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The headers of eCryptfs files, parsed and written.  Pure code, without anything of
 * the kernel's: programs that test it compile the same file.
 */
#ifndef DCRYPT_ECRYPTFS_HEADER_H
#define DCRYPT_ECRYPTFS_HEADER_H

#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#else
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#endif

#ifdef __KERNEL__
#include "../ondisk_ecryptfs.h"
#else
#include "kernel/ondisk_ecryptfs.h"
#endif

/* What stands before the packets. */
struct dcrypt_ecryptfs_fields {
	__u64 size;			/* of the upper file; anything may stand here */
	__u64 data_start;		/* bytes of the header; at least 1 */
	__u32 flags;			/* DCRYPT_ECRYPTFS_FLAG_* */
	__u32 nonce;			/* the random half of the marker */
	__u32 packets;			/* where they begin */
	__u8 version;
};

/*
 * 0, or EINVAL: it is too short, or there is no marker.  Nothing else is checked.
 */
int dcrypt_ecryptfs_parse_fields(const __u8 *buf, size_t len,
				 struct dcrypt_ecryptfs_fields *fields);

/* A file key, encrypted with the key that has the signature. */
struct dcrypt_ecryptfs_packet {
	__u8 cipher;			/* DCRYPT_ECRYPTFS_CIPHER_*, or unknown */
	__u8 sig[DCRYPT_ECRYPTFS_SIG_SIZE];
	__u8 salt[DCRYPT_ECRYPTFS_SALT_SIZE];
	unsigned int key_size;		/* bytes of the file key */
	unsigned int enc_size;		/* bytes of it, encrypted; key_size or more */
	__u8 enc_key[DCRYPT_ECRYPTFS_MAX_KEY];
};

/*
 * Takes the next packet from *@pos on, which advances; at first that is
 * fields.packets.  1; 0: there is none left; EOPNOTSUPP: it is
 * one for a public key, and was skipped; EINVAL: it makes no sense.
 */
int dcrypt_ecryptfs_next_packet(const __u8 *buf, size_t len, size_t *pos,
				struct dcrypt_ecryptfs_packet *packet);

/* Writes the fields to @buf, which has room for them. */
void dcrypt_ecryptfs_put_fields(__u8 *buf,
				const struct dcrypt_ecryptfs_fields *fields);
/*
 * Writes a packet at *@pos, which advances, with room for a zero byte left behind it;
 * or ENOSPC.
 */
int dcrypt_ecryptfs_put_packet(__u8 *buf, size_t len, size_t *pos,
			       const struct dcrypt_ecryptfs_packet *packet);

/* The upper size alone. */
void dcrypt_ecryptfs_put_size(__u8 *buf, __u64 size);

/*
 * The length of a packet at *@pos, which advances: 1 or 2 bytes.  EINVAL for one of
 * more, or one that goes beyond @len.
 */
int dcrypt_ecryptfs_get_length(const __u8 *buf, size_t len, size_t *pos,
			       size_t *length);
/* The reverse, for lengths below 8384; returns the bytes written. */
size_t dcrypt_ecryptfs_put_length(__u8 *buf, size_t length);

#endif /* DCRYPT_ECRYPTFS_HEADER_H */

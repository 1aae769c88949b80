// SPDX-License-Identifier: GPL-2.0
/*
 * The headers of eCryptfs files, parsed and written.  Whatever they hold, nothing
 * outside of the buffer is read.
 */
#ifdef __KERNEL__
#include "ecryptfs_header.h"
#else
#include "kernel/format/ecryptfs_header.h"
#endif

static __u64 get_be(const __u8 *bytes, unsigned int nr)
{
	__u64 value = 0;

	while (nr--)
		value = value << 8 | *bytes++;
	return value;
}

static void put_be(__u8 *bytes, unsigned int nr, __u64 value)
{
	while (nr--) {
		bytes[nr] = value;
		value >>= 8;
	}
}

#define FIELD(buf, name) \
	((buf) + offsetof(struct dcrypt_ecryptfs_header, name))

int dcrypt_ecryptfs_parse_fields(const __u8 *buf, size_t len,
				 struct dcrypt_ecryptfs_fields *fields)
{
	__u32 flags, check;

	if (len < sizeof(struct dcrypt_ecryptfs_header))
		return -EINVAL;
	fields->nonce = get_be(FIELD(buf, marker[0]), 4);
	check = get_be(FIELD(buf, marker[1]), 4);
	if ((fields->nonce ^ check) != DCRYPT_ECRYPTFS_MARKER)
		return -EINVAL;

	fields->size = get_be(FIELD(buf, size), 8);
	flags = get_be(FIELD(buf, flags), 4);
	fields->version = flags >> DCRYPT_ECRYPTFS_VERSION_SHIFT;
	fields->flags = flags & ((1U << DCRYPT_ECRYPTFS_VERSION_SHIFT) - 1);
	fields->data_start = DCRYPT_ECRYPTFS_MIN_HEADER;
	fields->packets = offsetof(struct dcrypt_ecryptfs_header, extent_size);
	/* the oldest files do not say it */
	if (fields->version >= 1) {
		fields->packets = sizeof(struct dcrypt_ecryptfs_header);
		fields->data_start = get_be(FIELD(buf, extent_size), 4) *
				     get_be(FIELD(buf, extents), 2);
	}
	return 0;
}

void dcrypt_ecryptfs_put_fields(__u8 *buf,
				const struct dcrypt_ecryptfs_fields *fields)
{
	put_be(FIELD(buf, size), 8, fields->size);
	put_be(FIELD(buf, marker[0]), 4, fields->nonce);
	put_be(FIELD(buf, marker[1]), 4,
	       fields->nonce ^ DCRYPT_ECRYPTFS_MARKER);
	put_be(FIELD(buf, flags), 4,
	       (__u32)fields->version << DCRYPT_ECRYPTFS_VERSION_SHIFT |
	       fields->flags);
	put_be(FIELD(buf, extent_size), 4, DCRYPT_ECRYPTFS_EXTENT_SIZE);
	put_be(FIELD(buf, extents), 2,
	       fields->data_start / DCRYPT_ECRYPTFS_EXTENT_SIZE);
}

void dcrypt_ecryptfs_put_size(__u8 *buf, __u64 size)
{
	put_be(FIELD(buf, size), 8, size);
}

int dcrypt_ecryptfs_get_length(const __u8 *buf, size_t len, size_t *pos,
			       size_t *length)
{
	size_t at = *pos;

	if (at >= len)
		return -EINVAL;
	*length = buf[at++];
	if (*length >= 224)
		return -EINVAL;
	if (*length >= 192) {
		if (at >= len)
			return -EINVAL;
		*length = ((*length - 192) << 8) + buf[at++] + 192;
	}
	if (*length > len - at)
		return -EINVAL;
	*pos = at;
	return 0;
}

size_t dcrypt_ecryptfs_put_length(__u8 *buf, size_t length)
{
	if (length < 192) {
		buf[0] = length;
		return 1;
	}
	buf[0] = ((length - 192) >> 8) + 192;
	buf[1] = length - 192;
	return 2;
}

/* A packet of the tag at *@pos: its body, and *@pos behind it. */
static int get_body(const __u8 *buf, size_t len, size_t *pos, const __u8 **body,
		    size_t *size)
{
	size_t at = *pos + 1;
	int err = dcrypt_ecryptfs_get_length(buf, len, &at, size);

	if (err)
		return err;
	*body = buf + at;
	*pos = at + *size;
	return 0;
}

static int parse_tag_3(const __u8 *body, size_t size,
		       struct dcrypt_ecryptfs_packet *packet)
{
	struct dcrypt_ecryptfs_tag_3 tag;
	size_t enc_size;

	if (size <= sizeof(tag))
		return -EINVAL;
	memcpy(&tag, body, sizeof(tag));
	enc_size = size - sizeof(tag);
	if (tag.version != DCRYPT_ECRYPTFS_TAG_3_VERSION ||
	    tag.s2k != DCRYPT_ECRYPTFS_TAG_3_S2K ||
	    tag.hash != DCRYPT_ECRYPTFS_TAG_3_HASH ||
	    enc_size > sizeof(packet->enc_key))
		return -EINVAL;

	packet->cipher = tag.cipher;
	memcpy(packet->salt, tag.salt, sizeof(packet->salt));
	memcpy(packet->enc_key, body + sizeof(tag), enc_size);
	packet->enc_size = enc_size;
	packet->key_size = enc_size;
	/* it is padded to whole blocks of the cipher */
	if (tag.cipher == DCRYPT_ECRYPTFS_CIPHER_AES_192)
		packet->key_size = 24;
	return packet->key_size <= enc_size ? 0 : -EINVAL;
}

static int parse_tag_11(const __u8 *body, size_t size,
			struct dcrypt_ecryptfs_packet *packet)
{
	struct dcrypt_ecryptfs_tag_11 tag;

	if (size != sizeof(tag))
		return -EINVAL;
	memcpy(&tag, body, sizeof(tag));
	if (tag.format != DCRYPT_ECRYPTFS_TAG_11_FORMAT ||
	    tag.name_len != sizeof(tag.name))
		return -EINVAL;
	memcpy(packet->sig, tag.sig, sizeof(packet->sig));
	return 0;
}

static int next_tag_3(const __u8 *buf, size_t len, size_t *pos,
		      struct dcrypt_ecryptfs_packet *packet)
{
	const __u8 *body;
	size_t size;
	int err;

	err = get_body(buf, len, pos, &body, &size);
	if (!err)
		err = parse_tag_3(body, size, packet);
	/* the signature belongs to it */
	if (!err && (*pos >= len || buf[*pos] != DCRYPT_ECRYPTFS_TAG_11))
		err = -EINVAL;
	if (!err)
		err = get_body(buf, len, pos, &body, &size);
	if (!err)
		err = parse_tag_11(body, size, packet);
	return err ? err : 1;
}

int dcrypt_ecryptfs_next_packet(const __u8 *buf, size_t len, size_t *pos,
				struct dcrypt_ecryptfs_packet *packet)
{
	const __u8 *body;
	size_t size;
	int err;

	if (*pos >= len)
		return 0;
	switch (buf[*pos]) {
	case DCRYPT_ECRYPTFS_TAG_3:
		return next_tag_3(buf, len, pos, packet);
	case DCRYPT_ECRYPTFS_TAG_1:
		err = get_body(buf, len, pos, &body, &size);
		return err ? err : -EOPNOTSUPP;
	case DCRYPT_ECRYPTFS_TAG_11:
		/* not by itself */
		return -EINVAL;
	default:
		/* zeros, or what nobody knows: eCryptfs stops there, too */
		return 0;
	}
}

int dcrypt_ecryptfs_put_packet(__u8 *buf, size_t len, size_t *pos,
			       const struct dcrypt_ecryptfs_packet *packet)
{
	struct dcrypt_ecryptfs_tag_3 tag_3 = {
		.version = DCRYPT_ECRYPTFS_TAG_3_VERSION,
		.cipher = packet->cipher,
		.s2k = DCRYPT_ECRYPTFS_TAG_3_S2K,
		.hash = DCRYPT_ECRYPTFS_TAG_3_HASH,
		.iterations = DCRYPT_ECRYPTFS_TAG_3_ITERATIONS,
	};
	struct dcrypt_ecryptfs_tag_11 tag_11 = {
		.format = DCRYPT_ECRYPTFS_TAG_11_FORMAT,
		.name_len = sizeof(tag_11.name),
	};
	size_t at = *pos;

	/* two tags, two lengths of one byte, and the zero */
	if (at > len || len - at < sizeof(tag_3) + packet->enc_size +
				   sizeof(tag_11) + 5)
		return -ENOSPC;

	memcpy(tag_3.salt, packet->salt, sizeof(tag_3.salt));
	buf[at++] = DCRYPT_ECRYPTFS_TAG_3;
	at += dcrypt_ecryptfs_put_length(buf + at, sizeof(tag_3) + packet->enc_size);
	memcpy(buf + at, &tag_3, sizeof(tag_3));
	at += sizeof(tag_3);
	memcpy(buf + at, packet->enc_key, packet->enc_size);
	at += packet->enc_size;

	memcpy(tag_11.name, DCRYPT_ECRYPTFS_TAG_11_NAME, sizeof(tag_11.name));
	memcpy(tag_11.sig, packet->sig, sizeof(tag_11.sig));
	buf[at++] = DCRYPT_ECRYPTFS_TAG_11;
	at += dcrypt_ecryptfs_put_length(buf + at, sizeof(tag_11));
	memcpy(buf + at, &tag_11, sizeof(tag_11));
	*pos = at + sizeof(tag_11);
	return 0;
}

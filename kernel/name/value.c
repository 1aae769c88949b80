// SPDX-License-Identifier: GPL-2.0
/* Sealed values of extended attributes: a random nonce, and what it seals. */
#include <linux/limits.h>
#include <linux/random.h>
#include <linux/string.h>

#include "name.h"

/* What the tag of a value is made from besides the value. */
struct value_context {
	u8 nonce[DCRYPT_SEAL_NONCE_SIZE];
	char name[XATTR_NAME_MAX + 1];	/* the attribute's */
};

static int make_seal(const struct dcrypt_sb *dsb, const char *name,
		     const u8 *nonce, struct value_context *context,
		     struct dcrypt_seal *seal)
{
	size_t len = strlen(name) + 1;

	if (len > sizeof(context->name))
		return -ERANGE;
	memcpy(context->nonce, nonce, sizeof(context->nonce));
	memcpy(context->name, name, len);
	*seal = (struct dcrypt_seal) {
		.dsb = dsb,
		.kind = DCRYPT_SEAL_XATTR,
		.context = context,
		.context_len = offsetof(struct value_context, name) + len,
	};
	return 0;
}

int dcrypt_seal_value(const struct dcrypt_sb *dsb, const char *name,
		      const void *value, size_t size, u8 *stored)
{
	struct value_context context;
	struct dcrypt_seal seal;
	int err;

	get_random_bytes(stored, DCRYPT_SEAL_NONCE_SIZE);
	err = make_seal(dsb, name, stored, &context, &seal);
	return err ?: dcrypt_seal(&seal, value, size, size,
				  stored + DCRYPT_SEAL_NONCE_SIZE);
}

int dcrypt_open_value(const struct dcrypt_sb *dsb, const char *name,
		      u8 *stored, size_t size)
{
	struct value_context context;
	struct dcrypt_seal seal;
	int err;

	if (size < DCRYPT_VALUE_EXTRA)
		return -EBADMSG;
	err = make_seal(dsb, name, stored, &context, &seal);
	return err ?: dcrypt_open_seal(&seal, stored + DCRYPT_SEAL_NONCE_SIZE,
				       size - DCRYPT_SEAL_NONCE_SIZE, false);
}

// SPDX-License-Identifier: GPL-2.0
/* HKDF with SHA-512 (RFC 5869), for outputs of up to one hash. */
#include <linux/string.h>
#include <crypto/hash.h>
#include <crypto/sha2.h>

#include "dcryptfs.h"
#include "mount.h"

struct crypto_shash *dcrypt_hkdf_extract(const u8 *ikm, unsigned int len)
{
	static const u8 empty_salt[SHA512_DIGEST_SIZE];
	u8 prk[SHA512_DIGEST_SIZE];
	struct crypto_shash *hmac;
	int err;

	hmac = crypto_alloc_shash("hmac(sha512)", 0, 0);
	if (IS_ERR(hmac))
		return hmac;

	err = crypto_shash_setkey(hmac, empty_salt, sizeof(empty_salt));
	if (!err)
		err = crypto_shash_tfm_digest(hmac, ikm, len, prk);
	if (!err)
		err = crypto_shash_setkey(hmac, prk, sizeof(prk));
	memzero_explicit(prk, sizeof(prk));
	if (err) {
		crypto_free_shash(hmac);
		return ERR_PTR(err);
	}
	return hmac;
}

int dcrypt_hkdf_expand(struct crypto_shash *prk, const char *label,
		       const void *context, unsigned int context_len,
		       u8 *okm, unsigned int len)
{
	static const u8 counter = 1;	/* of the first and only block */
	SHASH_DESC_ON_STACK(desc, prk);
	u8 block[SHA512_DIGEST_SIZE];
	int err;

	if (len > sizeof(block))
		return -EINVAL;

	desc->tfm = prk;
	err = crypto_shash_init(desc);
	if (!err)
		err = crypto_shash_update(desc, label, strlen(label));
	if (!err && context_len)
		err = crypto_shash_update(desc, context, context_len);
	if (!err)
		err = crypto_shash_finup(desc, &counter, sizeof(counter), block);
	if (!err)
		memcpy(okm, block, len);

	memzero_explicit(block, sizeof(block));
	shash_desc_zero(desc);
	return err;
}

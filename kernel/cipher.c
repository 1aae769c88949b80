// SPDX-License-Identifier: GPL-2.0
/* Cipher suites, and blocks through the kernel's crypto API. */
#include <linux/scatterlist.h>
#include <crypto/skcipher.h>

#include "dcryptfs.h"
#include "mount.h"

static const struct dcrypt_cipher ciphers[] = {
	{
		.name		= DCRYPT_SUITE_AES_256_XTS_NAME,
		.crypto_name	= "xts(aes)",
		.module		= "aes",
		.suite		= DCRYPT_SUITE_AES_256_XTS,
		.key_size	= DCRYPT_AES_256_XTS_KEY_SIZE,
	},
};

const struct dcrypt_cipher *dcrypt_cipher_by_suite(u8 suite)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ciphers); i++)
		if (ciphers[i].suite == suite)
			return &ciphers[i];
	return NULL;
}

const struct dcrypt_cipher *dcrypt_cipher_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ciphers); i++)
		if (!strcmp(ciphers[i].name, name))
			return &ciphers[i];
	return NULL;
}

/*
 * CRYPTO_ALG_ASYNC must not be in the mask: it would shut out the accelerated
 * drivers, which are registered as asynchronous, but answer at once in process
 * context.
 */
#define DCRYPT_CRYPTO_MASK \
	(CRYPTO_ALG_ALLOCATES_MEMORY | CRYPTO_ALG_KERN_DRIVER_ONLY)

struct crypto_skcipher *dcrypt_cipher_alloc(const char *crypto_name)
{
	return crypto_alloc_skcipher(crypto_name, 0, DCRYPT_CRYPTO_MASK);
}

int dcrypt_cipher_block(struct skcipher_request *req, u8 *iv,
			struct scatterlist *src, struct scatterlist *dst,
			bool encrypt)
{
	DECLARE_CRYPTO_WAIT(wait);

	skcipher_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG |
				      CRYPTO_TFM_REQ_MAY_SLEEP,
				      crypto_req_done, &wait);
	skcipher_request_set_crypt(req, src, dst, DCRYPT_BLOCK_SIZE, iv);
	return crypto_wait_req(encrypt ? crypto_skcipher_encrypt(req) :
					 crypto_skcipher_decrypt(req), &wait);
}

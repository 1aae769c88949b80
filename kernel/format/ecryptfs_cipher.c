// SPDX-License-Identifier: GPL-2.0
/* The ciphers of eCryptfs: any of the kernel's that RFC 2440 has a number for. */
#include <linux/scatterlist.h>
#include <linux/string.h>
#include <crypto/skcipher.h>

#include "../mount.h"
#include "ecryptfs.h"

static const struct dcrypt_ecryptfs_cipher aes = { "aes", "aes" };
static const struct dcrypt_ecryptfs_cipher des3_ede = { "des3_ede", "des3_ede" };
static const struct dcrypt_ecryptfs_cipher cast5 = { "cast5", "cast5" };
static const struct dcrypt_ecryptfs_cipher cast6 = { "cast6", "cast6" };
static const struct dcrypt_ecryptfs_cipher blowfish = { "blowfish", "blowfish" };
static const struct dcrypt_ecryptfs_cipher twofish = { "twofish", "twofish" };

static const struct {
	u8 code;
	u8 key_size;			/* 0: any */
	const struct dcrypt_ecryptfs_cipher *cipher;
} codes[] = {
	{ DCRYPT_ECRYPTFS_CIPHER_AES_128, 16, &aes },
	{ DCRYPT_ECRYPTFS_CIPHER_AES_192, 24, &aes },
	{ DCRYPT_ECRYPTFS_CIPHER_AES_256, 32, &aes },
	{ DCRYPT_ECRYPTFS_CIPHER_DES3_EDE, 0, &des3_ede },
	{ DCRYPT_ECRYPTFS_CIPHER_CAST5, 0, &cast5 },
	{ DCRYPT_ECRYPTFS_CIPHER_CAST6, 0, &cast6 },
	{ DCRYPT_ECRYPTFS_CIPHER_BLOWFISH, 0, &blowfish },
	{ DCRYPT_ECRYPTFS_CIPHER_TWOFISH, 0, &twofish },
};

const struct dcrypt_ecryptfs_cipher *
dcrypt_ecryptfs_cipher_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		if (!strcmp(codes[i].cipher->name, name))
			return codes[i].cipher;
	return NULL;
}

const struct dcrypt_ecryptfs_cipher *dcrypt_ecryptfs_cipher_by_code(u8 code)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].code == code)
			return codes[i].cipher;
	return NULL;
}

u8 dcrypt_ecryptfs_cipher_code(const struct dcrypt_ecryptfs_cipher *cipher,
			       unsigned int key_size)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].cipher == cipher &&
		    (!codes[i].key_size || codes[i].key_size == key_size))
			return codes[i].code;
	return 0;
}

struct crypto_skcipher *
dcrypt_ecryptfs_tfm(const char *mode, const struct dcrypt_ecryptfs_cipher *cipher,
		    const u8 *key, unsigned int key_size)
{
	char name[CRYPTO_MAX_ALG_NAME];
	struct crypto_skcipher *tfm;
	int err;

	snprintf(name, sizeof(name), "%s(%s)", mode, cipher->name);
	tfm = dcrypt_cipher_alloc(name);
	if (IS_ERR(tfm))
		return tfm;
	err = crypto_skcipher_setkey(tfm, key, key_size);
	if (err) {
		crypto_free_skcipher(tfm);
		return ERR_PTR(err);
	}
	return tfm;
}

int dcrypt_ecryptfs_ecb(struct crypto_skcipher *tfm, u8 *bytes,
			unsigned int len, bool encrypt)
{
	struct skcipher_request *req = skcipher_request_alloc(tfm, GFP_NOFS);
	DECLARE_CRYPTO_WAIT(wait);
	struct scatterlist sg;
	int err;

	if (!req)
		return -ENOMEM;
	sg_init_one(&sg, bytes, len);
	skcipher_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG |
				      CRYPTO_TFM_REQ_MAY_SLEEP,
				      crypto_req_done, &wait);
	skcipher_request_set_crypt(req, &sg, &sg, len, NULL);
	err = crypto_wait_req(encrypt ? crypto_skcipher_encrypt(req) :
					crypto_skcipher_decrypt(req), &wait);
	skcipher_request_free(req);
	return err;
}

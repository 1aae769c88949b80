// SPDX-License-Identifier: GPL-2.0
/*
 * Sealed strings: deterministic authenticated encryption with a synthetic
 * initialisation vector.  Documentation/on-disk-format.md specifies it.
 */
#include <linux/kmod.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/string.h>
#include <crypto/algapi.h>
#include <crypto/hash.h>
#include <crypto/sha2.h>
#include <crypto/skcipher.h>

#include "../mount.h"
#include "name.h"

static_assert(DCRYPT_LONG_TAG_SIZE == SHA256_DIGEST_SIZE);

static int set_keys(struct dcrypt_sb *dsb, u8 *key)
{
	int err;

	err = dcrypt_hkdf_expand(dsb->kdf, DCRYPT_KDF_NAME_MAC, NULL, 0, key,
				 DCRYPT_NAME_KEY_SIZE);
	if (!err)
		err = crypto_shash_setkey(dsb->name_mac, key,
					  DCRYPT_NAME_KEY_SIZE);
	if (!err)
		err = dcrypt_hkdf_expand(dsb->kdf, DCRYPT_KDF_NAME_KEY, NULL, 0,
					 key, DCRYPT_NAME_KEY_SIZE);
	if (!err)
		err = crypto_skcipher_setkey(dsb->name_tfm, key,
					     DCRYPT_NAME_KEY_SIZE);
	return err;
}

/* Whatever is set is freed with the mount, also after an error. */
int dcrypt_seal_init(struct dcrypt_sb *dsb)
{
	struct crypto_skcipher *tfm;
	struct crypto_shash *mac;
	u8 key[DCRYPT_NAME_KEY_SIZE];
	int err;

	/* as of the cipher: dcrypt_native_setup() */
	request_module("crypto-sha256");
	mac = crypto_alloc_shash("hmac(sha256)", 0, 0);
	if (IS_ERR(mac))
		return PTR_ERR(mac);
	dsb->name_mac = mac;
	tfm = dcrypt_cipher_alloc("ctr(aes)");
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	dsb->name_tfm = tfm;

	err = set_keys(dsb, key);
	memzero_explicit(key, sizeof(key));
	return err;
}

static int make_tag(const struct dcrypt_seal *seal, const void *plain,
		    unsigned int len, u8 *tag)
{
	struct crypto_shash *mac = seal->dsb->name_mac;
	SHASH_DESC_ON_STACK(desc, mac);
	int err;

	desc->tfm = mac;
	err = crypto_shash_init(desc);
	if (!err)
		err = crypto_shash_update(desc, &seal->kind, 1);
	if (!err)
		err = crypto_shash_update(desc, seal->context,
					  seal->context_len);
	if (!err)
		err = crypto_shash_finup(desc, plain, len, tag);
	shash_desc_zero(desc);
	return err;
}

int dcrypt_seal_tag(const struct dcrypt_seal *seal, const void *plain,
		    unsigned int len, u8 *tag)
{
	int err = dcrypt_keys_use(seal->dsb);

	if (err)
		return err;
	err = make_tag(seal, plain, len, tag);
	dcrypt_keys_used(seal->dsb);
	return err;
}

/*
 * Takes what can be taken at once of @len bytes.  @data is from kmalloc, and
 * then is contiguous, or from vmalloc, and then begins at a multiple of 16.
 */
static unsigned int next_part(struct scatterlist *sg, const u8 *data,
			      unsigned int len)
{
	struct page *page;

	if (is_vmalloc_addr(data)) {
		page = vmalloc_to_page(data);
		len = min_t(unsigned int, len, PAGE_SIZE - offset_in_page(data));
	} else {
		page = virt_to_page(data);
	}
	sg_set_page(sg, page, len, offset_in_page(data));
	return len;
}

static int crypt_parts(const struct dcrypt_sb *dsb, const u8 *tag, u8 *data,
		       unsigned int len)
{
	u8 counter[DCRYPT_SEAL_TAG_SIZE] __aligned(16);
	struct skcipher_request *req;
	struct scatterlist sg;
	int err = 0;

	req = skcipher_request_alloc(dsb->name_tfm, GFP_NOFS);
	if (!req)
		return -ENOMEM;
	memcpy(counter, tag, sizeof(counter));
	sg_init_table(&sg, 1);
	while (len && !err) {
		unsigned int part = next_part(&sg, data, len);
		DECLARE_CRYPTO_WAIT(wait);

		skcipher_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG |
					      CRYPTO_TFM_REQ_MAY_SLEEP,
					      crypto_req_done, &wait);
		/* the counter is left where the next part goes on */
		skcipher_request_set_crypt(req, &sg, &sg, part, counter);
		err = crypto_wait_req(crypto_skcipher_encrypt(req), &wait);
		data += part;
		len -= part;
	}
	skcipher_request_free(req);
	return err;
}

/* In place. */
static int crypt(const struct dcrypt_sb *dsb, const u8 *tag, u8 *data,
		 unsigned int len)
{
	int err = dcrypt_keys_use(dsb);

	if (err)
		return err;
	err = crypt_parts(dsb, tag, data, len);
	dcrypt_keys_used(dsb);
	return err;
}

int dcrypt_seal(const struct dcrypt_seal *seal, const void *plain,
		unsigned int len, unsigned int padded, u8 *sealed)
{
	u8 tag[DCRYPT_LONG_TAG_SIZE];
	u8 *text = sealed + DCRYPT_SEAL_TAG_SIZE;
	int err;

	err = dcrypt_seal_tag(seal, plain, len, tag);
	if (err)
		return err;
	memcpy(sealed, tag, DCRYPT_SEAL_TAG_SIZE);
	memmove(text, plain, len);
	memset(text + len, 0, padded - len);
	return crypt(seal->dsb, tag, text, padded);
}

int dcrypt_open_seal(const struct dcrypt_seal *seal, u8 *sealed,
		     unsigned int len, bool padded)
{
	u8 tag[DCRYPT_LONG_TAG_SIZE];
	u8 *text = sealed + DCRYPT_SEAL_TAG_SIZE;
	int err;

	if (len < DCRYPT_SEAL_TAG_SIZE)
		return -EBADMSG;
	len -= DCRYPT_SEAL_TAG_SIZE;
	err = crypt(seal->dsb, sealed, text, len);
	if (err)
		return err;

	if (padded) {
		unsigned int whole = len;

		while (len && !text[len - 1])
			len--;
		/* or one thing could be sealed in several ways */
		if (round_up(len, DCRYPT_SEAL_PADDING) != whole)
			return -EBADMSG;
	}
	err = dcrypt_seal_tag(seal, text, len, tag);
	if (!err && crypto_memneq(tag, sealed, DCRYPT_SEAL_TAG_SIZE))
		err = -EBADMSG;
	return err ?: len;
}

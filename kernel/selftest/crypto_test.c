// SPDX-License-Identifier: GPL-2.0
/*
 * Known answers.  The derived keys were computed with Python's hmac module from
 * the volume key 00 01 .. 3f and the nonce 80 81 .. 9f; the XTS answer is that of
 * IEEE 1619, vector 10, whose data unit number is 255, continued by OpenSSL to a
 * whole block.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../dcryptfs.h"
#include "../format.h"
#include "../mount.h"
#include "selftest.h"

static const char key_id[] = "8397bfbfe3b46468205771041b4eaaad";
static const char config_mac_key[] =
	"e2b3e7d4ac1d440cef6831a51bf5d4435bd3185796120d78254d5842ee4a7ac7";
static const char file_key[] =
	"940a5fea0dd71d108a4fb724c609537a895959ffca0c1a45481e2a1bf25242d1"
	"b1d316184cd9eab397b713c33408f86b3c97f394f893ddb43613b84642e0396b";
static const char xts_key[] =
	"2718281828459045235360287471352662497757247093699959574966967627"
	"3141592653589793238462643383279502884197169399375105820974944592";
static const char xts_first[] = "1c3b3a102f770386e4836c99e370cf9b";
static const char xts_at_496[] = "c4f36ffda9fcea70b9c6e693e148c151";
static const char xts_last[] = "8e47d105a13e45d6be6eea1d496dbfd5";

static bool is_hex(const u8 *bytes, const char *hex)
{
	u8 want[64];
	size_t len = strlen(hex) / 2;

	return !hex2bin(want, hex, len) && !memcmp(bytes, want, len);
}

static void test_derived_keys(void)
{
	struct dcrypt_native_fields fields = {
		.version = cpu_to_le16(DCRYPT_FORMAT_NATIVE),
		.suite = cpu_to_le16(DCRYPT_SUITE_AES_256_XTS),
	};
	u8 volume_key[DCRYPT_VOLUME_KEY_SIZE], key[64];
	struct crypto_shash *prk;
	unsigned int i;

	for (i = 0; i < sizeof(volume_key); i++)
		volume_key[i] = i;
	prk = dcrypt_hkdf_extract(volume_key, sizeof(volume_key));
	if (!CHECK(!IS_ERR(prk)))
		return;

	CHECK(!dcrypt_hkdf_expand(prk, DCRYPT_KDF_KEY_ID, NULL, 0, key, 16));
	CHECK(is_hex(key, key_id));
	memcpy(fields.key_id, key, sizeof(fields.key_id));

	CHECK(!dcrypt_hkdf_expand(prk, DCRYPT_KDF_CONFIG_MAC, NULL, 0, key, 32));
	CHECK(is_hex(key, config_mac_key));

	memcpy(fields.magic, DCRYPT_NATIVE_MAGIC, sizeof(fields.magic));
	for (i = 0; i < sizeof(fields.nonce); i++)
		fields.nonce[i] = 0x80 + i;
	CHECK(!dcrypt_hkdf_expand(prk, DCRYPT_KDF_FILE_KEY, &fields,
				  sizeof(fields), key, 64));
	CHECK(is_hex(key, file_key));

	CHECK(dcrypt_hkdf_expand(prk, DCRYPT_KDF_FILE_KEY, NULL, 0, key, 65));
	crypto_free_shash(prk);
}

static void check_block(struct crypto_skcipher *tfm, u8 *plain, u8 *cipher)
{
	struct skcipher_request *req = skcipher_request_alloc(tfm, GFP_KERNEL);
	struct scatterlist src, dst, halves[2];
	unsigned int i;
	DCRYPT_IV(iv);

	if (!CHECK(req))
		return;
	for (i = 0; i < DCRYPT_BLOCK_SIZE; i++)
		plain[i] = i;
	sg_init_one(&src, plain, DCRYPT_BLOCK_SIZE);
	sg_init_one(&dst, cipher, DCRYPT_BLOCK_SIZE);
	dcrypt_native_iv(iv, 255);
	CHECK(!dcrypt_cipher_block(req, iv, &src, &dst, true));
	CHECK(is_hex(cipher, xts_first));
	CHECK(is_hex(cipher + 496, xts_at_496));
	CHECK(is_hex(cipher + DCRYPT_BLOCK_SIZE - 16, xts_last));

	/* back, into memory that is in two odd pieces */
	memset(plain, 0, DCRYPT_BLOCK_SIZE);
	sg_init_table(halves, 2);
	sg_set_buf(&halves[0], plain, 1001);
	sg_set_buf(&halves[1], plain + 1001, DCRYPT_BLOCK_SIZE - 1001);
	dcrypt_native_iv(iv, 255);
	CHECK(!dcrypt_cipher_block(req, iv, &dst, halves, false));
	for (i = 0; i < DCRYPT_BLOCK_SIZE; i++)
		if (!CHECK(plain[i] == (u8)i))
			break;
	skcipher_request_free(req);
}

static void test_xts(void)
{
	const struct dcrypt_cipher *cipher =
		dcrypt_cipher_by_suite(DCRYPT_SUITE_AES_256_XTS);
	struct crypto_skcipher *tfm;
	u8 key[64], *buf;

	if (!CHECK(cipher))
		return;
	CHECK(dcrypt_cipher_by_name("aes-256-xts") == cipher);
	CHECK(!dcrypt_cipher_by_name("aes-256-xt"));
	CHECK(!dcrypt_cipher_by_suite(0));

	tfm = dcrypt_cipher_alloc(cipher->crypto_name);
	if (!CHECK(!IS_ERR(tfm)))
		return;
	buf = kmalloc(2 * DCRYPT_BLOCK_SIZE, GFP_KERNEL);
	CHECK(!hex2bin(key, xts_key, sizeof(key)));
	CHECK(!crypto_skcipher_setkey(tfm, key, cipher->key_size));
	if (CHECK(buf))
		check_block(tfm, buf, buf + DCRYPT_BLOCK_SIZE);
	kfree(buf);
	crypto_free_skcipher(tfm);
}

void dcrypt_test_crypto(void)
{
	test_derived_keys();
	test_xts();
}

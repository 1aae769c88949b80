// SPDX-License-Identifier: GPL-2.0
/* Mounts of native volumes: their options and key. */
#include <linux/fs_context.h>
#include <linux/kmod.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "../dcryptfs.h"
#include "../format.h"
#include "../mount.h"
#include "../names.h"

/* A parameter may be left out; if it is there, it must be the volume's. */
static int check_parameter(struct fs_context *fc, const char *option,
			   const char *given, const char *have)
{
	if (!given || !strcmp(given, have))
		return 0;
	return invalfc(fc, "%s=%s: this volume has %s=%s", option, given,
		       option, have);
}

static int check_volume(struct dcrypt_sb *dsb, struct fs_context *fc,
			const struct dcrypt_volume *volume)
{
	const struct dcrypt_params *params = fc->fs_private;
	int err;

	if (volume->format != dcrypt_native_format.id)
		return invalfc(fc, "the volume has format %u, which this version does not know",
			       volume->format);
	dsb->cipher = dcrypt_cipher_by_suite(volume->suite);
	if (!dsb->cipher)
		return invalfc(fc, "the volume has cipher suite %u, which this version does not know",
			       volume->suite);

	dsb->cipher_name = dsb->cipher->name;
	dsb->names = dcrypt_names_by_id(volume->names);
	if (!dsb->names)
		return invalfc(fc, "the volume stores names in way %u, which this version does not know",
			       volume->names);

	err = check_parameter(fc, "cipher", params->cipher, dsb->cipher_name);
	if (err)
		return err;
	return check_parameter(fc, "names", params->names, dsb->names->name);
}

int dcrypt_native_setup(struct dcrypt_sb *dsb, struct fs_context *fc)
{
	const struct dcrypt_params *params = fc->fs_private;
	struct dcrypt_volume volume;
	struct crypto_skcipher *tfm;
	int err;

	/* a misspelt cipher is worth saying before a missing key */
	if (params->cipher && !dcrypt_cipher_by_name(params->cipher))
		return invalfc(fc, "cipher=%s is unknown; known: %s",
			       params->cipher, DCRYPT_SUITE_AES_256_XTS_NAME);
	if (params->names && !dcrypt_names_by_name(params->names))
		return invalfc(fc, "names=%s is unknown; known: %s, %s",
			       params->names, DCRYPT_NAMES_ENCRYPTED_NAME,
			       DCRYPT_NAMES_PLAIN_NAME);
	if (!params->has_key)
		return invalfc(fc, "no key=<identifier> given; mount.dcryptfs finds it");

	memcpy(dsb->key_id, params->key_id, sizeof(dsb->key_id));
	/* without udev nobody has loaded the accelerated implementations yet */
	request_module("crypto-sha512");
	err = dcrypt_load_volume_key(dsb, &fc->log, &volume);
	if (err)
		return err;
	err = check_volume(dsb, fc, &volume);
	if (err)
		return err;

	request_module("crypto-%s", dsb->cipher->module);
	tfm = dcrypt_cipher_alloc(dsb->cipher->crypto_name);
	if (IS_ERR(tfm)) {
		errorfc(fc, "the kernel has no %s", dsb->cipher->crypto_name);
		return PTR_ERR(tfm);
	}
	dsb->tfm = tfm;
	dsb->reqsize = crypto_skcipher_reqsize(tfm);
	err = dsb->names->init(dsb);
	if (err)
		errorfc(fc, "the kernel lacks what names=%s needs (error %d)",
			dsb->names->name, err);
	return err;
}

int dcrypt_native_load_keys(struct dcrypt_sb *dsb, struct p_log *log)
{
	struct dcrypt_volume volume;
	int err = dcrypt_load_volume_key(dsb, log, &volume);

	if (err)
		return err;
	/* the key is the volume's, but who put it there took it for another one */
	if (volume.format != dcrypt_native_format.id ||
	    volume.suite != dsb->cipher->suite || volume.names != dsb->names->id)
		return -EKEYREJECTED;
	return dsb->names->init(dsb);
}

int dcrypt_native_check_same(const struct dcrypt_sb *have,
			     const struct dcrypt_sb *want, struct fs_context *fc)
{
	if (!memcmp(have->key_id, want->key_id, sizeof(have->key_id)))
		return 0;
	errorfc(fc, "%s is mounted already, with another key", fc->source);
	return -EBUSY;
}

int dcrypt_native_check_remount(const struct dcrypt_sb *dsb, struct fs_context *fc)
{
	const struct dcrypt_params *params = fc->fs_private;
	int err;

	if (params->ecryptfs.given)
		return invalfc(fc, "this is a volume of dcryptfs, not of eCryptfs");
	if (params->has_key &&
	    memcmp(params->key_id, dsb->key_id, sizeof(dsb->key_id)))
		return invalfc(fc, "a remount cannot change the key");
	err = check_parameter(fc, "cipher", params->cipher, dsb->cipher_name);
	return err ?: check_parameter(fc, "names", params->names, dsb->names->name);
}

void dcrypt_native_show_options(struct seq_file *m, const struct dcrypt_sb *dsb)
{
	seq_printf(m, ",cipher=%s,names=%s,key=%*phN", dsb->cipher_name,
		   dsb->names->name, DCRYPT_KEY_ID_SIZE, dsb->key_id);
}

// SPDX-License-Identifier: GPL-2.0
/* Mounts of eCryptfs volumes: their options, under eCryptfs's names, and keys. */
#include <linux/ctype.h>
#include <linux/fs_context.h>
#include <linux/kernel.h>
#include <linux/kmod.h>
#include <linux/random.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../format.h"
#include "../mount.h"
#include "../names.h"
#include "ecryptfs.h"

/* Room in run contexts for the requests of any cipher that a file may have. */
#define MIN_REQSIZE	512

#define VOLUME_LABEL	"dcryptfs/1 ecryptfs-volume"

/* ---- options ---- */

enum {
	OPT_SIG, OPT_CIPHER, OPT_KEY_BYTES, OPT_FNEK_SIG, OPT_FN_CIPHER,
	OPT_FN_KEY_BYTES, OPT_PASSTHROUGH, OPT_XATTR, OPT_VIEW,
	OPT_UNLINK_SIGS, OPT_TOKEN_ONLY, OPT_CHECK_RUID,
};

static const struct fs_parameter_spec ecryptfs_parameters[] = {
	fsparam_string("sig",				OPT_SIG),
	fsparam_string("ecryptfs_sig",			OPT_SIG),
	fsparam_string("ecryptfs_cipher",		OPT_CIPHER),
	fsparam_u32("ecryptfs_key_bytes",		OPT_KEY_BYTES),
	fsparam_string("ecryptfs_fnek_sig",		OPT_FNEK_SIG),
	fsparam_string("ecryptfs_fn_cipher",		OPT_FN_CIPHER),
	fsparam_u32("ecryptfs_fn_key_bytes",		OPT_FN_KEY_BYTES),
	fsparam_flag("ecryptfs_passthrough",		OPT_PASSTHROUGH),
	fsparam_flag("ecryptfs_xattr_metadata",		OPT_XATTR),
	fsparam_flag("ecryptfs_encrypted_view",		OPT_VIEW),
	fsparam_flag("ecryptfs_unlink_sigs",		OPT_UNLINK_SIGS),
	fsparam_flag("ecryptfs_mount_auth_tok_only",	OPT_TOKEN_ONLY),
	fsparam_flag("ecryptfs_check_dev_ruid",		OPT_CHECK_RUID),
	{}
};

static int take_sig(struct fs_context *fc, const struct fs_parameter *param,
		    char *sig)
{
	unsigned int i;

	if (strlen(param->string) != DCRYPT_ECRYPTFS_SIG_HEX)
		goto wrong;
	for (i = 0; i < DCRYPT_ECRYPTFS_SIG_HEX; i++) {
		if (!isxdigit(param->string[i]))
			goto wrong;
		sig[i] = tolower(param->string[i]);
	}
	sig[i] = 0;
	return 0;
wrong:
	return invalfc(fc, "%s=%s: a signature is %u hex digits", param->key,
		       param->string, DCRYPT_ECRYPTFS_SIG_HEX);
}

static bool has_sig(const struct dcrypt_ecryptfs_options *options,
		    const char *sig)
{
	unsigned int i;

	for (i = 0; i < options->nr_sigs; i++)
		if (!strcmp(options->sigs[i], sig))
			return true;
	return false;
}

static int add_sig(struct fs_context *fc, const struct fs_parameter *param,
		   struct dcrypt_ecryptfs_options *options)
{
	char sig[DCRYPT_ECRYPTFS_SIG_HEX + 1];
	int err = take_sig(fc, param, sig);

	/* a remount may say it again */
	if (err || has_sig(options, sig))
		return err;
	if (options->nr_sigs == DCRYPT_ECRYPTFS_MAX_SIGS)
		return invalfc(fc, "%s: more than %u signatures", param->key,
			       DCRYPT_ECRYPTFS_MAX_SIGS);
	memcpy(options->sigs[options->nr_sigs++], sig, sizeof(sig));
	return 0;
}

static int take_cipher(struct fs_context *fc, const struct fs_parameter *param,
		       char *cipher)
{
	/* mounts are compared by all of it */
	if (strscpy_pad(cipher, param->string, DCRYPT_ECRYPTFS_CIPHER_NAME) < 0)
		return invalfc(fc, "%s=%s is unknown", param->key, param->string);
	return 0;
}

int dcrypt_ecryptfs_parse_param(struct fs_context *fc,
				struct fs_parameter *param,
				struct dcrypt_ecryptfs_options *options)
{
	struct fs_parse_result result;
	int opt = fs_parse(fc, ecryptfs_parameters, param, &result);

	if (opt < 0)
		return opt;
	options->given = true;
	switch (opt) {
	case OPT_SIG:
		return add_sig(fc, param, options);
	case OPT_CIPHER:
		return take_cipher(fc, param, options->cipher);
	case OPT_KEY_BYTES:
		options->key_bytes = result.uint_32;
		return 0;
	case OPT_FNEK_SIG:
		return take_sig(fc, param, options->fnek_sig);
	case OPT_FN_CIPHER:
		return take_cipher(fc, param, options->fn_cipher);
	case OPT_FN_KEY_BYTES:
		options->fn_key_bytes = result.uint_32;
		return 0;
	case OPT_PASSTHROUGH:
		options->passthrough = true;
		return 0;
	case OPT_VIEW:
		options->view = true;
		options->xattr = true;
		return 0;
	case OPT_XATTR:
		options->xattr = true;
		return 0;
	case OPT_UNLINK_SIGS:
		options->unlink_sigs = true;
		return 0;
	case OPT_TOKEN_ONLY:
		options->token_only = true;
		return 0;
	case OPT_CHECK_RUID:
		options->check_ruid = true;
		return 0;
	default:
		return invalfc(fc, "%s is not supported by dcryptfs", param->key);
	}
}

/* ---- setting a mount up ---- */

static int load_key(struct fs_context *fc, const char *sig,
		    struct dcrypt_ecryptfs_key *key)
{
	int err;

	memcpy(key->sig, sig, sizeof(key->sig));
	err = dcrypt_ecryptfs_find_key(key, NULL);
	if (err == -EOPNOTSUPP)
		errorfc(fc, "the key with signature %s is for a public key, which dcryptfs does not support",
			sig);
	else if (err == -EINVAL)
		errorfc(fc, "the key with signature %s holds no authentication token of eCryptfs",
			sig);
	else if (err)
		errorfc(fc, "no key with signature %s in your keyrings: insert it with ecryptfs-add-passphrase (error %d)",
			sig, err);
	return err;
}

static int load_keys(struct dcrypt_ecryptfs *ec, struct fs_context *fc)
{
	const struct dcrypt_ecryptfs_options *options = &ec->options;
	int err = 0;

	while (!err && ec->nr_keys < options->nr_sigs) {
		err = load_key(fc, options->sigs[ec->nr_keys],
			       &ec->keys[ec->nr_keys]);
		if (!err)
			ec->nr_keys++;
	}
	if (!err && options->fnek_sig[0])
		err = load_key(fc, options->fnek_sig, &ec->fnek);
	return err;
}

/* A transform of what the options ask for, with @key, and its code in packets. */
static struct crypto_skcipher *choose(struct fs_context *fc, const char *mode,
				      const char *name, unsigned int key_bytes,
				      const u8 *key, u8 *code)
{
	const struct dcrypt_ecryptfs_cipher *cipher =
		dcrypt_ecryptfs_cipher_by_name(name);
	struct crypto_skcipher *tfm = ERR_PTR(-EINVAL);

	if (!cipher) {
		errorfc(fc, "ecryptfs_cipher=%s is unknown; known: aes, des3_ede, cast5, cast6, blowfish, twofish",
			name);
		return tfm;
	}
	*code = dcrypt_ecryptfs_cipher_code(cipher, key_bytes);
	if (*code && key_bytes && key_bytes <= DCRYPT_ECRYPTFS_MAX_KEY) {
		/* without udev nobody has loaded the accelerated one yet */
		request_module("crypto-%s", cipher->module);
		tfm = dcrypt_ecryptfs_tfm(mode, cipher, key, key_bytes);
	}
	if (PTR_ERR_OR_ZERO(tfm) == -EINVAL)
		errorfc(fc, "ecryptfs_key_bytes=%u: eCryptfs has no such %s keys",
			key_bytes, name);
	else if (IS_ERR(tfm))
		errorfc(fc, "the kernel has no %s", name);
	return tfm;
}

static int choose_cipher(struct dcrypt_sb *dsb, struct fs_context *fc)
{
	struct dcrypt_ecryptfs *ec = dsb->ecryptfs;
	struct dcrypt_ecryptfs_options *options = &ec->options;
	u8 key[DCRYPT_ECRYPTFS_MAX_KEY];
	struct crypto_skcipher *tfm;

	if (!options->cipher[0])
		strcpy(options->cipher, "aes");
	if (!options->key_bytes)
		return invalfc(fc, "no ecryptfs_key_bytes=<bytes> given");

	/* any key, to see whether such keys are good */
	get_random_bytes(key, sizeof(key));
	tfm = choose(fc, "cbc", options->cipher, options->key_bytes, key,
		     &ec->cipher_code);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	dsb->tfm = tfm;
	dsb->reqsize = max_t(unsigned int, crypto_skcipher_reqsize(tfm),
			     MIN_REQSIZE);
	ec->cipher = dcrypt_ecryptfs_cipher_by_name(options->cipher);
	dsb->cipher_name = ec->cipher->name;
	/* the file key is stored in whole blocks */
	if (ec->cipher_code != DCRYPT_ECRYPTFS_CIPHER_AES_192 &&
	    options->key_bytes % crypto_skcipher_blocksize(tfm))
		return invalfc(fc, "ecryptfs_key_bytes=%u: eCryptfs cannot store such %s keys",
			       options->key_bytes, options->cipher);
	return 0;
}

/* What is left out is as for files. */
static int choose_names(struct dcrypt_sb *dsb, struct fs_context *fc)
{
	struct dcrypt_ecryptfs *ec = dsb->ecryptfs;
	struct dcrypt_ecryptfs_options *options = &ec->options;
	struct crypto_skcipher *tfm;

	dsb->names = &dcrypt_bare_names;
	/* a view shows names as they are, too */
	if (!options->fnek_sig[0] || options->view)
		return 0;
	dsb->names = &dcrypt_ecryptfs_names;
	if (!options->fn_cipher[0])
		strcpy(options->fn_cipher, options->cipher);
	if (!options->fn_key_bytes)
		options->fn_key_bytes = options->key_bytes;
	tfm = choose(fc, "ecb", options->fn_cipher, options->fn_key_bytes,
		     ec->fnek.key, &ec->fn_cipher_code);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	dsb->name_tfm = tfm;
	return 0;
}

static int check_owner(struct dcrypt_sb *dsb, struct fs_context *fc)
{
	if (!dsb->ecryptfs->options.check_ruid ||
	    uid_eq(d_inode(dsb->lower_root)->i_uid, current_uid()))
		return 0;
	errorfc(fc, "%s does not belong to you, as ecryptfs_check_dev_ruid demands",
		fc->source);
	return -EPERM;
}

/* What tells this volume from others, as a native volume's identifier does. */
static int identify(struct dcrypt_sb *dsb)
{
	const struct dcrypt_ecryptfs_key *key = &dsb->ecryptfs->keys[0];
	struct {
		u8 uuid[UUID_SIZE];
		u64 ino;
	} where = { .ino = d_inode(dsb->lower_root)->i_ino };

	memcpy(where.uuid, &dsb->lower_root->d_sb->s_uuid, sizeof(where.uuid));
	dsb->kdf = dcrypt_hkdf_extract(key->key, sizeof(key->key));
	if (IS_ERR(dsb->kdf)) {
		int err = PTR_ERR(dsb->kdf);

		dsb->kdf = NULL;
		return err;
	}
	return dcrypt_hkdf_expand(dsb->kdf, VOLUME_LABEL, &where, sizeof(where),
				  dsb->key_id, sizeof(dsb->key_id));
}

int dcrypt_ecryptfs_setup(struct dcrypt_sb *dsb, struct fs_context *fc)
{
	const struct dcrypt_params *params = fc->fs_private;
	const struct dcrypt_ecryptfs_options *options = &params->ecryptfs;
	struct dcrypt_ecryptfs *ec;
	int err;

	if (params->has_key || params->names)
		return invalfc(fc, "key= and names= are of a volume of dcryptfs, and ecryptfs_sig= is of one of eCryptfs");

	if (!options->nr_sigs)
		return invalfc(fc, "no ecryptfs_sig=<signature> given");
	ec = kzalloc(sizeof(*ec), GFP_KERNEL);
	if (!ec)
		return -ENOMEM;
	dsb->ecryptfs = ec;
	ec->options = *options;
	if (options->view)
		fc->sb_flags |= SB_RDONLY;
	/* eCryptfs knows the option by this name, too */
	if (params->cipher &&
	    strscpy_pad(ec->options.cipher, params->cipher,
			sizeof(ec->options.cipher)) < 0)
		return invalfc(fc, "cipher=%s is unknown", params->cipher);

	err = check_owner(dsb, fc);
	if (!err)
		err = load_keys(ec, fc);
	if (!err)
		err = choose_cipher(dsb, fc);
	if (!err)
		err = choose_names(dsb, fc);
	if (err)
		return err;
	ec->md5 = crypto_alloc_shash("md5", 0, 0);
	if (IS_ERR(ec->md5)) {
		err = PTR_ERR(ec->md5);
		ec->md5 = NULL;
		errorfc(fc, "the kernel has no md5");
		return err;
	}
	return identify(dsb);
}

void dcrypt_ecryptfs_free(struct dcrypt_sb *dsb)
{
	struct dcrypt_ecryptfs *ec = dsb->ecryptfs;

	if (!ec)
		return;
	if (ec->md5)
		crypto_free_shash(ec->md5);
	kfree_sensitive(ec);
}

int dcrypt_ecryptfs_check_same(const struct dcrypt_sb *have,
			       const struct dcrypt_sb *want,
			       struct fs_context *fc)
{
	if (!memcmp(&have->ecryptfs->options, &want->ecryptfs->options,
		    sizeof(have->ecryptfs->options)))
		return 0;
	errorfc(fc, "%s is mounted already, with other options", fc->source);
	return -EBUSY;
}

static bool is_other(const char *want, const char *have)
{
	return want[0] && strcmp(want, have);
}

int dcrypt_ecryptfs_check_remount(const struct dcrypt_sb *dsb,
				  struct fs_context *fc)
{
	const struct dcrypt_params *params = fc->fs_private;
	const struct dcrypt_ecryptfs_options *want = &params->ecryptfs;
	const struct dcrypt_ecryptfs_options *have = &dsb->ecryptfs->options;
	bool changed = params->has_key || params->names ||
		       (params->cipher && is_other(params->cipher, have->cipher));
	unsigned int i;

	for (i = 0; i < want->nr_sigs; i++)
		changed |= !has_sig(have, want->sigs[i]);
	changed |= is_other(want->cipher, have->cipher) ||
		   is_other(want->fn_cipher, have->fn_cipher) ||
		   is_other(want->fnek_sig, have->fnek_sig) ||
		   (want->key_bytes && want->key_bytes != have->key_bytes) ||
		   (want->fn_key_bytes &&
		    want->fn_key_bytes != have->fn_key_bytes) ||
		   want->xattr > have->xattr ||
		   want->passthrough > have->passthrough ||
		   want->view > have->view ||
		   want->token_only > have->token_only;
	if (changed)
		return invalfc(fc, "a remount cannot change keys, ciphers, where the metadata is, and what is shown");
	if (have->view && (fc->sb_flags_mask & SB_RDONLY) &&
	    !(fc->sb_flags & SB_RDONLY)) {
		errorfc(fc, "what ecryptfs_encrypted_view shows can only be read");
		return -EROFS;
	}
	return 0;
}

void dcrypt_ecryptfs_show_options(struct seq_file *m, const struct dcrypt_sb *dsb)
{
	const struct dcrypt_ecryptfs_options *options = &dsb->ecryptfs->options;
	unsigned int i;

	for (i = 0; i < options->nr_sigs; i++)
		seq_printf(m, ",ecryptfs_sig=%s", options->sigs[i]);
	if (options->fnek_sig[0])
		seq_printf(m, ",ecryptfs_fnek_sig=%s,ecryptfs_fn_cipher=%s,ecryptfs_fn_key_bytes=%u",
			   options->fnek_sig, options->fn_cipher,
			   options->fn_key_bytes);
	seq_printf(m, ",ecryptfs_cipher=%s,ecryptfs_key_bytes=%u",
		   options->cipher, options->key_bytes);
	if (options->passthrough)
		seq_puts(m, ",ecryptfs_passthrough");
	if (options->xattr)
		seq_puts(m, ",ecryptfs_xattr_metadata");
	if (options->view)
		seq_puts(m, ",ecryptfs_encrypted_view");
	if (options->unlink_sigs)
		seq_puts(m, ",ecryptfs_unlink_sigs");
	if (options->token_only)
		seq_puts(m, ",ecryptfs_mount_auth_tok_only");
}

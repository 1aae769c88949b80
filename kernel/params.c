// SPDX-License-Identifier: GPL-2.0
/* Mount options, through the fs_context interface. */
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "dcryptfs.h"
#include "format.h"
#include "mount.h"

enum { OPT_KEY, OPT_CIPHER, OPT_NAMES };

const struct fs_parameter_spec dcrypt_fs_parameters[] = {
	fsparam_string("key",		OPT_KEY),
	fsparam_string("cipher",	OPT_CIPHER),
	fsparam_string("names",		OPT_NAMES),
	{}
};

static int parse_key_id(struct fs_context *fc, struct dcrypt_params *params,
			const char *hex)
{
	if (strlen(hex) != 2 * DCRYPT_KEY_ID_SIZE ||
	    hex2bin(params->key_id, hex, DCRYPT_KEY_ID_SIZE))
		return invalfc(fc, "key=%s: a key identifier is %u hex digits",
			       hex, 2 * DCRYPT_KEY_ID_SIZE);
	params->has_key = true;
	return 0;
}

/* Takes the parameter's string over. */
static void take_string(char **to, struct fs_parameter *param)
{
	kfree(*to);
	*to = param->string;
	param->string = NULL;
}

static int dcrypt_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct dcrypt_params *params = fc->fs_private;
	struct fs_parse_result result;
	int opt = fs_parse(fc, dcrypt_fs_parameters, param, &result);

	switch (opt) {
	case -ENOPARAM:
		opt = dcrypt_ecryptfs_parse_param(fc, param, &params->ecryptfs);
		if (opt != -ENOPARAM || !params->dropin ||
		    !strcmp(param->key, "source"))
			return opt;
		/* as eCryptfs does: the helper passes what is meant for itself */
		warnfc(fc, "%s: unknown option, ignored", param->key);
		return 0;
	case OPT_KEY:
		return parse_key_id(fc, params, param->string);
	case OPT_CIPHER:
		take_string(&params->cipher, param);
		return 0;
	case OPT_NAMES:
		take_string(&params->names, param);
		return 0;
	default:
		return opt;
	}
}

static void dcrypt_free_fc(struct fs_context *fc)
{
	struct dcrypt_params *params = fc->fs_private;

	dcrypt_free_dsb(fc->s_fs_info);
	if (!params)
		return;
	kfree(params->cipher);
	kfree(params->names);
	kfree(params);
}

static const struct fs_context_operations dcrypt_context_ops = {
	.parse_param	= dcrypt_parse_param,
	.get_tree	= dcrypt_get_tree,
	.reconfigure	= dcrypt_reconfigure,
	.free		= dcrypt_free_fc,
};

int dcrypt_init_fs_context(struct fs_context *fc)
{
	fc->fs_private = kzalloc(sizeof(struct dcrypt_params), GFP_KERNEL);
	if (!fc->fs_private)
		return -ENOMEM;
	fc->ops = &dcrypt_context_ops;
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* The ways to store names, and what they have in common. */
#include <linux/string.h>

#include "../names.h"
#include "name.h"

static const struct dcrypt_name_ops *const all_names[] = {
	&dcrypt_plain_names,
	&dcrypt_encrypted_names,
};

const struct dcrypt_name_ops *dcrypt_names_by_id(u8 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all_names); i++)
		if (all_names[i]->id == id)
			return all_names[i];
	return NULL;
}

const struct dcrypt_name_ops *dcrypt_names_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all_names); i++)
		if (!strcmp(all_names[i]->name, name))
			return all_names[i];
	return NULL;
}

bool dcrypt_lower_name_is_ours(const struct inode *dir, const struct qstr *lower)
{
	if (dcrypt_has_prefix(lower->name, lower->len, DCRYPT_HIDDEN_PREFIX))
		return true;
	return lower->len == strlen(DCRYPT_CONFIG_NAME) &&
	       dir == d_inode(dir->i_sb->s_root) &&
	       !memcmp(lower->name, DCRYPT_CONFIG_NAME, lower->len);
}

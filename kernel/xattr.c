// SPDX-License-Identifier: GPL-2.0
/*
 * Extended attributes are the lower file's, under the same names.  Whether the
 * caller may have one is checked above, by the VFS; it is got and set below with
 * the mounter's credentials.  Values that belong to users are stored as the mount's
 * way to store names wants them (dcrypt_name_ops).
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xattr.h>

#include "data.h"
#include "dcryptfs.h"
#include "format.h"
#include "inode.h"
#include "names.h"

/* How often a value or a list may change while it is asked for. */
#define MAX_TRIES	10

/* The value below, or its size if @size is 0. */
static ssize_t get_lower(struct dentry *dentry, const char *name, void *value,
			 size_t size)
{
	struct dentry *lower = dcrypt_lower_dentry(dentry);
	const struct cred *old;
	ssize_t ret;

	/* a security module may ask while the dentry is still being made */
	if (!lower)
		return -ENODATA;
	old = dcrypt_override_creds(dentry->d_sb);
	ret = vfs_getxattr(dcrypt_nop_idmap, lower, name, value, size);
	revert_creds(old);
	return ret;
}

/* Sets the value below; without a @value, removes it. */
static int set_lower(struct dentry *dentry, struct inode *inode,
		     const char *name, const void *value, size_t size, int flags)
{
	struct dentry *lower = dcrypt_lower_dentry(dentry);
	const struct cred *old;
	int err;

	if (!lower)
		return -EOPNOTSUPP;
	err = dcrypt_want_write(dentry->d_sb);
	if (err)
		return err;
	old = dcrypt_override_creds(dentry->d_sb);
	err = value ? vfs_setxattr(dcrypt_nop_idmap, lower, name, value, size,
				   flags) :
		      vfs_removexattr(dcrypt_nop_idmap, lower, name);
	revert_creds(old);
	dcrypt_copy_attrs(inode);
	dcrypt_drop_write(dentry->d_sb);
	return err;
}

/* ---- values that are stored as they are ---- */

static int plain_get(const struct xattr_handler *handler, struct dentry *dentry,
		     struct inode *inode, const char *name, void *value,
		     size_t size)
{
	return get_lower(dentry, xattr_full_name(handler, name), value, size);
}

static int plain_set(const struct xattr_handler *handler, dcrypt_idmap_t idmap,
		     struct dentry *dentry, struct inode *inode,
		     const char *name, const void *value, size_t size, int flags)
{
	const char *full = xattr_full_name(handler, name);
	int err;

	/*
	 * A write takes capabilities away; what was written before they were
	 * given must not do so when it reaches the lower file after them.
	 */
	if (value && S_ISREG(inode->i_mode) && !strcmp(full, XATTR_NAME_CAPS)) {
		err = dcrypt_write_all(inode);
		if (err)
			return err;
	}
	return set_lower(dentry, inode, full, value, size, flags);
}

/* ---- values of users ---- */

/* Is it the format's own, and nobody's else? */
static bool is_formats(const struct inode *inode, const char *name)
{
	const char *own = dcrypt_sb(inode->i_sb)->format->own_xattr;

	return own && !strcmp(name, own);
}

static int bad_value(struct inode *inode, const char *name)
{
	dcrypt_inode_err(inode, "the value of its attribute %*pE is not one of this volume: it is damaged, or was put here from elsewhere",
			 (int)strlen(name), name);
	return -EIO;
}

/* The value, which is stored in @stored bytes, and fits. */
static ssize_t get_stored(struct dentry *dentry, const char *name, void *value,
			  ssize_t stored)
{
	struct dcrypt_sb *dsb = dcrypt_sb(dentry->d_sb);
	unsigned int extra = dsb->names->value_extra;
	u8 *buf = kvmalloc(stored, GFP_KERNEL);
	ssize_t ret;

	if (!buf)
		return -ENOMEM;
	ret = get_lower(dentry, name, buf, stored);
	if (ret >= 0)
		ret = dsb->names->open_value(dsb, name, buf, ret);
	if (ret > 0)
		memcpy(value, buf + extra, ret);
	kvfree_sensitive(buf, stored);
	return ret;
}

static int sealed_get(const struct xattr_handler *handler,
		      struct dentry *dentry, struct inode *inode,
		      const char *name, void *value, size_t size)
{
	unsigned int extra = dcrypt_sb(dentry->d_sb)->names->value_extra;
	const char *full = xattr_full_name(handler, name);
	unsigned int tries = MAX_TRIES;
	ssize_t ret, stored;

	if (is_formats(inode, full))
		return -ENODATA;
	if (!extra)
		return get_lower(dentry, full, value, size);
	do {
		stored = get_lower(dentry, full, NULL, 0);
		if (stored < 0)
			return stored;
		if (stored < extra)
			return bad_value(inode, full);
		if (!size)
			return stored - extra;
		if (size < stored - extra)
			return -ERANGE;
		ret = get_stored(dentry, full, value, stored);
		/* it has grown meanwhile */
	} while (ret == -ERANGE && --tries);
	return ret == -EBADMSG ? bad_value(inode, full) : ret;
}

/*
 * In a sticky directory only its owner sets values.  The VFS has checked that with
 * what was known before.
 */
static int may_set_value(dcrypt_idmap_t idmap, struct dentry *dentry,
			 const struct inode *inode, const char *name)
{
	int err;

	if (!S_ISDIR(inode->i_mode) || strncmp(name, XATTR_USER_PREFIX,
					       XATTR_USER_PREFIX_LEN))
		return 0;
	err = dcrypt_fresh_attrs(dentry);
	if (err || !(inode->i_mode & S_ISVTX))
		return err;
	return inode_owner_or_capable(idmap, d_inode(dentry)) ? 0 : -EPERM;
}

static int sealed_set(const struct xattr_handler *handler,
		      dcrypt_idmap_t idmap, struct dentry *dentry,
		      struct inode *inode, const char *name, const void *value,
		      size_t size, int flags)
{
	struct dcrypt_sb *dsb = dcrypt_sb(dentry->d_sb);
	unsigned int extra = dsb->names->value_extra;
	const char *full = xattr_full_name(handler, name);
	u8 *buf;
	int err;

	if (is_formats(inode, full))
		return -EPERM;
	err = may_set_value(idmap, dentry, inode, full);
	if (err)
		return err;
	if (!extra || !value)
		return set_lower(dentry, inode, full, value, size, flags);
	/* nobody could read it below, to back it up */
	if (size > XATTR_SIZE_MAX - extra)
		return -E2BIG;
	buf = kvmalloc(size + extra, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	err = dsb->names->seal_value(dsb, full, value, size, buf);
	if (!err)
		err = set_lower(dentry, inode, full, buf, size + extra, flags);
	kvfree_sensitive(buf, size + extra);
	return err;
}

/* ---- listing ---- */

static bool is_in(const char *name, const char *prefix)
{
	unsigned int len = strlen(prefix);

	return !strncmp(name, prefix, len) && name[len];
}

/* What cannot be got above is not shown above. */
static bool can_list(const struct inode *inode, const char *name)
{
	if (is_formats(inode, name))
		return false;
	if (is_in(name, XATTR_USER_PREFIX) || is_in(name, XATTR_SECURITY_PREFIX))
		return true;
	if (is_in(name, XATTR_TRUSTED_PREFIX))
		return ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
	return IS_POSIXACL(inode) &&
	       (!strcmp(name, XATTR_NAME_POSIX_ACL_ACCESS) ||
		!strcmp(name, XATTR_NAME_POSIX_ACL_DEFAULT));
}

/* Takes out of a list what is not to be shown.  Its new length, or EIO. */
static ssize_t filter_list(const struct inode *inode, char *list, size_t len)
{
	size_t pos = 0, kept = 0;

	while (pos < len) {
		const char *name = list + pos;
		size_t bytes = strnlen(name, len - pos) + 1;

		if (bytes > len - pos)
			return -EIO;
		if (can_list(inode, name)) {
			memmove(list + kept, name, bytes);
			kept += bytes;
		}
		pos += bytes;
	}
	return kept;
}

static ssize_t list_lower(struct dentry *dentry, char *list, size_t size)
{
	const struct cred *old = dcrypt_override_creds(dentry->d_sb);
	ssize_t ret = vfs_listxattr(dcrypt_lower_dentry(dentry), list, size);

	revert_creds(old);
	return ret;
}

/* All lower names, kvmalloc'ed into *@list if there are any.  Their length. */
static ssize_t read_list(struct dentry *dentry, char **list)
{
	unsigned int tries = MAX_TRIES;
	ssize_t size, ret;

	do {
		size = list_lower(dentry, NULL, 0);
		if (size <= 0)
			return size;
		*list = kvmalloc(size, GFP_KERNEL);
		if (!*list)
			return -ENOMEM;
		ret = list_lower(dentry, *list, size);
		if (ret >= 0)
			return ret;
		kvfree(*list);
		*list = NULL;
		/* it has grown meanwhile */
	} while (ret == -ERANGE && --tries);
	return ret;
}

ssize_t dcrypt_listxattr(struct dentry *dentry, char *list, size_t size)
{
	char *all = NULL;
	ssize_t ret = read_list(dentry, &all);

	if (ret > 0)
		ret = filter_list(d_inode(dentry), all, ret);
	if (ret > 0 && size) {
		if (ret <= size)
			memcpy(list, all, ret);
		else
			ret = -ERANGE;
	}
	kvfree(all);
	return ret;
}

static const struct xattr_handler user_handler = {
	.prefix	= XATTR_USER_PREFIX,
	.get	= sealed_get,
	.set	= sealed_set,
};

static const struct xattr_handler trusted_handler = {
	.prefix	= XATTR_TRUSTED_PREFIX,
	.get	= sealed_get,
	.set	= sealed_set,
};

static const struct xattr_handler security_handler = {
	.prefix	= XATTR_SECURITY_PREFIX,
	.get	= plain_get,
	.set	= plain_set,
};

const struct xattr_handler *dcrypt_xattr_handlers[] = {
	DCRYPT_ACL_XATTR_HANDLERS
	&user_handler,
	&trusted_handler,
	&security_handler,
	NULL,
};

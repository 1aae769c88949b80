// SPDX-License-Identifier: GPL-2.0
/*
 * names=encrypted: the lower name is the upper name, sealed in the context of its
 * directory.  Documentation/on-disk-format.md specifies it.
 */
#include <linux/namei.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../names.h"
#include "name.h"

#define LONG_CHARS	DCRYPT_BASE64URL_CHARS(DCRYPT_LONG_TAG_SIZE)
#define SEALED_SIZE(len) \
	(DCRYPT_SEAL_TAG_SIZE + round_up((len), DCRYPT_SEAL_PADDING))

static struct dcrypt_seal name_seal(const struct inode *dir)
{
	return (struct dcrypt_seal) {
		.dsb = dcrypt_sb(dir->i_sb),
		.kind = DCRYPT_SEAL_NAME,
		.context = dcrypt_inode(dir)->nonce,
		.context_len = DCRYPT_SEAL_NONCE_SIZE,
	};
}

/*
 * base64url of the sealed @len bytes at @plain, with room for @before bytes in
 * front of the seal, which are @nonce.  A kmalloc'ed string or an ERR_PTR.
 */
static char *seal_to_text(const struct dcrypt_seal *seal, const char *plain,
			  unsigned int len, const u8 *nonce, unsigned int before)
{
	unsigned int padded = round_up(len, DCRYPT_SEAL_PADDING);
	unsigned int size = before + DCRYPT_SEAL_TAG_SIZE + padded;
	u8 *sealed = kmalloc(size, GFP_NOFS);
	char *text = kmalloc(DCRYPT_BASE64URL_CHARS(size) + 1, GFP_NOFS);
	int err = -ENOMEM;

	if (sealed && text) {
		memcpy(sealed, nonce, before);
		err = dcrypt_seal(seal, plain, len, padded, sealed + before);
	}
	if (err) {
		kfree(text);
		text = ERR_PTR(err);
	} else {
		text[dcrypt_base64url_encode(sealed, size, text)] = 0;
	}
	kfree_sensitive(sealed);
	return text;
}

static char *long_name(const struct inode *dir, const struct qstr *upper,
		       const char *prefix)
{
	struct dcrypt_seal seal = name_seal(dir);
	u8 tag[DCRYPT_LONG_TAG_SIZE];
	char *text, *end;
	int err;

	err = dcrypt_seal_tag(&seal, upper->name, upper->len, tag);
	if (err)
		return ERR_PTR(err);
	text = kmalloc(strlen(prefix) + LONG_CHARS + 1, GFP_NOFS);
	if (!text)
		return ERR_PTR(-ENOMEM);
	end = text + strlen(strcpy(text, prefix));
	end[dcrypt_base64url_encode(tag, sizeof(tag), end)] = 0;
	return text;
}

static bool is_dot_or_dotdot(const struct qstr *name)
{
	return name->name[0] == '.' &&
	       (name->len == 1 || (name->len == 2 && name->name[1] == '.'));
}

static int encrypted_encode(const struct inode *dir, const struct qstr *upper,
			    struct qstr *lower)
{
	struct dcrypt_seal seal = name_seal(dir);
	char *text;

	if (upper->len > DCRYPT_NAME_MAX)
		return -ENAMETOOLONG;
	text = upper->len <= DCRYPT_SHORT_NAME_MAX ?
		seal_to_text(&seal, upper->name, upper->len, NULL, 0) :
		long_name(dir, upper, DCRYPT_LONG_PREFIX);
	if (IS_ERR(text))
		return PTR_ERR(text);
	*lower = (struct qstr) QSTR_INIT(text, strlen(text));
	return 0;
}

/* Can a program call something so?  Who has the keys could seal anything. */
static bool is_name(const char *name, unsigned int len)
{
	const struct qstr qstr = QSTR_INIT(name, len);

	return !is_dot_or_dotdot(&qstr) && !memchr(name, '/', len) &&
	       !memchr(name, 0, len);
}

/*
 * Opens a name of @min to @max bytes that was sealed as @text.  A string to be
 * freed, in *@upper.
 */
static int open_name(const struct inode *dir, const char *text, unsigned int len,
		     int min, int max, struct qstr *upper)
{
	struct dcrypt_seal seal = name_seal(dir);
	u8 *sealed;
	int ret;

	if (len > DCRYPT_BASE64URL_CHARS(SEALED_SIZE(DCRYPT_NAME_MAX)))
		return -ENOENT;
	sealed = kmalloc(DCRYPT_BASE64URL_BYTES(len) + 1, GFP_NOFS);
	if (!sealed)
		return -ENOMEM;
	ret = dcrypt_base64url_decode(text, len, sealed);
	if (ret > 0)
		ret = dcrypt_open_seal(&seal, sealed, ret, true);
	if (ret >= min && ret <= max &&
	    is_name((char *)sealed + DCRYPT_SEAL_TAG_SIZE, ret)) {
		memmove(sealed, sealed + DCRYPT_SEAL_TAG_SIZE, ret);
		*upper = (struct qstr) QSTR_INIT((char *)sealed, ret);
		return 0;
	}
	kfree(sealed);
	return ret == -ENOMEM ? ret : -ENOENT;
}

/* The name of the sidecar that belongs to a long lower name. */
static void sidecar_name(const char *lower, char *sidecar)
{
	strcpy(sidecar, DCRYPT_SIDECAR_PREFIX);
	strncat(sidecar, lower + strlen(DCRYPT_LONG_PREFIX), LONG_CHARS);
}

#define SIDECAR_NAME_SIZE	(sizeof(DCRYPT_SIDECAR_PREFIX) + LONG_CHARS)

/* With the mounter's credentials. */
static int open_sidecar(const struct inode *dir, struct dentry *lower_dir,
			const struct qstr *lower, struct qstr *upper)
{
	char name[SIDECAR_NAME_SIZE];
	DEFINE_DELAYED_CALL(done);
	struct dentry *sidecar;
	const char *target;
	int err;

	sidecar_name(lower->name, name);
	sidecar = lookup_one_len_unlocked(name, lower_dir, strlen(name));
	if (IS_ERR(sidecar))
		return PTR_ERR(sidecar);
	err = -ENOENT;
	if (d_is_symlink(sidecar)) {
		target = vfs_get_link(sidecar, &done);
		err = PTR_ERR_OR_ZERO(target);
		if (!err)
			err = open_name(dir, target, strlen(target),
					DCRYPT_SHORT_NAME_MAX + 1,
					DCRYPT_NAME_MAX, upper);
		do_delayed_call(&done);
	}
	dput(sidecar);
	return err;
}

/* Is this really the sidecar of that name, and not of another? */
static int check_long_name(const struct inode *dir, const struct qstr *lower,
			   struct qstr *upper)
{
	char *text = long_name(dir, upper, DCRYPT_LONG_PREFIX);
	int err;

	if (IS_ERR(text))
		return PTR_ERR(text);
	err = memcmp(text, lower->name, lower->len) ? -ENOENT : 0;
	kfree(text);
	return err;
}

static int decode_long(const struct inode *dir, struct dentry *lower_dir,
		       const struct qstr *lower, struct qstr *upper)
{
	const struct cred *old;
	int err;

	if (lower->len != strlen(DCRYPT_LONG_PREFIX) + LONG_CHARS)
		return -ENOENT;
	old = dcrypt_override_creds(dir->i_sb);
	err = open_sidecar(dir, lower_dir, lower, upper);
	revert_creds(old);
	if (err)
		return err;
	err = check_long_name(dir, lower, upper);
	if (err)
		kfree(upper->name);
	return err;
}

static int encrypted_decode(const struct inode *dir, struct dentry *lower_dir,
			    const struct qstr *lower, struct qstr *upper)
{
	if (is_dot_or_dotdot(lower)) {
		*upper = *lower;
		return 0;
	}
	/* not ready: no nonce, so there are no names */
	if (!smp_load_acquire(&dcrypt_inode(dir)->has_nonce))
		return -ENOENT;
	if (dcrypt_has_prefix(lower->name, lower->len, DCRYPT_LONG_PREFIX))
		return decode_long(dir, lower_dir, lower, upper);
	return open_name(dir, lower->name, lower->len, 1, DCRYPT_SHORT_NAME_MAX,
			 upper);
}

static bool encrypted_hidden(const struct inode *dir, const struct qstr *lower)
{
	return dcrypt_lower_name_is_ours(dir, lower) &&
	       !dcrypt_has_prefix(lower->name, lower->len, DCRYPT_LONG_PREFIX);
}

/* Does the sidecar hold what it should?  1, 0, or -ENOMEM if that can't be said. */
static int sidecar_is(struct dentry *sidecar, const char *text)
{
	DEFINE_DELAYED_CALL(done);
	const char *target;
	int same;

	if (!d_is_symlink(sidecar))
		return 0;
	target = vfs_get_link(sidecar, &done);
	if (IS_ERR(target))
		same = PTR_ERR(target) == -ENOMEM ? -ENOMEM : 0;
	else
		same = !strcmp(target, text);
	do_delayed_call(&done);
	return same;
}

static int make_sidecar(struct dentry *lower_dir, const char *name,
			const char *text)
{
	struct dentry *sidecar = lookup_one_len(name, lower_dir, strlen(name));
	int err = 0, same = 1;

	if (IS_ERR(sidecar))
		return PTR_ERR(sidecar);
	if (d_is_positive(sidecar))
		same = sidecar_is(sidecar, text);
	if (same < 0) {
		dput(sidecar);
		return same;
	}
	if (!same) {
		/* a damaged one: put right, now that the name is at hand */
		err = vfs_unlink(dcrypt_nop_idmap, d_inode(lower_dir), sidecar,
				 NULL);
		dput(sidecar);
		if (err)
			return err;
		sidecar = lookup_one_len(name, lower_dir, strlen(name));
		if (IS_ERR(sidecar))
			return PTR_ERR(sidecar);
	}
	if (d_is_negative(sidecar))
		err = vfs_symlink(dcrypt_nop_idmap, d_inode(lower_dir), sidecar,
				  text);
	dput(sidecar);
	return err;
}

static int encrypted_add_name(struct inode *dir, struct dentry *lower_dir,
			      const struct qstr *upper, const struct qstr *lower)
{
	struct dcrypt_seal seal = name_seal(dir);
	char name[SIDECAR_NAME_SIZE];
	char *text;
	int err = dcrypt_dir_save(dir, lower_dir);

	if (err || upper->len <= DCRYPT_SHORT_NAME_MAX)
		return err;
	text = seal_to_text(&seal, upper->name, upper->len, NULL, 0);
	if (IS_ERR(text))
		return PTR_ERR(text);
	sidecar_name(lower->name, name);
	err = make_sidecar(lower_dir, name, text);
	kfree(text);
	if (!err)
		atomic_inc(&dcrypt_inode(dir)->names_made);
	return err;
}

/* What can't be removed is left: it has no meaning without its name. */
static void encrypted_drop_name(struct inode *dir, struct dentry *lower_dir,
				const struct qstr *upper,
				const struct qstr *lower)
{
	char name[SIDECAR_NAME_SIZE];
	struct dentry *sidecar;

	if (upper->len <= DCRYPT_SHORT_NAME_MAX)
		return;
	sidecar_name(lower->name, name);
	sidecar = lookup_one_len(name, lower_dir, strlen(name));
	if (IS_ERR(sidecar))
		return;
	if (d_is_positive(sidecar))
		vfs_unlink(dcrypt_nop_idmap, d_inode(lower_dir), sidecar, NULL);
	dput(sidecar);
}

static struct dcrypt_seal link_seal(const struct dcrypt_sb *dsb, const u8 *nonce)
{
	return (struct dcrypt_seal) {
		.dsb = dsb,
		.kind = DCRYPT_SEAL_LINK,
		.context = nonce,
		.context_len = DCRYPT_SEAL_NONCE_SIZE,
	};
}

static char *encrypted_encode_link(struct dcrypt_sb *dsb, const char *target)
{
	unsigned int len = strlen(target);
	u8 nonce[DCRYPT_SEAL_NONCE_SIZE];
	struct dcrypt_seal seal = link_seal(dsb, nonce);

	/* with its terminator the lower target must fit a page */
	if (DCRYPT_BASE64URL_CHARS(sizeof(nonce) + SEALED_SIZE(len)) >= PATH_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	get_random_bytes(nonce, sizeof(nonce));
	return seal_to_text(&seal, target, len, nonce, sizeof(nonce));
}

static char *encrypted_decode_link(struct dcrypt_sb *dsb, const char *target)
{
	unsigned int len = strlen(target);
	struct dcrypt_seal seal;
	char *buf;
	int ret;

	if (len >= PATH_MAX)
		return ERR_PTR(-EBADMSG);
	buf = kmalloc(DCRYPT_BASE64URL_BYTES(len) + 1, GFP_KERNEL);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	ret = dcrypt_base64url_decode(target, len, (u8 *)buf);
	if (ret >= 0 && ret <= DCRYPT_SEAL_NONCE_SIZE)
		ret = -EBADMSG;
	if (ret > 0) {
		seal = link_seal(dsb, (u8 *)buf);
		ret = dcrypt_open_seal(&seal, (u8 *)buf + DCRYPT_SEAL_NONCE_SIZE,
				       ret - DCRYPT_SEAL_NONCE_SIZE, true);
	}
	if (ret <= 0) {
		kfree_sensitive(buf);
		return ERR_PTR(ret ?: -EBADMSG);
	}
	memmove(buf, buf + DCRYPT_SEAL_NONCE_SIZE + DCRYPT_SEAL_TAG_SIZE, ret);
	buf[ret] = 0;
	if (strlen(buf) != ret) {
		kfree_sensitive(buf);
		return ERR_PTR(-EBADMSG);
	}
	return buf;
}

static unsigned int encrypted_max_len(unsigned int lower_max)
{
	unsigned int bytes = DCRYPT_BASE64URL_BYTES(lower_max);

	if (bytes >= SEALED_SIZE(DCRYPT_SHORT_NAME_MAX))
		return DCRYPT_NAME_MAX;
	if (bytes < SEALED_SIZE(1))
		return 0;
	return round_down(bytes - DCRYPT_SEAL_TAG_SIZE, DCRYPT_SEAL_PADDING);
}

const struct dcrypt_name_ops dcrypt_encrypted_names = {
	.id		= DCRYPT_NAMES_ENCRYPTED,
	.name		= DCRYPT_NAMES_ENCRYPTED_NAME,
	.init		= dcrypt_seal_init,
	.prepare	= dcrypt_dir_prepare,
	.encode		= encrypted_encode,
	.decode		= encrypted_decode,
	.hidden		= encrypted_hidden,
	.add_name	= encrypted_add_name,
	.drop_name	= encrypted_drop_name,
	.init_dir	= dcrypt_dir_init,
	.empty_dir	= dcrypt_dir_empty,
	.restore_dir	= dcrypt_dir_restore,
	.encode_link	= encrypted_encode_link,
	.decode_link	= encrypted_decode_link,
	.value_extra	= DCRYPT_VALUE_EXTRA,
	.seal_value	= dcrypt_seal_value,
	.open_value	= dcrypt_open_value,
	.max_len	= encrypted_max_len,
};

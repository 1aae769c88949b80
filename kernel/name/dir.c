// SPDX-License-Identifier: GPL-2.0
/*
 * The nonces of directories.  Each is the target of a hidden symbolic link, and
 * not the contents of a file: so it is metadata below, and there after a crash if
 * the names beside it are.
 *
 * A lower directory in which nothing looks like a name needs none; it gets one
 * when it is looked into for a name.  So making a directory and its nonce, and
 * removing them, need not be one step.
 */
#include <linux/ctype.h>
#include <linux/file.h>
#include <linux/namei.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <crypto/algapi.h>

#include "../inode.h"
#include "name.h"

#define DIR_ID_CHARS	DCRYPT_BASE64URL_CHARS(sizeof(struct dcrypt_dir_id))

static int make_tag(const struct dcrypt_sb *dsb, const u8 *nonce, u8 *tag)
{
	struct dcrypt_seal seal = {
		.dsb = dsb,
		.kind = DCRYPT_SEAL_DIR,
		.context = nonce,
		.context_len = DCRYPT_SEAL_NONCE_SIZE,
	};

	return dcrypt_seal_tag(&seal, NULL, 0, tag);
}

static int parse_dir_id(const struct dcrypt_sb *dsb, const char *target,
			u8 *nonce)
{
	u8 tag[DCRYPT_LONG_TAG_SIZE];
	struct dcrypt_dir_id id;
	int ret;

	if (strlen(target) != DIR_ID_CHARS)
		return -EBADMSG;
	ret = dcrypt_base64url_decode(target, DIR_ID_CHARS, (u8 *)&id);
	if (ret < 0)
		return ret;
	if (id.version != DCRYPT_DIR_ID_VERSION)
		return -EBADMSG;
	ret = make_tag(dsb, id.nonce, tag);
	if (!ret && crypto_memneq(tag, id.tag, sizeof(id.tag)))
		ret = -EBADMSG;
	if (!ret)
		memcpy(nonce, id.nonce, DCRYPT_SEAL_NONCE_SIZE);
	return ret;
}

/* Makes the link.  The lower directory is locked.  EEXIST if it is there. */
static int make_dir_id(const struct dcrypt_sb *dsb, struct dentry *lower,
		       const u8 *nonce)
{
	struct dcrypt_dir_id id = { .version = DCRYPT_DIR_ID_VERSION };
	u8 tag[DCRYPT_LONG_TAG_SIZE];
	char target[DIR_ID_CHARS + 1];
	struct dentry *link;
	int err = make_tag(dsb, nonce, tag);

	if (err)
		return err;
	memcpy(id.nonce, nonce, sizeof(id.nonce));
	memcpy(id.tag, tag, sizeof(id.tag));
	target[dcrypt_base64url_encode((u8 *)&id, sizeof(id), target)] = 0;

	link = lookup_one_len(DCRYPT_DIR_NAME, lower, strlen(DCRYPT_DIR_NAME));
	if (IS_ERR(link))
		return PTR_ERR(link);
	err = d_is_positive(link) ? -EEXIST :
		vfs_symlink(dcrypt_nop_idmap, d_inode(lower), link, target);
	dput(link);
	return err;
}

/* ---- what is in a lower directory ---- */

struct scan {
	struct dir_context ctx;
	bool (*see)(struct scan *scan, const char *name, int len); /* go on? */
	bool more;			/* may be to be seen */
	bool found;
	char **hidden;			/* names, if they are collected */
	unsigned int nr_hidden;
	int err;
};

static bool scan_entry(struct dir_context *ctx, const char *name, int len,
		       loff_t pos, u64 ino, unsigned int type)
{
	struct scan *scan = container_of(ctx, struct scan, ctx);

	scan->more = (name[0] == '.' &&
		      (len == 1 || (len == 2 && name[1] == '.'))) ||
		     scan->see(scan, name, len);
	return scan->more;
}

/* With the mounter's credentials. */
static int scan_dir(struct super_block *sb, struct dentry *lower,
		    struct scan *scan)
{
	struct path path = {
		.mnt = dcrypt_sb(sb)->lower_mnt,
		.dentry = lower,
	};
	struct file *file;
	int err;

	scan->ctx.actor = scan_entry;
	file = dentry_open(&path, O_RDONLY | O_DIRECTORY | O_LARGEFILE |
			   O_NOATIME, dcrypt_sb(sb)->creds);
	if (IS_ERR(file))
		return PTR_ERR(file);
	/* some filesystems give a part of a directory at a time */
	do {
		scan->more = false;
		err = iterate_dir(file, &scan->ctx);
	} while (!err && scan->more);
	fput(file);
	return err ?: scan->err;
}

/* Could this be the lower name of something, as far as it can be seen? */
static bool looks_encrypted(const char *name, unsigned int len)
{
	/* of the shortest name */
	const unsigned int shortest = DCRYPT_BASE64URL_CHARS(DCRYPT_SEAL_TAG_SIZE +
							     DCRYPT_SEAL_PADDING);
	unsigned int i;

	if (dcrypt_has_prefix(name, len, DCRYPT_LONG_PREFIX))
		return true;
	if (len < shortest)
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum(name[i]) && name[i] != '-' && name[i] != '_')
			return false;
	return true;
}

static bool see_encrypted(struct scan *scan, const char *name, int len)
{
	scan->found = looks_encrypted(name, len);
	return !scan->found;
}

/* ---- the operations ---- */

/* With the mounter's credentials.  ENODATA: there is none. */
static int read_link_nonce(struct inode *dir, struct dentry *link, u8 *nonce)
{
	DEFINE_DELAYED_CALL(done);
	const char *target;
	int err;

	if (d_is_negative(link))
		return -ENODATA;
	if (!d_is_symlink(link))
		return -EBADMSG;
	target = vfs_get_link(link, &done);
	err = PTR_ERR_OR_ZERO(target);
	if (!err)
		err = parse_dir_id(dcrypt_sb(dir->i_sb), target, nonce);
	do_delayed_call(&done);
	return err;
}

/* The same, of a directory whose lower one is not locked. */
static int read_nonce(struct inode *dir, struct dentry *lower_dir, u8 *nonce)
{
	struct dentry *link;
	int err;

	link = lookup_one_len_unlocked(DCRYPT_DIR_NAME, lower_dir,
				       strlen(DCRYPT_DIR_NAME));
	if (IS_ERR(link))
		return PTR_ERR(link);
	err = read_link_nonce(dir, link, nonce);
	dput(link);
	return err;
}

/* Of a directory in which there is nothing yet.  With the mounter's credentials. */
static int make_nonce(struct inode *dir, struct dentry *lower_dir, u8 *nonce)
{
	struct scan scan = { .see = see_encrypted };
	int err;

	err = scan_dir(dir->i_sb, lower_dir, &scan);
	if (err)
		return err;
	if (scan.found) {
		dcrypt_inode_err(dir, "it holds encrypted names, and %s is missing, without which they cannot be read: restore that from a backup",
				 DCRYPT_DIR_NAME);
		return -EIO;
	}
	if (sb_rdonly(dir->i_sb))
		return -ENOENT;
	err = dcrypt_want_write(dir->i_sb);
	if (err)
		return err;
	get_random_bytes(nonce, DCRYPT_SEAL_NONCE_SIZE);
	inode_lock_nested(d_inode(lower_dir), I_MUTEX_PARENT);
	err = make_dir_id(dcrypt_sb(dir->i_sb), lower_dir, nonce);
	inode_unlock(d_inode(lower_dir));
	dcrypt_drop_write(dir->i_sb);
	/* somebody else looked into it, too: theirs is as good */
	if (err == -EEXIST)
		err = read_nonce(dir, lower_dir, nonce);
	if (!err)
		atomic_inc(&dcrypt_inode(dir)->names_made);
	return err;
}

static void keep_nonce(struct inode *dir, const u8 *nonce)
{
	struct dcrypt_inode *di = dcrypt_inode(dir);

	spin_lock(&dir->i_lock);
	if (!di->has_nonce) {
		memcpy(di->nonce, nonce, sizeof(di->nonce));
		smp_store_release(&di->has_nonce, true);
	}
	spin_unlock(&dir->i_lock);
}

static int load_nonce(struct inode *dir, struct dentry *lower_dir, u8 *nonce)
{
	int err = read_nonce(dir, lower_dir, nonce);

	if (err == -ENODATA)
		return make_nonce(dir, lower_dir, nonce);
	if (err == -EBADMSG) {
		dcrypt_inode_err(dir, "its %s is damaged, without which the names in it cannot be read: restore that from a backup",
				 DCRYPT_DIR_NAME);
		return -EIO;
	}
	return err;
}

int dcrypt_dir_prepare(struct inode *dir, struct dentry *lower_dir)
{
	u8 nonce[DCRYPT_SEAL_NONCE_SIZE];
	const struct cred *old;
	int err;

	/* what follows needs a key in any case: readdir would only skip names */
	if (unlikely(dcrypt_is_locked(dir->i_sb)))
		return -ENOKEY;
	if (likely(smp_load_acquire(&dcrypt_inode(dir)->has_nonce)))
		return 0;
	old = dcrypt_override_creds(dir->i_sb);
	err = load_nonce(dir, lower_dir, nonce);
	revert_creds(old);
	if (!err)
		keep_nonce(dir, nonce);
	return err;
}

int dcrypt_dir_init(struct super_block *sb, struct dentry *lower)
{
	u8 nonce[DCRYPT_SEAL_NONCE_SIZE];
	int err;

	get_random_bytes(nonce, sizeof(nonce));
	inode_lock_nested(d_inode(lower), I_MUTEX_CHILD);
	err = make_dir_id(dcrypt_sb(sb), lower, nonce);
	inode_unlock(d_inode(lower));
	return err == -EEXIST ? 0 : err;
}

static bool see_hidden(struct scan *scan, const char *name, int len)
{
	char **hidden;

	if (!dcrypt_has_prefix(name, len, DCRYPT_HIDDEN_PREFIX) ||
	    dcrypt_has_prefix(name, len, DCRYPT_LONG_PREFIX)) {
		scan->found = true;
		return false;
	}
	hidden = krealloc_array(scan->hidden, scan->nr_hidden + 1,
				sizeof(*hidden), GFP_NOFS);
	if (hidden) {
		scan->hidden = hidden;
		hidden[scan->nr_hidden] = kmemdup_nul(name, len, GFP_NOFS);
		if (hidden[scan->nr_hidden]) {
			scan->nr_hidden++;
			return true;
		}
	}
	scan->err = -ENOMEM;
	return false;
}

static int remove_hidden(struct dentry *lower, const char *name)
{
	struct dentry *dentry = lookup_one_len(name, lower, strlen(name));
	int err = 0;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (d_is_positive(dentry))
		err = vfs_unlink(dcrypt_nop_idmap, d_inode(lower), dentry, NULL);
	dput(dentry);
	return err;
}

int dcrypt_dir_empty(struct inode *dir, struct dentry *lower)
{
	struct scan scan = { .see = see_hidden };
	u8 nonce[DCRYPT_SEAL_NONCE_SIZE];
	unsigned int i;
	int err;

	err = scan_dir(dir->i_sb, lower, &scan);
	if (!err && scan.found)
		err = -ENOTEMPTY;
	/* for dcrypt_dir_restore() */
	if (!err && !read_nonce(dir, lower, nonce))
		keep_nonce(dir, nonce);

	inode_lock_nested(d_inode(lower), I_MUTEX_CHILD);
	for (i = 0; i < scan.nr_hidden; i++) {
		if (!err)
			err = remove_hidden(lower, scan.hidden[i]);
		kfree(scan.hidden[i]);
	}
	inode_unlock(d_inode(lower));
	kfree(scan.hidden);
	return err;
}

/*
 * Writes the nonce that is in memory, or sees that it is there.  ESTALE: there is
 * another one, which is now ours: another client found the directory without one,
 * and without names.  Locked, and so is the upper directory; mounter's.
 */
static int write_nonce(struct inode *dir, struct dentry *lower)
{
	struct dcrypt_inode *di = dcrypt_inode(dir);
	u8 nonce[DCRYPT_SEAL_NONCE_SIZE];
	struct dentry *link;
	int err;

	link = lookup_one_len(DCRYPT_DIR_NAME, lower, strlen(DCRYPT_DIR_NAME));
	if (IS_ERR(link))
		return PTR_ERR(link);
	err = read_link_nonce(dir, link, nonce);
	dput(link);
	if (err == -ENODATA) {
		err = make_dir_id(dcrypt_sb(dir->i_sb), lower, di->nonce);
		if (!err)
			atomic_inc(&di->names_made);
		return err;
	}
	if (err)
		return err == -EBADMSG ? -EIO : err;
	if (!memcmp(nonce, di->nonce, sizeof(nonce)))
		return 0;
	spin_lock(&dir->i_lock);
	memcpy(di->nonce, nonce, sizeof(nonce));
	spin_unlock(&dir->i_lock);
	return -ESTALE;
}

int dcrypt_dir_save(struct inode *dir, struct dentry *lower_dir)
{
	struct dcrypt_inode *di = dcrypt_inode(dir);
	int err;

	if (likely(!di->nonce_unsaved))
		return 0;
	err = write_nonce(dir, lower_dir);
	if (!err || err == -ESTALE)
		di->nonce_unsaved = false;
	return err;
}

void dcrypt_dir_restore(struct inode *dir, struct dentry *lower)
{
	struct dcrypt_inode *di = dcrypt_inode(dir);
	int err;

	if (!smp_load_acquire(&di->has_nonce))
		return;
	/* until it is known to be there */
	di->nonce_unsaved = true;
	inode_lock_nested(d_inode(lower), I_MUTEX_CHILD);
	err = dcrypt_dir_save(dir, lower);
	inode_unlock(d_inode(lower));
	if (di->nonce_unsaved)
		dcrypt_inode_err(dir, "its %s could not be put back (error %d): no names can be made in it until it is",
				 DCRYPT_DIR_NAME, err);
}

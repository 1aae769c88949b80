/* SPDX-License-Identifier: GPL-2.0 */
/* Ways to store names. */
#ifndef DCRYPT_NAMES_H
#define DCRYPT_NAMES_H

#include "dcryptfs.h"

/* ---- name/ ---- */

/*
 * A way to store names.  Where it says so, the lower directory is locked, and the
 * mounter's credentials are in force.
 */
struct dcrypt_name_ops {
	u8 id;				/* DCRYPT_NAMES_* */
	const char *name;		/* as users write it */
	/* sets the mount's keys up; what it leaves is freed with the mount */
	int (*init)(struct dcrypt_sb *dsb);
	/*
	 * Makes encode and decode possible in a directory.  ENOENT: there are no
	 * names in it, and none can be made.  EIO: it is damaged.
	 */
	int (*prepare)(struct inode *dir, struct dentry *lower_dir);
	/*
	 * The lower name for an upper one and the reverse.  The result is the
	 * argument itself or a kmalloc'ed string; dcrypt_name_put() frees it.
	 * EPERM from encode: no name may be called so; ENAMETOOLONG, ENOMEM;
	 * ENOENT from decode: no name of this volume.
	 */
	int (*encode)(const struct inode *dir, const struct qstr *upper,
		      struct qstr *lower);
	int (*decode)(const struct inode *dir, struct dentry *lower_dir,
		      const struct qstr *lower, struct qstr *upper);
	/* is this lower name one of our own, which stands for no upper one? */
	bool (*hidden)(const struct inode *dir, const struct qstr *lower);
	/*
	 * Makes what must lie beside a lower name for it to be decoded, and
	 * removes it.  Locked; mounter's.
	 */
	int (*add_name)(struct inode *dir, struct dentry *lower_dir,
			const struct qstr *upper, const struct qstr *lower);
	void (*drop_name)(struct inode *dir, struct dentry *lower_dir,
			  const struct qstr *upper, const struct qstr *lower);
	/*
	 * Makes what must lie in a new lower directory; takes what we put there
	 * out of one that has no names in it (else ENOTEMPTY); puts it back.
	 * Its parent is locked; mounter's.
	 */
	int (*init_dir)(struct super_block *sb, struct dentry *lower);
	int (*empty_dir)(struct inode *dir, struct dentry *lower);
	void (*restore_dir)(struct inode *dir, struct dentry *lower);
	/* targets of symbolic links: kmalloc'ed strings; EBADMSG if not one of ours */
	char *(*encode_link)(struct dcrypt_sb *dsb, const char *target);
	char *(*decode_link)(struct dcrypt_sb *dsb, const char *target);
	/*
	 * Values of extended attributes in the namespaces user and trusted, by
	 * the attribute's whole name.  A stored value is value_extra bytes longer
	 * than the value; if that is 0 it is the value, and the operations are
	 * not used.  seal_value makes it from @size bytes; open_value opens one of
	 * @size bytes in place, returns the size of the value, which begins
	 * value_extra bytes into it, or EBADMSG if it is not one of ours.
	 * @stored is from kvmalloc.
	 */
	unsigned int value_extra;
	int (*seal_value)(const struct dcrypt_sb *dsb, const char *name,
			  const void *value, size_t size, u8 *stored);
	int (*open_value)(const struct dcrypt_sb *dsb, const char *name,
			  u8 *stored, size_t size);
	/* longest upper name, given the longest lower one */
	unsigned int (*max_len)(unsigned int lower_max);
};

extern const struct dcrypt_name_ops dcrypt_plain_names;
/* The same, but no name is ours: of volumes that are not native. */
extern const struct dcrypt_name_ops dcrypt_bare_names;
extern const struct dcrypt_name_ops dcrypt_ecryptfs_names;
extern const struct dcrypt_name_ops dcrypt_encrypted_names;

const struct dcrypt_name_ops *dcrypt_names_by_id(u8 id);
const struct dcrypt_name_ops *dcrypt_names_by_name(const char *name);
/* Is it a lower name that is reserved to us: hidden prefix, configuration? */
bool dcrypt_lower_name_is_ours(const struct inode *dir, const struct qstr *lower);

static inline void dcrypt_name_put(const struct qstr *from, struct qstr *to)
{
	if (to->name != from->name)
		kfree(to->name);
}

#endif /* DCRYPT_NAMES_H */

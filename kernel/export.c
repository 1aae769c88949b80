// SPDX-License-Identifier: GPL-2.0
/*
 * File handles, for the NFS server and open_by_handle_at(): the lower file's, and
 * a tag without which nobody could make one of a file outside the volume.
 */
#include <linux/exportfs.h>
#include <linux/fs.h>
#include <linux/string.h>
#include <crypto/algapi.h>

#include "dcryptfs.h"
#include "inode.h"
#include "mount.h"

/* Of our handles: a type that no other filesystem has. */
#define HANDLE_TYPE	0xdc
#define HANDLE_LABEL	"dcryptfs/1 file-handle"

/* A handle, in units of 4 bytes.  It has a meaning on this machine only. */
struct handle {
	u32 tag[2];
	u32 lower_type;
	u32 lower[];			/* the lower handle */
};

#define HANDLE_HEAD	((int)(offsetof(struct handle, lower) / sizeof(u32)))

static int make_tag(const struct dcrypt_sb *dsb, const struct handle *handle,
		    int words, u32 *tag)
{
	int err = dcrypt_keys_use(dsb);

	if (err)
		return err;
	err = dcrypt_hkdf_expand(dsb->kdf, HANDLE_LABEL, &handle->lower_type,
				 (words - 2) * sizeof(u32), (u8 *)tag,
				 sizeof(handle->tag));
	dcrypt_keys_used(dsb);
	return err;
}

/*
 * The export operation encode_fh.  @max_len is in units of 4 bytes.  Parents are
 * not put into handles: a file's directory is not found by them (subtree_check).
 */
static int dcrypt_encode_fh(struct inode *inode, u32 *fh, int *max_len,
			    struct inode *parent)
{
	struct handle *handle = (struct handle *)fh;
	int room = max(*max_len - HANDLE_HEAD, 0);
	int type;

	type = dcrypt_encode_lower_fh(dcrypt_lower_inode(inode),
				      (struct fid *)handle->lower, &room);
	if (type < 0 || type == FILEID_INVALID ||
	    room + HANDLE_HEAD > *max_len) {
		*max_len = room + HANDLE_HEAD;
		return FILEID_INVALID;
	}
	*max_len = room + HANDLE_HEAD;
	handle->lower_type = type;
	if (make_tag(dcrypt_sb(inode->i_sb), handle, *max_len, handle->tag))
		return FILEID_INVALID;
	return HANDLE_TYPE;
}

/* Any of a file's names will do. */
static int accept_any(void *context, struct dentry *dentry)
{
	return 1;
}

/* An upper dentry for a lower one, whose reference is taken from the caller. */
static struct dentry *obtain_alias(struct super_block *sb, struct dentry *lower)
{
	struct inode *inode = dcrypt_iget(sb, igrab(d_inode(lower)));
	struct dentry *dentry;

	if (IS_ERR(inode)) {
		dput(lower);
		return ERR_CAST(inode);
	}
	dentry = d_obtain_alias(inode);
	if (IS_ERR(dentry))
		dput(lower);
	else
		dcrypt_set_lower_dentry(dentry, lower);
	return dentry;
}

/* The export operation fh_to_dentry.  ESTALE for what is no handle of ours. */
static struct dentry *dcrypt_fh_to_dentry(struct super_block *sb,
					  struct fid *fid, int words, int type)
{
	struct dcrypt_sb *dsb = dcrypt_sb(sb);
	struct handle *handle = (struct handle *)fid;
	u32 tag[2];
	struct dentry *lower;
	const struct cred *old;

	if (type != HANDLE_TYPE || words <= HANDLE_HEAD)
		return ERR_PTR(-ESTALE);
	if (make_tag(dsb, handle, words, tag) ||
	    crypto_memneq(tag, handle->tag, sizeof(tag)))
		return ERR_PTR(-ESTALE);

	old = dcrypt_override_creds(sb);
	lower = exportfs_decode_fh(dsb->lower_mnt, (struct fid *)handle->lower,
				   words - HANDLE_HEAD, handle->lower_type,
				   accept_any, NULL);
	revert_creds(old);
	if (IS_ERR_OR_NULL(lower))
		return lower;
	return obtain_alias(sb, lower);
}

/* The export operation get_parent: of a directory that is not yet connected. */
static struct dentry *dcrypt_get_parent(struct dentry *child)
{
	struct dcrypt_sb *dsb = dcrypt_sb(child->d_sb);
	struct dentry *parent = dget_parent(dcrypt_lower_dentry(child));

	/* moved out of the volume below */
	if (!is_subdir(parent, dsb->lower_root)) {
		dput(parent);
		return ERR_PTR(-ESTALE);
	}
	return obtain_alias(child->d_sb, parent);
}

/*
 * The export operation commit_metadata: what the server has changed of an inode is
 * to be on stable storage before it says so.  The names' nonces and sidecars were
 * made before them.
 */
static int dcrypt_commit_metadata(struct inode *inode)
{
	struct inode *lower = dcrypt_lower_inode(inode);
	const struct export_operations *ops = lower->i_sb->s_export_op;
	const struct cred *old;
	int err = sync_inode_metadata(inode, 1);

	if (err)
		return err;
	old = dcrypt_override_creds(inode->i_sb);
	err = ops->commit_metadata ? ops->commit_metadata(lower) :
				     sync_inode_metadata(lower, 1);
	revert_creds(old);
	return err;
}

static const struct export_operations dcrypt_export_ops = {
	.encode_fh	= dcrypt_encode_fh,
	.fh_to_dentry	= dcrypt_fh_to_dentry,
	.get_parent	= dcrypt_get_parent,
	.commit_metadata = dcrypt_commit_metadata,
};

void dcrypt_init_export(struct super_block *sb)
{
	const struct super_block *lower_sb = dcrypt_sb(sb)->lower_root->d_sb;

	if (lower_sb->s_export_op && lower_sb->s_export_op->fh_to_dentry)
		sb->s_export_op = &dcrypt_export_ops;
}

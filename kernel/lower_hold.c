// SPDX-License-Identifier: GPL-2.0
/*
 * The open lower file of a regular file: one, shared by all who use it, opened with
 * the mounter's credentials.  It stays open while somebody holds it, and while
 * pages are dirty, so that writeback needs nothing it might not get.  But a page
 * can get dirty after that: see reopen_locked().
 *
 * With it goes the lower dentry: a network filesystem renames a file that is
 * removed while its dentry is used, instead of removing it.
 */
#include <linux/file.h>
#include <linux/pagemap.h>

#include "data.h"
#include "dcryptfs.h"
#include "inode.h"
#include "lower.h"

static struct file *open_lower(struct inode *inode, int flags)
{
	struct dcrypt_sb *dsb = dcrypt_sb(inode->i_sb);
	struct path path = {
		.mnt = dsb->lower_mnt,
		.dentry = dcrypt_inode(inode)->lower_dentry,
	};
	const struct cred *old = dcrypt_override_creds(inode->i_sb);
	struct file *file;

	/* times are ours to keep: dcrypt_update_time() */
	file = dentry_open(&path, flags | O_LARGEFILE | O_NOATIME, dsb->creds);
	revert_creds(old);
	if (!IS_ERR(file))
		file->f_mode |= FMODE_NOCMTIME;
	return file;
}

/* Nothing is dirty, or the inode goes. */
static void close_lower(struct dcrypt_inode *di)
{
	if (READ_ONCE(di->changed_here))
		dcrypt_take_state(&di->vfs_inode);
	if (di->lower_file)
		fput(di->lower_file);
	if (di->lower_file_ro)
		fput(di->lower_file_ro);
	dput(di->lower_dentry);
	di->lower_file = NULL;
	di->lower_file_ro = NULL;
	di->lower_dentry = NULL;
}

static int hold_locked(struct inode *inode, struct dentry *lower, bool write)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	struct file *file = di->lower_file;

	if (file && (!write || (file->f_mode & FMODE_WRITE)))
		goto hold;
	if (!di->lower_dentry)
		di->lower_dentry = dget(lower);

	file = open_lower(inode, write ? O_RDWR : O_RDONLY);
	if (IS_ERR(file)) {
		if (!di->lower_file)
			close_lower(di);
		return PTR_ERR(file);
	}
	/* somebody may be reading through the other one just now */
	di->lower_file_ro = di->lower_file;
	smp_store_release(&di->lower_file, file);
hold:
	di->lower_users++;
	return 0;
}

int dcrypt_lower_hold(struct inode *inode, struct dentry *dentry, bool write)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs;
	int err;

	nofs = dcrypt_lock(di);
	err = hold_locked(inode, dcrypt_lower_dentry(dentry), write);
	dcrypt_unlock(di, nofs);
	return err;
}

/*
 * A device has filled a page that was mapped, after it was unmapped and the file
 * closed; which may have been opened again, for reading.
 */
static int reopen_locked(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	struct dentry *lower = dget(di->lower_dentry) ?:
			       d_obtain_alias(igrab(di->lower));
	int err;

	if (IS_ERR(lower))
		return PTR_ERR(lower);
	err = hold_locked(inode, lower, true);
	dput(lower);
	return err;
}

int dcrypt_lower_hold_dirty(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs = dcrypt_lock(di);
	struct file *file = di->lower_file;
	bool dirty = mapping_tagged(inode->i_mapping, PAGECACHE_TAG_DIRTY);
	int ret = 0;

	if (file && (!dirty || (file->f_mode & FMODE_WRITE))) {
		di->lower_users++;
		ret = 1;
	} else if (dirty) {
		ret = reopen_locked(inode) ?: 1;
	}
	dcrypt_unlock(di, nofs);
	return ret;
}

void dcrypt_lower_drop(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	struct address_space *mapping = inode->i_mapping;
	unsigned int nofs = dcrypt_lock(di);
	int err;

	if (!--di->lower_users &&
	    !mapping_tagged(mapping, PAGECACHE_TAG_DIRTY) &&
	    !mapping_tagged(mapping, PAGECACHE_TAG_WRITEBACK)) {
		err = dcrypt_tell_size_locked(inode);
		if (err) {
			mapping_set_error(mapping, err);
			dcrypt_inode_err(inode, "its size could not be written into its header (error %d): bytes at its end are lost",
					 err);
		}
		close_lower(di);
	}
	dcrypt_unlock(di, nofs);
}

void dcrypt_lower_release(struct inode *inode)
{
	close_lower(dcrypt_inode(inode));
}

struct file *dcrypt_lower_file(struct inode *inode)
{
	return smp_load_acquire(&dcrypt_inode(inode)->lower_file);
}

bool dcrypt_lower_is_async(struct inode *inode)
{
	const fmode_t need = FMODE_NOWAIT | FMODE_CAN_ODIRECT;

	return (dcrypt_lower_file(inode)->f_mode & need) == need;
}

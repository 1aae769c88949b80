// SPDX-License-Identifier: GPL-2.0
/*
 * Files that somebody else changes below: another client of the server that the
 * lower filesystem is of, or a program that works in the lower directory.
 *
 * What is cached of a file above, its size and its key included, is good for the
 * state of the lower file that it was read in.  That is kept, and compared when
 * the file is opened and when its attributes are asked for; so who opens a file
 * sees what was there when others closed it last ("close to open").  While it is
 * changed from here, there is nothing to compare with: its state is taken again
 * when the changes have been written.
 */
#include <linux/iversion.h>
#include <linux/stat.h>

#include "data.h"
#include "dcryptfs.h"
#include "inode.h"
#include "lower.h"

/*
 * Of a local filesystem, only what a change of data changes.  Of a remote one, all
 * that could tell: two changes may have happened within a tick of its clock.
 */
static void get_state(const struct inode *inode, struct dcrypt_lower_state *state)
{
	const struct inode *lower = dcrypt_lower_inode(inode);

	memset(state, 0, sizeof(*state));
	state->size = i_size_read(lower);
	state->mtime = dcrypt_mtime(lower);
	if (!dcrypt_sb(inode->i_sb)->remote)
		return;
	state->ctime = dcrypt_ctime(lower);
	state->version = inode_peek_iversion_raw(lower);
}

void dcrypt_changed_here(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);

	if (!READ_ONCE(di->changed_here))
		WRITE_ONCE(di->changed_here, true);
}

static void take_state_locked(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);

	/* in this order: what is changed meanwhile is compared, and not missed */
	WRITE_ONCE(di->changed_here, false);
	get_state(inode, &di->state);
}

void dcrypt_take_state(struct inode *inode)
{
	spin_lock(&inode->i_lock);
	take_state_locked(inode);
	spin_unlock(&inode->i_lock);
}

void dcrypt_keep_state(struct inode *inode)
{
	if (!READ_ONCE(dcrypt_inode(inode)->changed_here))
		return;
	/* what the server made of the changes is to be known, or it looks foreign */
	if (dcrypt_sb(inode->i_sb)->remote)
		dcrypt_lower_revalidate(inode, 0);
	dcrypt_take_state(inode);
}

void dcrypt_keep_known_state(struct inode *inode)
{
	spin_lock(&inode->i_lock);
	if (!dcrypt_inode(inode)->changed_here)
		take_state_locked(inode);
	spin_unlock(&inode->i_lock);
}

bool dcrypt_changed_below(struct inode *inode)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	struct dcrypt_lower_state state;
	bool changed;

	get_state(inode, &state);
	spin_lock(&inode->i_lock);
	changed = !di->changed_here && memcmp(&state, &di->state, sizeof(state));
	spin_unlock(&inode->i_lock);
	return changed;
}

/*
 * The caller holds i_rwsem and the invalidate_lock, so nobody reads or writes; once no
 * page is left, nothing can be written back either, and the key is not used.
 *
 * What was written here is not to be forgotten, and what looks like others' change
 * may be ours, seen in the middle.  So the size is told before it is read again.
 */
int dcrypt_forget(struct inode *inode, struct dcrypt_wipe *wipe)
{
	struct dcrypt_inode *di = dcrypt_inode(inode);
	unsigned int nofs;
	int err;

	inode_dio_wait(inode);
	err = dcrypt_write_all(inode);
	if (!err)
		err = wipe ? dcrypt_wipe_cached(inode->i_mapping, wipe) :
			     invalidate_inode_pages2(inode->i_mapping);
	if (err)
		return err;

	nofs = dcrypt_lock(di);
	/* first: if it changes in between, that shows */
	dcrypt_take_state(inode);
	crypto_free_skcipher(di->tfm);
	di->tfm = NULL;
	memzero_explicit(&di->header, sizeof(di->header));
	err = dcrypt_load_size(inode);
	dcrypt_unlock(di, nofs);
	return err;
}

int dcrypt_refresh_locked(struct inode *inode)
{
	int err;

	if (likely(!dcrypt_changed_below(inode)))
		return 0;
	filemap_invalidate_lock(inode->i_mapping);
	err = dcrypt_forget(inode, NULL);
	filemap_invalidate_unlock(inode->i_mapping);
	return err;
}

int dcrypt_refresh(struct inode *inode)
{
	int err;

	if (likely(!dcrypt_changed_below(inode)))
		return 0;
	inode_lock(inode);
	err = dcrypt_refresh_locked(inode);
	inode_unlock(inode);
	return err;
}

void dcrypt_try_refresh(struct inode *inode)
{
	if (likely(!dcrypt_changed_below(inode)) || !inode_trylock(inode))
		return;
	dcrypt_refresh_locked(inode);
	inode_unlock(inode);
}

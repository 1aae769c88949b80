// SPDX-License-Identifier: GPL-2.0
/*
 * A mount whose keys are taken away while it stays mounted, and put back.
 *
 * The keys of files go as they do when somebody changes a file below: once nothing
 * of it is cached (dcrypt_forget()).  Before that no new ones are made: who uses the
 * volume's keys is asked first, by dcrypt_keys_use().
 */
#include <linux/capability.h>
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/ioctl.h>
#include <linux/mm.h>
#include <linux/pagevec.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "data.h"
#include "dcryptfs.h"
#include "format.h"
#include "inode.h"
#include "mount.h"
#include "uapi.h"

int dcrypt_keys_init(struct dcrypt_sb *dsb)
{
	struct dcrypt_keys *keys = kzalloc(sizeof(*keys), GFP_KERNEL);

	if (!keys)
		return -ENOMEM;
	if (percpu_init_rwsem(&keys->users)) {
		kfree(keys);
		return -ENOMEM;
	}
	mutex_init(&keys->mutex);
	dsb->keys = keys;
	return 0;
}

void dcrypt_keys_exit(struct dcrypt_sb *dsb)
{
	if (!dsb->keys)
		return;
	dcrypt_free_keys(dsb);
	percpu_free_rwsem(&dsb->keys->users);
	kfree(dsb->keys);
}

void dcrypt_free_keys(struct dcrypt_sb *dsb)
{
	if (dsb->kdf)
		crypto_free_shash(dsb->kdf);
	if (dsb->name_mac)
		crypto_free_shash(dsb->name_mac);
	if (dsb->name_tfm)
		crypto_free_skcipher(dsb->name_tfm);
	dsb->kdf = NULL;
	dsb->name_mac = NULL;
	dsb->name_tfm = NULL;
}

int dcrypt_keys_use(const struct dcrypt_sb *dsb)
{
	percpu_down_read(&dsb->keys->users);
	if (unlikely(dsb->keys->locked)) {
		percpu_up_read(&dsb->keys->users);
		return -ENOKEY;
	}
	this_cpu_inc(dsb->stats->key_uses);
	return 0;
}

void dcrypt_keys_used(const struct dcrypt_sb *dsb)
{
	percpu_up_read(&dsb->keys->users);
}

/* Once it returns, nobody who was let in is still at it. */
static void set_locked(struct dcrypt_sb *dsb, bool locked)
{
	percpu_down_write(&dsb->keys->users);
	WRITE_ONCE(dsb->keys->locked, locked);
	percpu_up_write(&dsb->keys->users);
}

/* ---- what is cached ---- */

/*
 * What is dropped from the cache is overwritten, if nobody else has it: who has, may
 * be reading from it.  That is waited for this often, in all.
 */
#define MOST_WAITS	1000
#define WAIT_US		100

struct dcrypt_wipe {
	unsigned int waits;
	unsigned long kept;		/* pages that others have kept */
};

/*
 * Folios that were just read wait on each CPU, referenced, to be put where they can be
 * reclaimed.  To let go of one there ends that.
 */
static long drain_cpu(void *unused)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct folio_batch batch;

	if (!page)
		return -ENOMEM;
	folio_batch_init(&batch);
	folio_batch_add(&batch, page_folio(page));
	folio_batch_release(&batch);
	return 0;
}

static void drain_cpus(void)
{
	int cpu;

	for_each_online_cpu(cpu)
		work_on_cpu_safe(cpu, drain_cpu, NULL);
}

/* The caller's reference is the only one, if nobody else has the folio. */
static int wipe_folio(struct address_space *mapping, struct folio *folio,
		      struct dcrypt_wipe *wipe)
{
	int err = invalidate_inode_pages2_range(mapping, folio->index,
						folio->index + folio_nr_pages(folio) - 1);

	if (err)
		return err;
	while (folio_ref_count(folio) > 1 && wipe->waits < MOST_WAITS) {
		wipe->waits++;
		usleep_range(WAIT_US, 2 * WAIT_US);
	}
	if (folio_ref_count(folio) > 1)
		wipe->kept += folio_nr_pages(folio);
	else
		folio_zero_range(folio, 0, folio_size(folio));
	return 0;
}

int dcrypt_wipe_cached(struct address_space *mapping, struct dcrypt_wipe *wipe)
{
	struct folio_batch batch;
	pgoff_t index = 0;
	unsigned int i;
	int err = 0;

	if (!mapping->nrpages)
		return 0;
	drain_cpus();
	folio_batch_init(&batch);
	while (!err && filemap_get_folios(mapping, &index, ULONG_MAX, &batch)) {
		for (i = 0; !err && i < folio_batch_count(&batch); i++)
			err = wipe_folio(mapping, batch.folios[i], wipe);
		folio_batch_release(&batch);
		cond_resched();
	}
	return err;
}

/* ---- the files ---- */

static int forget_file(struct inode *inode, struct dcrypt_wipe *wipe)
{
	int err;

	if (!S_ISREG(inode->i_mode))
		return 0;
	inode_lock(inode);
	filemap_invalidate_lock(inode->i_mapping);
	err = dcrypt_forget(inode, wipe);
	filemap_invalidate_unlock(inode->i_mapping);
	inode_unlock(inode);
	return err;
}

/* The next inode after @inode, referenced; the first one after NULL. */
static struct inode *next_inode(struct super_block *sb, struct inode *inode)
{
	struct inode *next = NULL;

	spin_lock(&sb->s_inode_list_lock);
	inode = inode ? list_next_entry(inode, i_sb_list) :
			list_first_entry(&sb->s_inodes, struct inode, i_sb_list);
	list_for_each_entry_from(inode, &sb->s_inodes, i_sb_list) {
		/* one that is being made has no key, and gets none */
		if (READ_ONCE(inode->i_state) & I_NEW)
			continue;
		next = igrab(inode);
		if (next)
			break;
	}
	spin_unlock(&sb->s_inode_list_lock);
	return next;
}

static int forget_files(struct super_block *sb, struct dcrypt_wipe *wipe)
{
	struct inode *inode = NULL, *next;
	int err = 0;

	while (!err && (next = next_inode(sb, inode))) {
		iput(inode);
		inode = next;
		err = signal_pending(current) ? -EINTR : forget_file(inode, wipe);
		cond_resched();
	}
	iput(inode);
	return err;
}

/*
 * The super operation drop_inode: of a locked mount, unused inodes are not kept, nor
 * what they know.
 */
int dcrypt_drop_inode(struct inode *inode)
{
	return dcrypt_is_locked(inode->i_sb) || generic_drop_inode(inode);
}

static void drop_unused_inodes(struct super_block *sb)
{
	struct inode *inode = NULL, *next;

	while ((next = next_inode(sb, inode))) {
		iput(inode);
		inode = next;
		cond_resched();
	}
	iput(inode);
}

/* ---- the mount ---- */

static int lock_mount(struct super_block *sb)
{
	struct dcrypt_sb *dsb = dcrypt_sb(sb);
	struct dcrypt_wipe wipe = {};
	int err;

	set_locked(dsb, true);
	err = forget_files(sb, &wipe);
	if (err) {
		set_locked(dsb, false);
		return err;
	}
	dcrypt_free_keys(dsb);
	/* their names, and the targets of symbolic links */
	shrink_dcache_sb(sb);
	drop_unused_inodes(sb);
	if (wipe.kept)
		pr_info("%u:%u: %lu pages were dropped from the cache, and not overwritten, as others use them\n",
			MAJOR(sb->s_dev), MINOR(sb->s_dev), wipe.kept);
	return 0;
}

static int dcrypt_lock_mount(struct super_block *sb)
{
	struct dcrypt_sb *dsb = dcrypt_sb(sb);
	int err;

	if (!dsb->format->load_keys)
		return -EOPNOTSUPP;
	/* most of what is dirty, while everything goes on; and errors before anything */
	down_read(&sb->s_umount);
	err = sync_filesystem(sb);
	up_read(&sb->s_umount);
	if (err)
		return err;

	if (mutex_lock_interruptible(&dsb->keys->mutex))
		return -EINTR;
	if (!dsb->keys->locked)
		err = lock_mount(sb);
	mutex_unlock(&dsb->keys->mutex);
	return err;
}

int dcrypt_unlock_mount(struct super_block *sb, struct p_log *log)
{
	struct dcrypt_sb *dsb = dcrypt_sb(sb);
	int err = 0;

	if (!dsb->format->load_keys)
		return -EOPNOTSUPP;
	mutex_lock(&dsb->keys->mutex);
	if (dsb->keys->locked) {
		err = dsb->format->load_keys(dsb, log);
		if (err)
			dcrypt_free_keys(dsb);
		else
			set_locked(dsb, false);
	}
	mutex_unlock(&dsb->keys->mutex);
	return err;
}

/* The file operation unlocked_ioctl of directories. */
long dcrypt_dir_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct super_block *sb = file_inode(file)->i_sb;

	if (cmd != DCRYPT_IOC_LOCK && cmd != DCRYPT_IOC_UNLOCK)
		return -ENOTTY;
	if (!capable(CAP_SYS_ADMIN) &&
	    !inode_owner_or_capable(dcrypt_nop_idmap, d_inode(sb->s_root)))
		return -EPERM;
	return cmd == DCRYPT_IOC_LOCK ? dcrypt_lock_mount(sb) :
					dcrypt_unlock_mount(sb, NULL);
}

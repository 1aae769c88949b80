// SPDX-License-Identifier: GPL-2.0
/* The module: its file system type and its inode cache. */

#include <linux/module.h>
#include <linux/slab.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"
#include "lower.h"
#include "mount.h"

static struct kmem_cache *dcrypt_inode_cache;

/* The super operations alloc_inode and free_inode (after an RCU grace period). */
struct inode *dcrypt_alloc_inode(struct super_block *sb)
{
	struct dcrypt_inode *di = alloc_inode_sb(sb, dcrypt_inode_cache,
						 GFP_KERNEL);

	if (!di)
		return NULL;
	di->lower = NULL;
	di->lower_dentry = NULL;
	di->lower_file = NULL;
	di->lower_file_ro = NULL;
	di->lower_users = 0;
	di->tfm = NULL;
	memset(&di->header, 0, sizeof(di->header));
	di->size_unknown = false;
	di->plain = false;
	di->plain_head = 0;
	spin_lock_init(&di->size_lock);
	di->size_untold = false;
	atomic64_set(&di->valid_size, 0);
	di->extending = 0;
	di->reached = 0;
	di->missed = LLONG_MAX;
	di->header_on_disk = false;
	di->end_unknown = false;
	di->tail_unknown = false;
	di->damaged = false;
	di->times_deferred = false;
	di->changed_here = false;
	di->has_nonce = false;
	di->nonce_unsaved = false;
	atomic_set(&di->names_made, 0);
	atomic_set(&di->names_synced, 0);
	di->said_skipped = false;
	atomic64_set(&di->disk_size, 0);
	return &di->vfs_inode;
}

void dcrypt_free_inode(struct inode *inode)
{
	/* a path walk under RCU may have been following it until now */
	if (S_ISLNK(inode->i_mode))
		kfree_sensitive(inode->i_link);
	kmem_cache_free(dcrypt_inode_cache, dcrypt_inode(inode));
}

static void dcrypt_inode_init_once(void *object)
{
	struct dcrypt_inode *di = object;

	mutex_init(&di->lock);
	inode_init_once(&di->vfs_inode);
}

struct file_system_type dcrypt_fs_type = {
	.owner			= THIS_MODULE,
	.name			= "dcryptfs",
	.init_fs_context	= dcrypt_init_fs_context,
	.parameters		= dcrypt_fs_parameters,
	.kill_sb		= dcrypt_kill_sb,
	.fs_flags		= FS_ALLOW_IDMAP,
};
MODULE_ALIAS_FS("dcryptfs");

static int __init dcrypt_init(void)
{
	int err;

	err = dcrypt_selftest();
	if (err)
		return err;

	dcrypt_inode_cache = kmem_cache_create("dcryptfs_inode",
					       sizeof(struct dcrypt_inode), 0,
					       SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT,
					       dcrypt_inode_init_once);
	if (!dcrypt_inode_cache)
		return -ENOMEM;

	err = dcrypt_sysfs_init();
	if (err)
		goto err_cache;

	err = dcrypt_lower_init();
	if (err)
		goto err_sysfs;

	dcrypt_truncate_init();
	/* before there is anything to be used: what it finds may refuse it all */
	err = dcrypt_dropin_init();
	if (err)
		goto err_lower;

	err = register_filesystem(&dcrypt_fs_type);
	if (err)
		goto err_dropin;
	return 0;

err_dropin:
	dcrypt_dropin_exit();
err_lower:
	dcrypt_lower_exit();
err_sysfs:
	dcrypt_sysfs_exit();
err_cache:
	kmem_cache_destroy(dcrypt_inode_cache);
	return err;
}

static void __exit dcrypt_exit(void)
{
	dcrypt_dropin_exit();
	unregister_filesystem(&dcrypt_fs_type);
	/* inodes are freed by RCU callbacks */
	rcu_barrier();
	dcrypt_lower_exit();
	dcrypt_bounce_exit();
	dcrypt_sysfs_exit();
	kmem_cache_destroy(dcrypt_inode_cache);
}

module_init(dcrypt_init);
module_exit(dcrypt_exit);

MODULE_DESCRIPTION("Stacked encrypting file system with direct I/O");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1");
/* the accelerated cipher, where the CPU has one, should win the first look-up */
MODULE_SOFTDEP("pre: aesni-intel");

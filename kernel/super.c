// SPDX-License-Identifier: GPL-2.0
/* Mounts: how one is made from a lower directory and a key, and what it is. */

#include <linux/file.h>
#include <linux/fs_context.h>
#include <linux/key.h>
#include <linux/kmod.h>
#include <linux/namei.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>

#include "data.h"
#include "dcryptfs.h"
#include "extent.h"
#include "format.h"
#include "inode.h"
#include "mount.h"
#include "names.h"

/* A mount must not keep the keys of the session alive that it was made from. */
static void drop_keyrings(struct cred *creds)
{
	key_put(creds->session_keyring);
	key_put(creds->process_keyring);
	key_put(creds->thread_keyring);
	key_put(creds->request_key_auth);
	creds->session_keyring = NULL;
	creds->process_keyring = NULL;
	creds->thread_keyring = NULL;
	creds->request_key_auth = NULL;
}

static struct dcrypt_sb *alloc_dsb(void)
{
	struct dcrypt_sb *dsb = kzalloc(sizeof(*dsb), GFP_KERNEL);
	struct cred *creds;

	if (!dsb)
		return NULL;
	mutex_init(&dsb->room_lock);
	dsb->stats = alloc_percpu(struct dcrypt_stats);
	creds = dsb->stats && !dcrypt_keys_init(dsb) ? prepare_creds() : NULL;
	if (!creds) {
		dcrypt_keys_exit(dsb);
		free_percpu(dsb->stats);
		kfree(dsb);
		return NULL;
	}
	drop_keyrings(creds);
	/* the lower filesystem's quotas and reserves hold for our users */
	cap_lower(creds->cap_effective, CAP_SYS_RESOURCE);
	dsb->creds = creds;
	return dsb;
}

void dcrypt_free_dsb(struct dcrypt_sb *dsb)
{
	if (!dsb)
		return;
	dput(dsb->lower_root);
	dcrypt_runs_exit(dsb);
	mempool_destroy(dsb->bounce);
	if (dsb->tfm)
		crypto_free_skcipher(dsb->tfm);
	dcrypt_keys_exit(dsb);
	if (dsb->format && dsb->format->free)
		dsb->format->free(dsb);
	if (dsb->lower_mnt)
		kern_unmount(dsb->lower_mnt);
	put_cred(dsb->creds);
	free_percpu(dsb->stats);
	kfree(dsb);
}

void dcrypt_kill_sb(struct super_block *sb)
{
	struct dcrypt_sb *dsb = dcrypt_sb(sb);

	/* its name is the device number, which is free again after this */
	dcrypt_sysfs_remove(dsb);
	kill_anon_super(sb);
	/* path walks under RCU may still be asking for permission */
	synchronize_rcu();
	/* and a mount may still be comparing, under a spinlock */
	WRITE_ONCE(sb->s_fs_info, NULL);
	synchronize_rcu();
	/* lower files that kernel threads closed keep the lower mount busy */
	dcrypt_runs_drain(dsb);
	flush_delayed_fput();
	dcrypt_free_dsb(dsb);
}

/* Can this directory lie below a mount of ours? */
static int check_lower(struct fs_context *fc, const struct path *path)
{
	struct super_block *lower_sb = path->dentry->d_sb;
	const struct dcrypt_params *params = fc->fs_private;
	bool rdonly;
	int err;

	/* mount.ecryptfs does not try again, as mount(8) does */
	if (params->dropin && (sb_rdonly(lower_sb) || __mnt_is_readonly(path->mnt)))
		fc->sb_flags |= SB_RDONLY;
	rdonly = fc->sb_flags & SB_RDONLY;
	if (lower_sb->s_op == &dcrypt_super_ops)
		return invalfc(fc, "%s is itself on dcryptfs: mount the directory below it",
			       fc->source);
	if (is_idmapped_mnt(path->mnt))
		return invalfc(fc, "%s is on an idmapped mount, which is not supported",
			       fc->source);
	if (IS_CASEFOLDED(d_inode(path->dentry)))
		return invalfc(fc, "%s ignores case in names, which is not supported: use a directory without chattr +F",
			       fc->source);
	if (lower_sb->s_stack_depth + 1 > FILESYSTEM_MAX_STACK_DEPTH)
		return invalfc(fc, "%s: too many filesystems are stacked already",
			       fc->source);
	if (!rdonly && (sb_rdonly(lower_sb) || __mnt_is_readonly(path->mnt))) {
		errorfc(fc, "%s is on a read-only filesystem: mount with -o ro",
			fc->source);
		return -EROFS;
	}
	err = inode_permission(dcrypt_nop_idmap, d_inode(path->dentry),
			       MAY_READ | MAY_EXEC | (rdonly ? 0 : MAY_WRITE));
	if (err)
		errorfc(fc, "%s is not %s: change its permissions%s",
			fc->source, rdonly ? "readable" : "writable",
			rdonly ? "" : " or mount with -o ro");
	return err;
}

/* Finds the lower directory. */
static int get_lower(struct dcrypt_sb *dsb, struct fs_context *fc)
{
	struct vfsmount *mnt;
	struct path path;
	int err;

	if (!fc->source)
		return invalfc(fc, "no lower directory given");
	err = kern_path(fc->source, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);
	if (err) {
		errorfc(fc, "%s: %s", fc->source,
			err == -ENOTDIR ? "not a directory" :
			err == -ENOENT ? "no such directory" :
			"cannot be looked up");
		return err;
	}

	err = check_lower(fc, &path);
	if (err)
		goto out;
	mnt = clone_private_mount(&path);
	if (IS_ERR(mnt)) {
		err = PTR_ERR(mnt);
		errorfc(fc, "%s: its mount cannot be used from here", fc->source);
		goto out;
	}
	dsb->lower_mnt = mnt;
	dsb->lower_root = dget(path.dentry);
out:
	path_put(&path);
	return err;
}

/* Options of eCryptfs tell that the directory is one of its volumes. */
static int setup_volume(struct dcrypt_sb *dsb, struct fs_context *fc)
{
	const struct dcrypt_params *params = fc->fs_private;
	int err;

	dsb->format = params->ecryptfs.given || params->dropin ?
		      &dcrypt_ecryptfs_format : &dcrypt_native_format;
	err = dsb->format->setup(dsb, fc);
	if (!err)
		err = dcrypt_bounce_init(dsb);
	return err ?: dcrypt_runs_init(dsb);
}

/*
 * Can others change the files?  Then the filesystem has to be asked about what is
 * known of them; but some with a disk of their own are asked because of fscrypt.
 */
static bool is_remote(const struct dentry *root)
{
	if (!(root->d_flags & DCACHE_OP_REVALIDATE))
		return false;
	return !(root->d_sb->s_type->fs_flags & FS_REQUIRES_DEV) ||
	       !dcrypt_has_fscrypt(root->d_sb);
}

static int setup_super(struct super_block *sb)
{
	struct super_block *lower_sb = dcrypt_sb(sb)->lower_root->d_sb;
	int err;

	dcrypt_sb(sb)->remote = is_remote(dcrypt_sb(sb)->lower_root);
	dcrypt_sb(sb)->lower_told = errseq_sample(&lower_sb->s_wb_err);
	sb->s_stack_depth = lower_sb->s_stack_depth + 1;
	sb->s_maxbytes = dcrypt_sb(sb)->format->max_size(lower_sb->s_maxbytes);
	sb->s_blocksize = DCRYPT_BLOCK_SIZE;
	sb->s_blocksize_bits = DCRYPT_BLOCK_BITS;
	sb->s_time_gran = lower_sb->s_time_gran;
	sb->s_time_min = lower_sb->s_time_min;
	sb->s_time_max = lower_sb->s_time_max;
	sb->s_magic = dcrypt_sb(sb)->format->magic;
	sb->s_op = &dcrypt_super_ops;
	sb->s_d_op = &dcrypt_dentry_ops;
	sb->s_xattr = dcrypt_xattr_handlers;
	dcrypt_init_export(sb);
	sb->s_flags |= SB_NOSEC | (lower_sb->s_flags & SB_POSIXACL);
	/*
	 * A block must not change while it is encrypted: what a program writes
	 * past the end of a file through mmap must not reach the padding.
	 */
	sb->s_iflags |= SB_I_STABLE_WRITES;
	/* who may use little memory waits for writeback before all of it is dirty */
	sb->s_iflags |= SB_I_CGROUPWB;

	err = super_setup_bdi(sb);
	if (err)
		return err;
	sb->s_bdi->ra_pages = max_t(unsigned long, sb->s_bdi->ra_pages,
				    lower_sb->s_bdi->ra_pages);
	return 0;
}

static int setup_root(struct super_block *sb)
{
	struct dentry *lower = dcrypt_sb(sb)->lower_root;
	struct inode *inode = dcrypt_iget(sb, igrab(d_inode(lower)));

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	sb->s_root = d_make_root(inode);
	if (!sb->s_root)
		return -ENOMEM;
	sb->s_root->d_fsdata = dget(lower);
	return 0;
}

static int fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct dcrypt_sb *dsb = dcrypt_sb(sb);
	int err = setup_super(sb);

	if (!err)
		err = setup_root(sb);
	if (!err)
		err = dcrypt_sysfs_add(sb);
	if (err)
		return err;
	sb->s_flags |= SB_ACTIVE;
	pr_info("%s on %s: %s by %s\n", fc->source,
		dsb->lower_root->d_sb->s_type->name, dsb->cipher_name,
		crypto_skcipher_driver_name(dsb->tfm));
	return 0;
}

/* Under a spinlock.  Two caches above one lower directory would not agree. */
static int same_volume(struct super_block *sb, struct fs_context *fc)
{
	struct dcrypt_sb *have = READ_ONCE(sb->s_fs_info);
	struct dcrypt_sb *want = fc->s_fs_info;

	return have && have->lower_root == want->lower_root;
}

/* Can one more mount of a volume be the same as the one that is there? */
static int check_same(struct super_block *sb, struct fs_context *fc)
{
	struct dcrypt_sb *have = dcrypt_sb(sb), *want = fc->s_fs_info;
	int err;

	if (have->format != want->format) {
		errorfc(fc, "%s is mounted already, as a volume of the other format",
			fc->source);
		return -EBUSY;
	}
	if ((fc->sb_flags ^ sb->s_flags) & SB_RDONLY) {
		errorfc(fc, "%s is mounted already, %s", fc->source,
			sb_rdonly(sb) ? "read-only" : "and not read-only");
		return -EBUSY;
	}
	err = have->format->check_same(have, want, fc);
	/* who mounts it has the key, and expects to use it */
	if (!err && dcrypt_is_locked(sb))
		err = dcrypt_unlock_mount(sb, &fc->log);
	return err;
}

/* Is the volume mounted as another type of filesystem? */
struct other_type {
	const struct dentry *lower_root;
	bool mounted;
};

static void compare_other(struct super_block *sb, void *arg)
{
	const struct dcrypt_sb *have = dcrypt_sb(sb);
	struct other_type *other = arg;

	if (have && have->lower_root == other->lower_root)
		other->mounted = true;
}

static int check_other_type(struct fs_context *fc)
{
	struct dcrypt_sb *want = fc->s_fs_info;
	struct other_type other = { .lower_root = want->lower_root };
	struct file_system_type *type = dcrypt_other_type(fc->fs_type);

	if (type)
		iterate_supers_type(type, compare_other, &other);
	if (!other.mounted)
		return 0;
	errorfc(fc, "%s is mounted already, as type %s", fc->source, type->name);
	return -EBUSY;
}

/* Two mounts of one directory by two types look for each other, one after the other. */
static DEFINE_MUTEX(mount_mutex);

static int get_volume(struct fs_context *fc)
{
	struct super_block *sb;
	int err = check_other_type(fc);

	if (err)
		return err;
	sb = sget_fc(fc, same_volume, set_anon_super_fc);
	if (IS_ERR(sb))
		return PTR_ERR(sb);
	err = sb->s_root ? check_same(sb, fc) : fill_super(sb, fc);
	if (err) {
		deactivate_locked_super(sb);
		return err;
	}
	fc->root = dget(sb->s_root);
	return 0;
}

/*
 * The fs_context operation get_tree.  A volume that is mounted already is
 * mounted once more, as the same filesystem.
 */
int dcrypt_get_tree(struct fs_context *fc)
{
	struct dcrypt_sb *dsb = alloc_dsb();
	int err;

	if (!dsb)
		return -ENOMEM;
	/* freed with the context, unless a superblock takes it over */
	fc->s_fs_info = dsb;
	err = get_lower(dsb, fc);
	if (!err)
		err = setup_volume(dsb, fc);
	if (err)
		return err;
	mutex_lock(&mount_mutex);
	err = get_volume(fc);
	mutex_unlock(&mount_mutex);
	return err;
}

/* Remount: only "ro" and "rw" can change. */
int dcrypt_reconfigure(struct fs_context *fc)
{
	struct dcrypt_sb *dsb = dcrypt_sb(fc->root->d_sb);
	struct super_block *lower_sb = dsb->lower_mnt->mnt_sb;
	int err = dsb->format->check_remount(dsb, fc);

	if (err)
		return err;
	if (!(fc->sb_flags_mask & SB_RDONLY))
		return 0;
	if (fc->sb_flags & SB_RDONLY)
		return sync_filesystem(fc->root->d_sb);
	if (sb_rdonly(lower_sb) || __mnt_is_readonly(dsb->lower_mnt)) {
		errorfc(fc, "the lower filesystem is read-only");
		return -EROFS;
	}
	return 0;
}

int dcrypt_want_write(struct super_block *sb)
{
	return mnt_want_write(dcrypt_sb(sb)->lower_mnt);
}

void dcrypt_drop_write(struct super_block *sb)
{
	mnt_drop_write(dcrypt_sb(sb)->lower_mnt);
}

static int dcrypt_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct dcrypt_sb *dsb = dcrypt_sb(dentry->d_sb);
	struct path lower = dcrypt_lower_path(dentry);
	int err = vfs_statfs(&lower, buf);
	u64 id;

	if (err)
		return err;
	buf->f_type = dsb->format->magic;
	/* the volume's own, the same after each mount: NFS servers go by it */
	memcpy(&id, dsb->key_id, sizeof(id));
	buf->f_fsid = u64_to_fsid(id);
	buf->f_namelen = dsb->names->max_len(buf->f_namelen);
	return 0;
}

/* What the lower filesystem failed to write back is for syncfs() above to tell, too. */
static void pass_on_error(struct super_block *sb, struct super_block *lower_sb)
{
	struct dcrypt_sb *dsb = dcrypt_sb(sb);
	errseq_t since = READ_ONCE(dsb->lower_told), now = since;
	int err = errseq_check_and_advance(&lower_sb->s_wb_err, &now);

	/* or somebody else does it just now */
	if (err && cmpxchg(&dsb->lower_told, since, now) == since)
		errseq_set(&sb->s_wb_err, err);
}

/* What is above has been written; now the lower filesystem. */
static int dcrypt_sync_fs(struct super_block *sb, int wait)
{
	struct super_block *lower_sb = dcrypt_sb(sb)->lower_mnt->mnt_sb;
	int err;

	/* with wait == 0 the lower one gets its own call */
	if (!wait)
		return 0;
	down_read(&lower_sb->s_umount);
	err = sync_filesystem(lower_sb);
	up_read(&lower_sb->s_umount);
	pass_on_error(sb, lower_sb);
	return err;
}

/*
 * The super operations freeze_fs and unfreeze_fs.  The VFS keeps writers out and
 * has everything synced, below as well; the lower filesystem is not frozen, as it
 * may have other users.
 */
static int dcrypt_freeze_fs(struct super_block *sb)
{
	return 0;
}

static int dcrypt_show_options(struct seq_file *m, struct dentry *root)
{
	struct dcrypt_sb *dsb = dcrypt_sb(root->d_sb);

	dsb->format->show_options(m, dsb);
	return 0;
}

const struct super_operations dcrypt_super_ops = {
	.alloc_inode	= dcrypt_alloc_inode,
	.free_inode	= dcrypt_free_inode,
	.drop_inode	= dcrypt_drop_inode,
	.evict_inode	= dcrypt_evict_inode,
	.write_inode	= dcrypt_write_inode,
	.statfs		= dcrypt_statfs,
	.sync_fs	= dcrypt_sync_fs,
	.freeze_fs	= dcrypt_freeze_fs,
	.unfreeze_fs	= dcrypt_freeze_fs,
	.show_options	= dcrypt_show_options,
};

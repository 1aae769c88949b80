/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's private interfaces, a section for each source file.
 *
 * Data goes one way:
 *
 *   file.c --> read.c, write.c (page cache) --+
 *         \--> direct.c ----------------------+--> extent.c --> format/ --> lower.c
 *
 * "Upper" is what programs see, "lower" what lies in the directory below.  A
 * "block" is DCRYPT_BLOCK_SIZE bytes of upper data, the unit of encryption.
 *
 * Locks, outermost first: upper i_rwsem, mapping->invalidate_lock, folio lock,
 * dcrypt_inode.lock, lower i_rwsem.  Documentation/locking.md says more.
 */
#ifndef DCRYPTFS_H
#define DCRYPTFS_H

#include <linux/fs.h>
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/fs_parser.h>
#include <linux/jiffies.h>
#include <linux/kobject.h>
#include <linux/mempool.h>
#include <linux/mount.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/scatterlist.h>
#include <linux/sched/mm.h>
#include <crypto/hash.h>
#include <crypto/skcipher.h>

#include "ondisk.h"
#include "ondisk_ecryptfs.h"

struct dcrypt_ecryptfs;
struct dcrypt_format_ops;
struct dcrypt_name_ops;
struct fileattr;
struct fiemap_extent_info;
struct seq_file;
struct xattr_handler;

/* An upper block is a page of the page cache. */
static_assert(PAGE_SIZE == DCRYPT_BLOCK_SIZE);

/* What a mount has done, on one CPU. */
struct dcrypt_stats {
	u64 names_skipped;		/* entries that readdir did not show */
	u64 direct_read;		/* bytes that programs moved with O_DIRECT... */
	u64 direct_written;
	u64 cached_read;		/* ...and through the page cache, without mmap */
	u64 cached_written;
	u64 lower_direct;		/* bytes of data moved by direct lower I/O... */
	u64 lower_buffered;		/* ...and through the lower page cache */
	u64 merged_blocks;		/* read and written again for a part of them */
	u64 bounce_waits;		/* requests that waited for bounce pages */
	u64 queued_runs;		/* runs that a worker went on with... */
	u64 queued_ns;			/* ...and the nanoseconds until it did */
};

/* A mount.  Everything is set before the first inode exists and then constant. */
struct dcrypt_sb {
	struct vfsmount *lower_mnt;	/* a private clone of the lower mount */
	struct dentry *lower_root;	/* referenced */
	const struct cred *creds;	/* the mounter's, for all work below */
	const struct dcrypt_format_ops *format;
	const struct dcrypt_name_ops *names;
	const struct dcrypt_cipher *cipher; /* of a native volume */
	const char *cipher_name;	/* as users write it */
	struct dcrypt_ecryptfs *ecryptfs; /* of another: format/ecryptfs.h */
	/*
	 * Without a key.  A file's transform is of this one's driver, or needs no
	 * more room for its requests.
	 */
	struct crypto_skcipher *tfm;
	unsigned int reqsize;		/* the room that run contexts have */
	struct crypto_shash *kdf;	/* HMAC keyed with the HKDF PRK */
	struct crypto_shash *name_mac;	/* HMAC-SHA256; NULL with plain names */
	struct crypto_skcipher *name_tfm; /* AES-256-CTR; NULL with plain names */
	mempool_t *runs;		/* of struct dcrypt_run_ctx */
	mempool_t *runs_here;		/* the same, for runs that are waited for */
	struct workqueue_struct *end_wq; /* what is over below; never waits for runs */
	struct workqueue_struct *wait_wq; /* what may wait for runs, not for i_rwsem */
	struct workqueue_struct *sync_wq; /* what may wait for anything */
	mempool_t *bounce;		/* reserve of bounce pages: bounce.c */
	atomic_t bounce_used;		/* bounce pages that are taken */
	unsigned int bounce_peak;	/* the most there were; no lock: about */
	unsigned int bounce_max;	/* how many may be */
	wait_queue_head_t bounce_wait;	/* for that */
	u8 key_id[DCRYPT_KEY_ID_SIZE];
	bool remote;			/* the lower files may be others' as well */
	atomic_t warned_buffered;	/* lower I/O was buffered, and we said so */
	/* Folios that may become dirty before room is looked for again: space.c... */
	atomic_long_t room;
	unsigned long room_until;	/* ...and the jiffies until which that holds */
	struct mutex room_lock;		/* who looks for it */
	struct dcrypt_stats __percpu *stats;
	struct kobject kobj;		/* in /sys/fs/dcryptfs/ */
	struct completion kobj_gone;	/* its last user is */
	bool has_kobj;
};

/* What tells whether the data of a lower file was changed. */
struct dcrypt_lower_state {
	loff_t size;
	struct timespec64 mtime;
	struct timespec64 ctime;	/* this and the next only of remote ones */
	u64 version;
};

/* What a file's header says, as its format needs it. */
union dcrypt_header {
	struct dcrypt_native_fields native;
	struct dcrypt_ecryptfs_file {
		loff_t size;		/* that it was found with */
		u32 data_start;		/* where the first block lies below */
		u8 cipher;		/* DCRYPT_ECRYPTFS_CIPHER_* */
		u8 key_size;		/* bytes */
		bool in_xattr;		/* the header is; there is none in the file */
		u8 key[DCRYPT_ECRYPTFS_MAX_KEY];
		u8 iv[DCRYPT_ECRYPTFS_IV_SIZE]; /* that all others are made from */
	} ecryptfs;
};

/* An inode. */
struct dcrypt_inode {
	struct inode *lower;		/* constant, referenced */
	/*
	 * Guards what follows, and every change of the lower file's size.
	 * Writeback takes it, so it is taken with dcrypt_lock().
	 */
	struct mutex lock;
	struct dentry *lower_dentry;	/* that lower_file was opened by */
	struct file *lower_file;	/* for reading, mostly for writing too */
	struct file *lower_file_ro;	/* replaced by one that can be written */
	unsigned int lower_users;	/* who may use lower_file just now */
	/*
	 * Up to which upper offset there is data below.  Read without the lock:
	 * what lies at or past it is a hole.
	 */
	atomic64_t disk_size;
	/* the size is in the header, and was not read; also read without the lock */
	bool size_unknown;
	/*
	 * What was read is no header, or the file is shown as it is: plain.c.  These
	 * are also read without the lock.
	 */
	bool plain;
	u32 plain_head;			/* bytes of a header shown in front of it */
	/*
	 * Where the size is in the header, what must get there: size.c.  Guarded by
	 * size_lock, as is disk_size; the first two are also read without it.
	 */
	spinlock_t size_lock;
	bool size_untold;		/* the header says another */
	atomic64_t valid_size;		/* up to which all is written below */
	unsigned int extending;		/* writes past it that are under way */
	loff_t reached;			/* the end of those that succeeded... */
	loff_t missed;			/* ...the first byte that one did not write */
	/*
	 * The file key, ready to be used; NULL until the first access to data.
	 * Published with a release store.  It goes only with an exclusive i_rwsem
	 * and invalidate_lock, when nothing is cached: changed.c.
	 */
	struct crypto_skcipher *tfm;
	union dcrypt_header header;	/* valid once tfm is set */
	bool header_on_disk;		/* false for a lower file of size 0 */
	/*
	 * Of regular files: the lower state that what is cached here is of; and
	 * whether that was changed from here since (also set without the lock).
	 * Guarded by i_lock.
	 */
	struct dcrypt_lower_state state;
	bool changed_here;
	/*
	 * What lies past disk_size on disk may not be zeros: in the padding of
	 * the last block, and, if the second is true as well, in what follows.
	 * The first is read without the lock; it becomes true only when nobody
	 * writes (an exclusive i_rwsem, and no folio of that block in writeback).
	 */
	bool end_unknown;
	bool tail_unknown;
	bool damaged;			/* the lower size is none of this format */
	/* The folio that write() is at must not become dirty.  Guarded by i_rwsem. */
	bool write_through;
	bool times_deferred;		/* mtime must still reach the lower inode */
	/*
	 * Of directories, with encrypted names.  Set under i_lock; the nonce is
	 * constant once has_nonce was seen set (with an acquire load).
	 */
	u8 nonce[DCRYPT_SEAL_NONCE_SIZE];
	bool has_nonce;
	/*
	 * How often something was made in it that names depend on (its nonce, a
	 * sidecar); and how many of these are on stable storage.
	 */
	atomic_t names_made;
	atomic_t names_synced;
	bool said_skipped;		/* the log has that names were not shown */
	struct inode vfs_inode;
};

/*
 * Takes dcrypt_inode.lock, under which no allocation may enter a filesystem.
 * The result goes to dcrypt_unlock().
 */
static inline unsigned int dcrypt_lock(struct dcrypt_inode *di)
{
	mutex_lock(&di->lock);
	return memalloc_nofs_save();
}

static inline void dcrypt_unlock(struct dcrypt_inode *di, unsigned int nofs)
{
	memalloc_nofs_restore(nofs);
	mutex_unlock(&di->lock);
}

static inline struct dcrypt_sb *dcrypt_sb(const struct super_block *sb)
{
	return sb->s_fs_info;
}

static inline struct dcrypt_inode *dcrypt_inode(const struct inode *inode)
{
	return container_of(inode, struct dcrypt_inode, vfs_inode);
}

/* The lower inode; no reference is passed on. */
static inline struct inode *dcrypt_lower_inode(const struct inode *inode)
{
	return dcrypt_inode(inode)->lower;
}

/* The lower dentry of an upper one; no reference is passed on. */
static inline struct dentry *dcrypt_lower_dentry(const struct dentry *dentry)
{
	return READ_ONCE(*(struct dentry * const *)&dentry->d_fsdata);
}

/*
 * Gives an upper dentry its lower one, whose reference is taken from the caller in
 * any case.  One that was found by its inode may have it already.
 */
static inline void dcrypt_set_lower_dentry(struct dentry *dentry,
					   struct dentry *lower)
{
	if (cmpxchg(&dentry->d_fsdata, NULL, (void *)lower))
		dput(lower);
}

/* The lower path of an upper dentry; no references are passed on. */
static inline struct path dcrypt_lower_path(const struct dentry *dentry)
{
	return (struct path) {
		.mnt = dcrypt_sb(dentry->d_sb)->lower_mnt,
		.dentry = dcrypt_lower_dentry(dentry),
	};
}

/*
 * Assumes the mounter's credentials for work on the lower filesystem; the
 * result goes to revert_creds().
 */
static inline const struct cred *dcrypt_override_creds(struct super_block *sb)
{
	return override_creds(dcrypt_sb(sb)->creds);
}

/* ---- main.c: the module and the inode cache ---- */

extern struct file_system_type dcrypt_fs_type;

struct inode *dcrypt_alloc_inode(struct super_block *sb);
void dcrypt_free_inode(struct inode *inode);

/* ---- dropin.c: in place of the kernel's eCryptfs ---- */

/* 0; EBUSY: the file system type is there already, as the log says. */
int dcrypt_dropin_init(void);
void dcrypt_dropin_exit(void);
/* The other of our types, or NULL if there is but one. */
struct file_system_type *dcrypt_other_type(const struct file_system_type *type);

/* ---- params.c: mount options ---- */

struct fs_context;

#define DCRYPT_ECRYPTFS_MAX_SIGS	8
#define DCRYPT_ECRYPTFS_CIPHER_NAME	16	/* characters, with NUL */

/* The options of an eCryptfs volume.  What was not given is 0. */
struct dcrypt_ecryptfs_options {
	bool given;			/* any of them */
	unsigned int nr_sigs;
	char sigs[DCRYPT_ECRYPTFS_MAX_SIGS][DCRYPT_ECRYPTFS_SIG_HEX + 1];
	char cipher[DCRYPT_ECRYPTFS_CIPHER_NAME];
	unsigned int key_bytes;
	char fnek_sig[DCRYPT_ECRYPTFS_SIG_HEX + 1];
	char fn_cipher[DCRYPT_ECRYPTFS_CIPHER_NAME];
	unsigned int fn_key_bytes;
	bool passthrough;		/* files without a header are as they are */
	bool view;			/* all files are as they are, to be read */
	bool xattr;			/* headers are in extended attributes */
	bool unlink_sigs;
	bool token_only;		/* no keys but the mount's */
	bool check_ruid;
};

struct dcrypt_params {
	bool dropin;			/* of the file system type ecryptfs */
	char *cipher;			/* as written, or NULL */
	char *names;			/* as written, or NULL */
	bool has_key;
	u8 key_id[DCRYPT_KEY_ID_SIZE];
	struct dcrypt_ecryptfs_options ecryptfs;
};

extern const struct fs_parameter_spec dcrypt_fs_parameters[];
int dcrypt_init_fs_context(struct fs_context *fc);

/* ---- super.c ---- */

int dcrypt_get_tree(struct fs_context *fc);
int dcrypt_reconfigure(struct fs_context *fc);
void dcrypt_kill_sb(struct super_block *sb);
/* Of a context whose mount failed; NULL is fine. */
void dcrypt_free_dsb(struct dcrypt_sb *dsb);

/* ---- key.c: keys in the kernel's keyrings ---- */

struct key;
struct key_type;

/*
 * Finds a key in the caller's keyrings, and references it.  ENOKEY, EKEYEXPIRED,
 * EKEYREVOKED, EACCES.
 */
struct key *dcrypt_find_key(struct key_type *type, const char *description);

/* What a key payload says of its volume. */
struct dcrypt_volume {
	u8 format;			/* DCRYPT_FORMAT_* */
	u8 suite;			/* DCRYPT_SUITE_* */
	u8 names;			/* DCRYPT_NAMES_* */
};

/*
 * Finds the volume key with the identifier dsb->key_id in the caller's
 * keyrings, fills in *@volume and sets dsb->kdf up with it.  Returns 0, ENOKEY,
 * EKEYREJECTED (the key is not what its name says), or what the keyring says;
 * the reason is in the mount's log.
 */
int dcrypt_load_volume_key(struct dcrypt_sb *dsb, struct fs_context *fc,
			   struct dcrypt_volume *volume);

/* ---- kdf.c: HKDF-SHA512 (RFC 5869) ---- */

/*
 * HKDF-Extract with an empty salt.  Returns an HMAC keyed with the result, to
 * be freed with crypto_free_shash(), or an ERR_PTR.
 */
struct crypto_shash *dcrypt_hkdf_extract(const u8 *ikm, unsigned int len);

/*
 * HKDF-Expand: @len bytes, at most 64, to @okm; "info" is @label and then the
 * @context_len bytes at @context.  Any context but an interrupt.
 */
int dcrypt_hkdf_expand(struct crypto_shash *prk, const char *label,
		       const void *context, unsigned int context_len,
		       u8 *okm, unsigned int len);

/* ---- cipher.c: suites, and blocks through the kernel's crypto API ---- */

struct dcrypt_cipher {
	const char *name;		/* as users write it */
	const char *crypto_name;	/* as the crypto API does */
	const char *module;		/* alias "crypto-..." of what implements it */
	u8 suite;			/* DCRYPT_SUITE_* */
	unsigned int key_size;		/* bytes */
};

const struct dcrypt_cipher *dcrypt_cipher_by_suite(u8 suite);
const struct dcrypt_cipher *dcrypt_cipher_by_name(const char *name);

/*
 * A transform without a key, or an ERR_PTR.  @crypto_name is an algorithm's, or
 * the name of the one driver that must be taken.
 */
struct crypto_skcipher *dcrypt_cipher_alloc(const char *crypto_name);

/*
 * Encrypts or decrypts one block of DCRYPT_BLOCK_SIZE bytes with @req, a
 * request of the file's transform, and @iv, which is lost; DCRYPT_IV() makes one.
 * @src and @dst may have several entries.
 * May sleep.  Returns 0 or the cipher's error.
 */
int dcrypt_cipher_block(struct skcipher_request *req, u8 *iv,
			struct scatterlist *src, struct scatterlist *dst,
			bool encrypt);

/* An IV: aligned, or some drivers would allocate a copy for each block. */
#define DCRYPT_IV(name)		u8 name[16] __aligned(16)

/* ---- inode.c: inodes and their life ---- */

/*
 * The upper inode of @lower, whose reference is taken from the caller in any
 * case.  Returns it referenced, or an ERR_PTR.
 */
struct inode *dcrypt_iget(struct super_block *sb, struct inode *lower);
void dcrypt_evict_inode(struct inode *inode);

/*
 * Takes a regular file's size from the lower file, with dcrypt_inode.lock if others
 * see it.  If it is in the header, it stays unknown until dcrypt_know_size(), unless
 * the lower file is open.  Only then can it fail: EIO, ENOMEM.
 */
int dcrypt_load_size(struct inode *inode);
/* Makes the size known.  The caller has a hold.  0, EIO, ENOMEM, ... */
int dcrypt_know_size(struct inode *inode);

/* Copies attributes, but not a regular file's size, from the lower inode. */
void dcrypt_copy_attrs(struct inode *inode);

extern const struct super_operations dcrypt_super_ops;
extern const struct inode_operations dcrypt_dir_iops;
extern const struct inode_operations dcrypt_file_iops;
extern const struct inode_operations dcrypt_special_iops;
extern const struct inode_operations dcrypt_symlink_iops;

/* ---- attr.c ---- */

int dcrypt_permission(dcrypt_idmap_t idmap, struct inode *inode, int mask);
int dcrypt_setattr(dcrypt_idmap_t idmap, struct dentry *dentry,
		   struct iattr *ia);
int dcrypt_getattr(dcrypt_idmap_t idmap, const struct path *path,
		   struct kstat *stat, u32 mask, unsigned int flags);

/*
 * Changes attributes of the lower inode, but not its size.  The caller holds the
 * upper i_rwsem, and has made the checks.  @idmap is that of @ia.
 */
int dcrypt_setattr_lower(dcrypt_idmap_t idmap, struct dentry *dentry,
			 const struct iattr *ia);

/* Logs that the file's size makes no sense, and returns EIO. */
int dcrypt_damaged_size(struct inode *inode);

/*
 * Brings an mtime that could not be forwarded when it changed to the lower
 * inode.  The caller holds the lower file (dcrypt_lower_hold).
 */
void dcrypt_flush_times(struct inode *inode);

DCRYPT_UPDATE_TIME(dcrypt_update_time);

/* ---- xattr.c, acl.c, fileattr.c: more attributes, which are the lower inode's ---- */

/* For the superblock; ends with NULL. */
extern const struct xattr_handler *dcrypt_xattr_handlers[];

/* The inode operations listxattr, fileattr_get and fileattr_set. */
ssize_t dcrypt_listxattr(struct dentry *dentry, char *list, size_t size);
int dcrypt_fileattr_get(struct dentry *dentry, struct fileattr *fa);
int dcrypt_fileattr_set(dcrypt_idmap_t idmap, struct dentry *dentry,
			struct fileattr *fa);

/* DCRYPT_ACL_IOPS is what a table of inode operations has for ACLs. */
#ifdef CONFIG_FS_POSIX_ACL
/* Of a new inode: the VFS is not to cache its ACLs. */
void dcrypt_init_acl(struct inode *inode);
/* The inode operations that get (also in RCU mode) and set an ACL. */
struct posix_acl *dcrypt_get_acl(struct inode *inode, int type, bool rcu);
DCRYPT_SET_ACL(dcrypt_set_acl);

#define DCRYPT_ACL_IOPS \
	.dcrypt_iop_get_acl = dcrypt_get_acl, \
	.set_acl = dcrypt_set_acl,
#else
static inline void dcrypt_init_acl(struct inode *inode)
{
}

#define DCRYPT_ACL_IOPS
#endif

/* ---- namei.c, rename.c, dentry.c, readdir.c, symlink.c ---- */

/*
 * The lower dentry of @dentry, if it is still a child of @lower_dir, whose lock
 * the caller holds, and called @name there; else ERR_PTR(-ESTALE), on which the
 * VFS looks up again.  No reference is passed on.
 */
struct dentry *dcrypt_lower_child(struct dentry *lower_dir,
				  struct dentry *dentry,
				  const struct qstr *name);
/*
 * The lower name of @dentry in its directory @dir, to be given back with
 * dcrypt_name_put().  0, EPERM (a name that is not to be had), ENAMETOOLONG,
 * EIO (the directory is damaged), ...
 */
int dcrypt_encode_name(struct inode *dir, const struct dentry *dentry,
		       struct qstr *name);
/*
 * Before a lower entry goes, with its lower directory locked: a directory must
 * be empty of names, and then of what is hidden in it.  If the entry stays after
 * all, dcrypt_stays() puts that back.
 */
int dcrypt_goes(struct inode *inode, struct dentry *lower);
void dcrypt_stays(struct inode *inode, struct dentry *lower);
/* Was it renamed below?  Not in RCU mode. */
bool dcrypt_dentry_moved_below(struct dentry *dentry);
int dcrypt_rename(dcrypt_idmap_t idmap, struct inode *old_dir,
		  struct dentry *old_dentry, struct inode *new_dir,
		  struct dentry *new_dentry, unsigned int flags);
/* Is the lower mount writable?  0, or EROFS and the like; drop afterwards. */
int dcrypt_want_write(struct super_block *sb);
void dcrypt_drop_write(struct super_block *sb);
/*
 * Brings what the names on the way from @dentry up to the root depend on to
 * stable storage, where it may not be.
 */
int dcrypt_sync_names(struct dentry *dentry);
/* The length of a symbolic link's target, as readlink() will show it, or an error. */
int dcrypt_link_size(struct dentry *dentry);

extern const struct dentry_operations dcrypt_dentry_ops;
extern const struct file_operations dcrypt_dir_fops;

/* ---- export.c: file handles ---- */

/* Of a superblock that is being set up: handles, if the lower one has them. */
void dcrypt_init_export(struct super_block *sb);

/* ---- file.c ---- */

extern const struct file_operations dcrypt_file_fops;
/* File operations that are the same for files that are let through. */
int dcrypt_release(struct inode *inode, struct file *file);
int dcrypt_fsync(struct file *file, loff_t start, loff_t end, int datasync);

/*
 * Makes a file ready for what comes after opening it, @write if it will be written
 * to: its size is known and makes sense, and where the format wants it, so is its
 * key.  The caller has a hold.  0, EIO, ENOKEY, ...
 */
int dcrypt_ready(struct inode *inode, bool write);

/*
 * Before data is written from @pos on, with i_rwsem: in a format without holes, what
 * is between the file's end and @pos becomes zeros below.  0, ENOSPC, EINTR, ...
 */
int dcrypt_fill_gap(struct inode *inode, loff_t pos);

/*
 * With i_rwsem: nothing was written behind a gap that was filled, so what was filled is
 * of no use, and takes room.
 */
void dcrypt_empty_gap(struct inode *inode);

/*
 * Whether and what to write, as generic_write_checks() says; EPERM if the file is
 * immutable.  The caller holds i_rwsem.
 */
ssize_t dcrypt_write_checks(struct kiocb *iocb, struct iov_iter *from);

/*
 * Writes to the page cache at iocb->ki_pos, which advances.  The caller holds
 * i_rwsem exclusively and has made the checks.  Bytes taken, or an error.
 */
ssize_t dcrypt_buffered_write(struct kiocb *iocb, struct iov_iter *from);

/* ---- plain.c: files that are let through ---- */

extern const struct file_operations dcrypt_plain_fops;
/* Sets the lower file's size.  The caller holds i_rwsem and has a hold. */
int dcrypt_plain_truncate(struct inode *inode, loff_t size);
/* The upper size is what the lower one is now, and what is shown in front. */
void dcrypt_plain_size(struct inode *inode);

/* ---- space.c: room below for what is dirty ---- */

bool dcrypt_look_for_room(struct super_block *sb, unsigned int pages);

static inline bool dcrypt_has_room(struct dcrypt_sb *dsb, unsigned int pages)
{
	return atomic_long_sub_return(pages, &dsb->room) >= 0 &&
	       time_before(jiffies, READ_ONCE(dsb->room_until));
}

/*
 * May so many more pages become dirty?  The caller holds i_rwsem, and no folio's
 * lock: it may be that much is written back before.
 */
static inline bool dcrypt_take_room(struct super_block *sb, unsigned int pages)
{
	return likely(dcrypt_has_room(dcrypt_sb(sb), pages)) ||
	       dcrypt_look_for_room(sb, pages);
}

/* The lower filesystem had no room: what was found of it is gone. */
static inline void dcrypt_forget_room(struct super_block *sb)
{
	atomic_long_set(&dcrypt_sb(sb)->room, 0);
}

/* ---- read.c, write.c: the page cache ---- */

extern const struct address_space_operations dcrypt_aops;

int dcrypt_read_folio(struct file *file, struct folio *folio);
/* Fills a locked folio, which stays locked. */
int dcrypt_read_locked_folio(struct folio *folio);
void dcrypt_readahead(struct readahead_control *rac);
int dcrypt_writepages(struct address_space *mapping,
		      struct writeback_control *wbc);
/* Zeroes what a cached last page holds past @size, before the file grows. */
void dcrypt_zero_cached_tail(struct inode *inode, loff_t size);

/* ---- folio.c: folios of several blocks ---- */

/* 128 KiB: what costs something for each folio counts no more, and two are a run. */
#define DCRYPT_MAX_FOLIO_ORDER 5

/* A locked folio is new, or will be written to. */
void dcrypt_folio_init(struct folio *folio);
/* So many blocks of a locked folio are dirty, the others not by this. */
void dcrypt_folio_dirty(struct folio *folio, unsigned int first, unsigned int nr);
bool dcrypt_dirty_folio(struct address_space *mapping, struct folio *folio);
/*
 * Which blocks of a locked folio were dirty, whose dirty flag was cleared.  False:
 * it does not say so, and its runs are not counted.
 */
bool dcrypt_folio_take_dirty(struct folio *folio, unsigned long *dirty);
/*
 * Counts the runs that write a folio under writeback; the end of the last one, after
 * all have begun, ends that.  In any context.  A folio of one block is written by
 * one run.
 */
void dcrypt_folio_begin_gathering(struct folio *folio);
void dcrypt_folio_end_gathering(struct folio *folio);
void dcrypt_folio_begin_run(struct folio *folio);
void dcrypt_folio_end_run(struct folio *folio);
/*
 * Before direct I/O: the cache has folios of one block from now on.  EBUSY: somebody
 * keeps pages of the file in use; EIO, ENOSPC, ...: what is dirty can't be written.
 */
int dcrypt_make_folios_small(struct inode *inode);
bool dcrypt_release_folio(struct folio *folio, gfp_t gfp);
void dcrypt_invalidate_folio(struct folio *folio, size_t offset, size_t len);

/* ---- direct.c ---- */

/* Where a program's memory best begins: at a block of the cipher. */
#define DCRYPT_DIO_MEM_ALIGN 16

/*
 * The address_space operation direct_IO.  The caller holds i_rwsem: shared, or
 * exclusive for a write that extends the file or is not aligned.  Returns the
 * bytes moved (0 at the end of the file), an error if none were, or EIOCBQUEUED:
 * then ki_complete() is called once, in a worker, and until then inode_dio_wait()
 * waits.  Of a read, the key is there (dcrypt_prepare_key).
 */
ssize_t dcrypt_direct_io(struct kiocb *iocb, struct iov_iter *iter);
/* Reads, with i_rwsem taken here.  With IOCB_NOWAIT, EAGAIN rather than waiting. */
ssize_t dcrypt_direct_read(struct kiocb *iocb, struct iov_iter *to);
/* Writes, in the same way. */
ssize_t dcrypt_direct_write(struct kiocb *iocb, struct iov_iter *from);

/* ---- splice.c ---- */

/*
 * The file operations splice_read and splice_write.  The pipe of the first is locked by
 * the caller, if anybody else has it, and not while the file is read.
 */
ssize_t dcrypt_splice_read(struct file *file, loff_t *pos, struct pipe_inode_info *pipe,
			   size_t len, unsigned int flags);
ssize_t dcrypt_splice_write(struct pipe_inode_info *pipe, struct file *file,
			    loff_t *pos, size_t len, unsigned int flags);

/* ---- truncate.c: the size of a regular file ---- */

/* Sets the upper size.  The caller holds i_rwsem exclusively. */
int dcrypt_truncate(struct inode *inode, loff_t size);

/*
 * To be called before the blocks of [@pos, @end) are written: makes the header
 * exist, disk_size at least @end, and what there was no data for up to @pos, or is
 * past the end, zeros.  May be called in writeback.  Returns 0; 1, if
 * dcrypt_extended() is to be called when they have been written, or not; ENOSPC,
 * EDQUOT, EFBIG, EIO, ...
 */
int dcrypt_prepare_disk(struct inode *inode, loff_t pos, loff_t end);
/* Is it so already, and 0 the answer? */
bool dcrypt_disk_is_ready(const struct inode *inode, loff_t end);

/* Only makes the header exist.  0, ENOSPC, EIO, ... */
int dcrypt_prepare_header(struct inode *inode);

/*
 * Takes away what is below past @size.  The caller holds i_rwsem exclusively, and
 * no folio's lock; no data past @size is cached.
 */
int dcrypt_shrink_disk(struct inode *inode, loff_t size);

void dcrypt_truncate_init(void);

/*
 * For formats, with dcrypt_inode.lock held: writes zeros, encrypted, to the blocks
 * from disk_size on up to @end, a multiple of the block size, or disk_size.  ENOSPC,
 * EINTR (the caller is being killed), ...
 */
int dcrypt_fill_disk(struct inode *inode, loff_t end);
/* The same: makes the padding of the last block before @size zeros on disk. */
int dcrypt_clean_padding(struct inode *inode, loff_t size);

/* ---- size.c: the size that a header says ---- */

/*
 * What dcrypt_prepare_disk() announced was done: up to @done, which is @end if all
 * went well.  May be called where nobody may wait.
 */
void dcrypt_extended(struct inode *inode, loff_t end, loff_t done);
/*
 * For formats, with dcrypt_inode.lock: there is data up to @size.  The second: the
 * header has to say so.
 */
void dcrypt_set_disk_size(struct inode *inode, loff_t size);
void dcrypt_size_untold(struct inode *inode);
/*
 * With dcrypt_inode.lock: 1, if a write up to @end goes past what is known to be
 * written, and is counted until dcrypt_extended(); else 0.
 */
int dcrypt_begin_extending(struct inode *inode, loff_t end);
/*
 * Has the header say the size that the file has, as far as there is data below.
 * The caller has a hold; of the second, dcrypt_inode.lock too.
 */
int dcrypt_tell_size(struct inode *inode);
int dcrypt_tell_size_locked(struct inode *inode);
/* Writes the file's data below, and tells its size.  The caller holds i_rwsem. */
int dcrypt_write_all(struct inode *inode);
/* Tells the size once everything else is on stable storage.  Takes i_rwsem. */
int dcrypt_sync_size(struct inode *inode, int datasync);
/* The super operation write_inode. */
int dcrypt_write_inode(struct inode *inode, struct writeback_control *wbc);

/* ---- fallocate.c, seek.c: holes ---- */

long dcrypt_fallocate(struct file *file, int mode, loff_t pos, loff_t len);
loff_t dcrypt_llseek(struct file *file, loff_t pos, int whence);
int dcrypt_fiemap(struct inode *inode, struct fiemap_extent_info *info,
		  u64 start, u64 len);

/* ---- bounce.c: pages to encrypt into and decrypt from ---- */

/* When the module goes: frees the pages that are kept for the next request. */
void dcrypt_bounce_exit(void);
/*
 * Makes a mount's reserve.  Each mount has its own, as one may hold the lower
 * device of another in a file, and needs pages for the other to go on.
 */
int dcrypt_bounce_init(struct dcrypt_sb *dsb);

/*
 * Takes 1 to @want pages, at most DCRYPT_RUN_BLOCKS.  Waits for pages that others
 * give back, if it can't get a single one, or if too many are taken; or returns 0 if
 * @wait is false.  So who holds pages must be able to finish with them without
 * taking more.  May sleep if @wait.
 */
unsigned int dcrypt_bounce_get(struct dcrypt_sb *dsb, struct page **pages,
			       unsigned int want, bool wait);
/* Gives pages back.  What they hold is not wiped: no plaintext may be in them. */
void dcrypt_bounce_put(struct dcrypt_sb *dsb, struct page **pages,
		       unsigned int nr);

/* ---- lower_hold.c: the open lower file ---- */

/*
 * Makes sure that the lower file is open, and stays so until dcrypt_lower_drop();
 * @write if it will be written to.  @dentry is an upper dentry of the inode.
 */
int dcrypt_lower_hold(struct inode *inode, struct dentry *dentry, bool write);
/*
 * The same for writeback.  False, and no hold, if the lower file is not open:
 * then nothing is dirty.
 */
bool dcrypt_lower_hold_dirty(struct inode *inode);
void dcrypt_lower_drop(struct inode *inode);
void dcrypt_lower_release(struct inode *inode);	/* when the inode goes */
/* The caller of these has a hold. */
struct file *dcrypt_lower_file(struct inode *inode);
/* Does the lower filesystem take requests that it must not wait for? */
bool dcrypt_lower_is_async(struct inode *inode);

/* ---- lower.c: the only caller of the lower filesystem's data path ---- */

int dcrypt_lower_init(void);
void dcrypt_lower_exit(void);

/*
 * Has the lower filesystem ask its server for the lower file's attributes, if it
 * has reason to; with AT_STATX_FORCE_SYNC in any case.  The caller has a hold.
 */
int dcrypt_lower_revalidate(struct inode *inode, unsigned int flags);

/* A read or write of the lower file. */
struct dcrypt_lower_io {
	/* to be set; what is not, is 0 */
	struct inode *inode;		/* the upper one */
	struct bio_vec *bvec;		/* @bytes of memory in @nr pieces... */
	unsigned int nr;		/* ...which stay until it is over */
	size_t bytes;
	loff_t pos;			/* below */
	bool write;
	bool nowait;			/* rather fail with EAGAIN, with nothing done */
	/* called in any context when a call is over; NULL: wait for it */
	void (*end)(struct dcrypt_lower_io *io);

	size_t moved;			/* result: bytes */

	/* lower.c's own */
	struct file *file;		/* with a reference if there is @end */
	struct kiocb iocb;
	ssize_t ret;			/* of a call that did not end at once */
};

/*
 * Moves all of it, or returns an error: EIO for a lower file that ends too early,
 * EAGAIN, ...; io->moved is how much was moved in any case.  EIOCBQUEUED: it is
 * under way, and end() is called, perhaps before this returns, and so often as that
 * is returned.  To each call belongs one of dcrypt_lower_go_on(), in a context that
 * may sleep, which goes on with it and returns the same.  The caller has a hold.
 */
int dcrypt_lower_go(struct dcrypt_lower_io *io);
int dcrypt_lower_go_on(struct dcrypt_lower_io *io);
/* Of an io that is over, and that nobody uses any more. */
void dcrypt_lower_put(struct dcrypt_lower_io *io);
/* One that is waited for. */
int dcrypt_lower_rw(struct inode *inode, struct bio_vec *bvec, unsigned int nr,
		    size_t bytes, loff_t pos, bool write);

/*
 * Sets the lower size; the lower mtime becomes the upper one.  The caller has a
 * hold and dcrypt_inode.lock, also for dcrypt_lower_set_mtime().
 */
int dcrypt_lower_setsize(struct inode *inode, loff_t size);
/*
 * The lower fallocate(), always with FALLOC_FL_KEEP_SIZE.  EOPNOTSUPP if the lower
 * filesystem can't, and what else it says.  The caller has a hold.
 */
int dcrypt_lower_fallocate(struct inode *inode, int mode, loff_t pos, loff_t len);
/* The lower llseek() for SEEK_DATA and SEEK_HOLE.  The caller has a hold. */
loff_t dcrypt_lower_seek(struct inode *inode, loff_t pos, int whence);
/* Makes the lower mtime the upper one. */
int dcrypt_lower_set_mtime(struct inode *inode);
int dcrypt_lower_fsync(struct inode *inode, int datasync);
/* An attribute of the lower file, for its format.  The caller has a hold. */
ssize_t dcrypt_lower_getxattr(struct inode *inode, const char *name, void *value,
			      size_t size);
int dcrypt_lower_setxattr(struct inode *inode, const char *name,
			  const void *value, size_t size);

/*
 * For a file that is let through (plain.c): the same request of the lower file, at
 * @pos there, which is waited for; and its mapping.  The caller has a hold.
 */
ssize_t dcrypt_lower_pass(const struct kiocb *upper, loff_t pos,
			  struct iov_iter *iter);
int dcrypt_lower_mmap(struct inode *inode, struct vm_area_struct *vma);

/* ---- extent.c: the engine ---- */

/* Blocks that one lower request carries at most: 256 KiB. */
#define DCRYPT_RUN_BLOCKS 64

/*
 * A run of whole blocks, to be read or written.  Its plaintext lies in @pages,
 * block i at bytes offset + i * DCRYPT_BLOCK_SIZE counted from the beginning of
 * the first page; so, with an offset, a block lies in two pages, and @pages has
 * @nr + 1 of them.
 */
struct dcrypt_run {
	struct inode *inode;
	u64 block;			/* the first */
	unsigned int nr;		/* how many, at most DCRYPT_RUN_BLOCKS */
	unsigned int offset;		/* bytes, less than PAGE_SIZE */
	bool write;
	struct page **pages;
};

/* How a run is started. */
enum dcrypt_run_start {
	DCRYPT_RUN_HERE,		/* and over when that returns */
	DCRYPT_RUN_WAIT,		/* once there is memory for it */
	DCRYPT_RUN_NOWAIT,		/* or, if there is none, fails with EAGAIN */
	DCRYPT_RUN_LATER,		/* or a worker starts it, with io.nowait off */
	DCRYPT_RUN_ELSEWHERE,		/* by a worker in any case */
};

/*
 * The state of a run under way: its bounce pages hold ciphertext.  The run is in
 * parts, one after the other, if there is not enough memory or it does not lie in
 * one piece below.  A format sees @run, @first, @nr, @bounce and @req, and nothing
 * else.
 */
struct dcrypt_run_ctx {
	struct dcrypt_run run;
	unsigned int first;		/* block of the run that is in bounce[0] */
	unsigned int nr;		/* blocks in bounce: the part */
	struct page **bounce;

	/* to be set by who starts it; io.nowait, too, may be */
	void (*end)(struct dcrypt_run_ctx *ctx);
	void *owner;			/* end()'s business */
	unsigned int nr_pages;		/* end()'s as well: in run.pages */
	loff_t extends_to;		/* and this: dcrypt_extended() is to know, or 0 */

	unsigned int done;		/* result: blocks moved... */
	int err;			/* ...and if not all, why */

	/* extent.c's own */
	struct dcrypt_sb *dsb;
	struct dcrypt_lower_io io;
	struct bio_vec *bvec;
	unsigned int nr_bounce;		/* pages in @bounce */
	unsigned int nr_lower;		/* blocks of the run that are in the lower file */
	u64 disk_size;			/* when it was started */
	bool raw;			/* a read with what is past the end */
	mempool_t *reserve;		/* where it is from, or NULL: from kmalloc() */
	enum dcrypt_run_start how;
	u64 queued_at;			/* ktime, nanoseconds */
	struct work_struct work;
	refcount_t refs;		/* who starts it, and who ends it */
	struct skcipher_request req;	/* last: the cipher's state follows */
};

/*
 * Reads or writes a run.  The caller has a hold on the lower file, and for a
 * write has prepared the lower file for the run (dcrypt_prepare_disk).  Returns
 * 0 or an error; *@done (if not NULL) is the number of blocks moved, all of them
 * on success.  What is at or past disk_size is read as zeros.
 */
int dcrypt_run_rw(const struct dcrypt_run *run, unsigned int *done);
/* The same for @nr blocks of a locked folio, from its block @first on. */
int dcrypt_run_folio(struct inode *inode, struct folio *folio, unsigned int first,
		     unsigned int nr, bool write);
/* Reads, but the last block with what is in its padding on disk. */
int dcrypt_run_read_raw(const struct dcrypt_run *run);

/*
 * The same in two steps, for a run that need not be over when this returns: first
 * a context with room for the pages of @nr blocks in run.pages (NULL if there is no
 * memory and @wait is false); then, with the run, @end and @owner set, the start.
 * Whatever becomes of it, end() is called once, in a context that may sleep but
 * must not wait for other runs, and perhaps before dcrypt_run_start() returns.
 * After that there is no context.  For a read of what is on disk, the key is there
 * (dcrypt_prepare_key).
 */
struct dcrypt_run_ctx *dcrypt_run_new(struct inode *inode, unsigned int nr,
				      bool wait);
void dcrypt_run_start(struct dcrypt_run_ctx *ctx, enum dcrypt_run_start how);
/* Of one that was not started. */
void dcrypt_run_free(struct dcrypt_run_ctx *ctx);

/*
 * Loads the file's header and key, or makes them for a file without.  0, EIO
 * (a damaged header), ENOKEY (another volume's), ENOMEM.
 */
int dcrypt_prepare_key(struct inode *inode);
/* The same, with dcrypt_inode.lock held, and no allocation to enter a filesystem. */
int dcrypt_prepare_key_locked(struct inode *inode);

/* Makes the mount's pool of run contexts and its workqueues; dsb->reqsize is set. */
int dcrypt_runs_init(struct dcrypt_sb *dsb);
void dcrypt_runs_exit(struct dcrypt_sb *dsb);
/* All runs are over: waits for the workers that were last to let go of them. */
void dcrypt_runs_drain(struct dcrypt_sb *dsb);

/* For formats: the number of the block in bounce[@i]... */
u64 dcrypt_run_block(const struct dcrypt_run_ctx *ctx, unsigned int i);
/* ...and a scatterlist for its plaintext, which is made for a run... */
void dcrypt_run_init_sg(const struct dcrypt_run_ctx *ctx, struct scatterlist sg[2]);
/* ...and set for each block. */
void dcrypt_run_plain_sg(const struct dcrypt_run_ctx *ctx, unsigned int i,
			 struct scatterlist sg[2]);
/* Makes the plaintext of some blocks of the run zeros. */
void dcrypt_run_zero(const struct dcrypt_run *run, unsigned int first,
		     unsigned int nr);
/* Is there nothing but zeros in a bounce page, as where the lower file has a hole? */
bool dcrypt_is_hole(struct page *page);

/* ---- header.c: with dcrypt_inode.lock, and a hold ---- */

/* Reads the header and has it parsed.  EIO or what @parse says. */
int dcrypt_read_header(struct inode *inode,
		       int (*parse)(struct inode *inode, const void *header));
/* Makes one for a file that has none, from what the inode says. */
int dcrypt_make_header(struct inode *inode);
/* Has the one that is there say @size. */
int dcrypt_write_header_size(struct inode *inode, loff_t size);
/* Without the lock: what is to be shown in front of a file without one, a block. */
int dcrypt_show_header(struct inode *inode, void *shown);
/* For formats: reads the lower file's first block to a page, or writes it. */
int dcrypt_header_block_io(struct inode *inode, struct page *page, bool write);

/* ---- changed.c: what others change below ---- */

/* To be called when the lower file's data, size or mtime was changed from here. */
void dcrypt_changed_here(struct inode *inode);
/*
 * All changes from here have been written: what the lower file is now is known.
 * The caller has a hold.
 */
void dcrypt_keep_state(struct inode *inode);
/* What the lower file is now is known in any case. */
void dcrypt_take_state(struct inode *inode);
/* The lower file was changed from here in a way that concerns nothing cached. */
void dcrypt_keep_known_state(struct inode *inode);
/* Was it changed, and not from here? */
bool dcrypt_changed_below(struct inode *inode);
/*
 * If it was: forgets what is cached, the size and the key.  0; EBUSY (it is
 * being written to through mmap), or what writing dirty pages back says.  Takes
 * i_rwsem, which the caller of the second has exclusively; the third does it only
 * if nobody has that just now.
 */
int dcrypt_refresh(struct inode *inode);
int dcrypt_refresh_locked(struct inode *inode);
void dcrypt_try_refresh(struct inode *inode);

/* ---- sysfs.c: /sys/fs/dcryptfs/ ---- */

int dcrypt_sysfs_init(void);
void dcrypt_sysfs_exit(void);
/* After an error, too, dcrypt_sysfs_remove() is to be called. */
int dcrypt_sysfs_add(struct super_block *sb);
/* Waits for who is reading. */
void dcrypt_sysfs_remove(struct dcrypt_sb *dsb);

/* ---- log.c ---- */

/*
 * One rate-limited line that names the lower file and the reason, for where an
 * errno alone does not tell a person what to do.  May sleep.
 */
__printf(2, 3)
void dcrypt_inode_err(struct inode *inode, const char *fmt, ...);

/* ---- format/ ---- */

/*
 * A format of regular files.  Sizes and offsets are in bytes.  Of an inode, the
 * header was read by then, or made, if the operation does not say otherwise.
 */
struct dcrypt_format_ops {
	u8 id;				/* DCRYPT_FORMAT_* */
	unsigned int magic;		/* statfs(2) f_type of a mount */
	/* an attribute of lower files that there is not above, or NULL */
	const char *own_xattr;
	/* can blocks be holes below?  If not, there are no holes above either */
	bool has_holes;
	/*
	 * Does opening a file need its key, and opening it for writing its header?
	 * If not, so does the first access to data.
	 */
	bool ready_at_open;
	/* the greatest upper size for a greatest lower size */
	loff_t (*max_size)(loff_t lower_max);
	/*
	 * The upper size that a lower size encodes; -EIO: none does; -ENODATA: it
	 * is in the header.
	 */
	loff_t (*upper_size)(loff_t lower_size);
	/*
	 * Only where the size is in the header: finds the size in a header that was
	 * just read, keeping what map() needs, and in *@on_disk up to where there is
	 * data below; -EIO for one that no file can have.  In any case it says in
	 * @plain whether the lower file is to be let through, and in @plain_head what
	 * is shown in front of it.  Puts a size into a header.  Makes one that was
	 * elsewhere as it would be in the file.
	 */
	loff_t (*header_size)(struct inode *inode, const void *header,
			      loff_t *on_disk);
	void (*set_header_size)(void *header, loff_t size);
	void (*show_header)(void *header);
	/*
	 * Where a block lies below, and in *@contig how many lie in a row there.
	 * Also of an inode whose header_size() alone was asked for.
	 */
	loff_t (*map)(const struct inode *inode, u64 block, unsigned int *contig);
	/* the upper offset of what lies at a lower one; 0 for the header */
	loff_t (*unmap)(const struct inode *inode, loff_t lower_pos);
	/*
	 * These change what is below, and disk_size with it; with dcrypt_inode.lock.
	 * grow: makes the lower file ready for data from @pos to @end, which is past
	 * disk_size, and what is before @pos zeros; if @pos is @end, disk_size is that
	 * then.  shrink: to @size, which is not more than disk_size; and says in
	 * end_unknown and tail_unknown what that leaves.  clean_tail: takes away what
	 * lies behind the last block of a file that was found with @size, or puts
	 * there what is missing.
	 */
	int (*grow)(struct inode *inode, loff_t pos, loff_t end);
	int (*shrink)(struct inode *inode, loff_t size);
	int (*clean_tail)(struct inode *inode, loff_t size);
	/*
	 * Headers are DCRYPT_HEADER_SIZE bytes long.  parse_header checks one read
	 * from disk and keeps what it needs of it in the inode.  Logs what is wrong.
	 * 0, EIO, ENOKEY (another volume's).  With dcrypt_inode.lock, as the next
	 * three.
	 */
	int (*parse_header)(struct inode *inode, const void *header);
	/* makes a new file's header in the inode */
	void (*new_header)(struct inode *inode);
	/* writes the inode's header to @header; 0, ENOMEM, ... */
	int (*format_header)(struct inode *inode, void *header);
	/*
	 * Reads the header to a page, or writes it from there; NULL: it is the lower
	 * file's first block.
	 */
	int (*header_io)(struct inode *inode, struct page *page, bool write);
	/* a transform with the key that belongs to the inode's header */
	struct crypto_skcipher *(*make_key)(struct inode *inode);
	/* moves ctx->nr blocks between plaintext and bounce pages */
	int (*encrypt)(struct dcrypt_run_ctx *ctx);
	int (*decrypt)(struct dcrypt_run_ctx *ctx);
	/*
	 * Of mounts.  setup: the format's part of a new one, with its keys and names,
	 * and tfm and reqsize set; EINVAL, ENOKEY, EPERM, ..., and the reason is in
	 * the mount's log.  check_same: can one more mount of a directory be the same
	 * filesystem?  EBUSY; the same goes for the log.  check_remount: 0, or EINVAL
	 * if it asks for what cannot change.  free: what setup allocated, as far as
	 * it got.  show_options: each after a comma.
	 */
	int (*setup)(struct dcrypt_sb *dsb, struct fs_context *fc);
	int (*check_same)(const struct dcrypt_sb *have,
			  const struct dcrypt_sb *want, struct fs_context *fc);
	int (*check_remount)(const struct dcrypt_sb *dsb, struct fs_context *fc);
	void (*free)(struct dcrypt_sb *dsb);
	void (*show_options)(struct seq_file *m, const struct dcrypt_sb *dsb);
};

#define DCRYPT_HEADER_SIZE	DCRYPT_BLOCK_SIZE

extern const struct dcrypt_format_ops dcrypt_native_format;
extern const struct dcrypt_format_ops dcrypt_ecryptfs_format;

/* Of eCryptfs: an option of a mount; ENOPARAM if it is none. */
int dcrypt_ecryptfs_parse_param(struct fs_context *fc,
				struct fs_parameter *param,
				struct dcrypt_ecryptfs_options *options);
/* Of the native format: its operations on mounts. */
int dcrypt_native_setup(struct dcrypt_sb *dsb, struct fs_context *fc);
int dcrypt_native_check_same(const struct dcrypt_sb *have,
			     const struct dcrypt_sb *want, struct fs_context *fc);
int dcrypt_native_check_remount(const struct dcrypt_sb *dsb, struct fs_context *fc);
void dcrypt_native_show_options(struct seq_file *m, const struct dcrypt_sb *dsb);
/*
 * Of the native format: the lower size for an upper size up to max_size(), and
 * where the data of a file of that size ends below, padding included.
 */
loff_t dcrypt_native_lower_size(loff_t upper_size);
loff_t dcrypt_native_data_end(loff_t upper_size);
/* Of the native format: the IV of a block, 16 bytes. */
void dcrypt_native_iv(u8 *iv, u64 block);

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

/* ---- selftest/ ---- */

#ifdef DCRYPT_SELFTEST
int dcrypt_selftest(void);
#else
static inline int dcrypt_selftest(void)
{
	return 0;
}
#endif

#endif /* DCRYPTFS_H */

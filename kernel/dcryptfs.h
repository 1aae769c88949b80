/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's private interfaces: a mount and an inode; the functions are in
 *
 *   mount.h	options, keys, ciphers		data.h	file operations, page cache,
 *   inode.h	inodes, attributes, names		direct I/O, sizes
 *   format.h	formats of files		extent.h	the extent engine
 *   names.h	ways to store names		lower.h	the lower file
 *
 * with a section for each source file.
 *
 * Data goes one way:
 *
 *   file.c --> read.c, write.c (page cache) --+
 *         \--> direct_request.c, direct.c ----+--> extent.c --> format/ --> lower.c
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
#include <linux/jiffies.h>
#include <linux/kobject.h>
#include <linux/mempool.h>
#include <linux/mount.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/percpu-rwsem.h>
#include <linux/scatterlist.h>
#include <linux/sched/mm.h>
#include <crypto/hash.h>
#include <crypto/skcipher.h>

#include "ondisk.h"
#include "ondisk_ecryptfs.h"

struct dcrypt_ecryptfs;
struct dcrypt_ecryptfs_options;
struct dcrypt_format_ops;
struct dcrypt_name_ops;
struct dcrypt_run_ctx;
struct dcrypt_wipe;
struct fileattr;
struct fs_context;
struct fs_parameter;
struct p_log;
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
	u64 key_uses;			/* of the volume's keys, not of files' */
};

/* Whether a mount's keys are there: lock.c. */
struct dcrypt_keys {
	struct percpu_rw_semaphore users; /* held for reading while they are used */
	struct mutex mutex;		/* who takes them away or puts them back */
	bool locked;			/* they are away; written with both */
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
	/* These three change only while the mount is locked, with keys->mutex. */
	struct crypto_shash *kdf;	/* HMAC keyed with the HKDF PRK */
	struct crypto_shash *name_mac;	/* HMAC-SHA256; NULL with plain names */
	struct crypto_skcipher *name_tfm; /* AES-256-CTR; NULL with plain names */
	struct dcrypt_keys *keys;
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
	errseq_t lower_told;		/* errors of the lower one up to here are told here */
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
	 * and invalidate_lock, when nothing is cached: dcrypt_forget().
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
	 * Of directories, with encrypted names.  Set under i_lock; once has_nonce
	 * was seen set (with an acquire load), the nonce changes only while it is
	 * not below (nonce_unsaved), with the upper i_rwsem held for writing: who
	 * has not got that sees at worst a name that has to be looked up again.
	 */
	u8 nonce[DCRYPT_SEAL_NONCE_SIZE];
	bool has_nonce;
	bool nonce_unsaved;		/* not below; guarded by i_rwsem */
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

/* ---- lock.c: keys that can be taken away ---- */

/* Just now; for what would be half done when it meets dcrypt_keys_use(). */
static inline bool dcrypt_is_locked(const struct super_block *sb)
{
	return READ_ONCE(dcrypt_sb(sb)->keys->locked);
}

/*
 * Before and after a use of the volume's keys: kdf, name_mac, name_tfm.  ENOKEY, and
 * then nothing is to be undone: the mount is locked.  May sleep; nothing else may be
 * waited for in between.
 */
int dcrypt_keys_use(const struct dcrypt_sb *dsb);
void dcrypt_keys_used(const struct dcrypt_sb *dsb);

/* ---- log.c ---- */

/*
 * One rate-limited line that names the lower file and the reason, for where an
 * errno alone does not tell a person what to do.  May sleep.
 */
__printf(2, 3)
void dcrypt_inode_err(struct inode *inode, const char *fmt, ...);

#endif /* DCRYPTFS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bridges the differences between the kernels that dcryptfs builds for, and is
 * included before every source.  Nothing outside this directory depends on a
 * kernel version.  The DCRYPT_HAVE_* macros come from compat/probe.
 */
#ifndef DCRYPT_COMPAT_H
#define DCRYPT_COMPAT_H

/* every line in the kernel log says whose it is */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/backing-dev.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/writeback.h>
#include <linux/uio.h>

/* dcrypt_idmap_t: the id mapping of a mount, first argument of inode operations */
#ifdef DCRYPT_HAVE_MNT_IDMAP
typedef struct mnt_idmap *dcrypt_idmap_t;
#define dcrypt_nop_idmap (&nop_mnt_idmap)
#define dcrypt_renamedata_old_idmap old_mnt_idmap
#define dcrypt_renamedata_new_idmap new_mnt_idmap
#else
typedef struct user_namespace *dcrypt_idmap_t;
#define dcrypt_nop_idmap (&init_user_ns)
#define dcrypt_renamedata_old_idmap old_mnt_userns
#define dcrypt_renamedata_new_idmap new_mnt_userns
#endif

/*
 * The inode's times.  dcrypt_copy_times() copies all three of @src to @dst.
 * DCRYPT_UPDATE_TIME() is the prototype of an inode operation update_time: of
 * its arguments, inode and flags (S_ATIME, S_MTIME, S_CTIME, S_VERSION) count.
 * dcrypt_inode_update_time() calls it, dcrypt_set_times_now() changes the inode
 * alone.
 */
#ifdef DCRYPT_HAVE_INODE_TIME_ACCESSORS
static inline void dcrypt_copy_times(struct inode *dst, const struct inode *src)
{
	inode_set_atime_to_ts(dst, inode_get_atime(src));
	inode_set_mtime_to_ts(dst, inode_get_mtime(src));
	inode_set_ctime_to_ts(dst, inode_get_ctime(src));
}

static inline struct timespec64 dcrypt_mtime(const struct inode *inode)
{
	return inode_get_mtime(inode);
}

static inline struct timespec64 dcrypt_ctime(const struct inode *inode)
{
	return inode_get_ctime(inode);
}
#else
static inline void dcrypt_copy_times(struct inode *dst, const struct inode *src)
{
	dst->i_atime = src->i_atime;
	dst->i_mtime = src->i_mtime;
	dst->i_ctime = src->i_ctime;
}

static inline struct timespec64 dcrypt_mtime(const struct inode *inode)
{
	return inode->i_mtime;
}

static inline struct timespec64 dcrypt_ctime(const struct inode *inode)
{
	return inode->i_ctime;
}
#endif

#ifdef DCRYPT_HAVE_UPDATE_TIME_NOW
#define DCRYPT_UPDATE_TIME(name) int name(struct inode *inode, int flags)

static inline int dcrypt_inode_update_time(struct inode *inode, int flags)
{
	return inode_update_time(inode, flags);
}

static inline void dcrypt_set_times_now(struct inode *inode, int flags)
{
	inode_update_timestamps(inode, flags);
}
#else
#define DCRYPT_UPDATE_TIME(name)					\
	int name(struct inode *inode, struct timespec64 *now, int flags)

static inline int dcrypt_inode_update_time(struct inode *inode, int flags)
{
	struct timespec64 now = current_time(inode);

	return inode_update_time(inode, &now, flags);
}

static inline void dcrypt_set_times_now(struct inode *inode, int flags)
{
	struct timespec64 now = current_time(inode);

	if (flags & S_ATIME)
		inode->i_atime = now;
	if (flags & S_CTIME)
		inode->i_ctime = now;
	if (flags & S_MTIME)
		inode->i_mtime = now;
}
#endif

static inline void dcrypt_fillattr(dcrypt_idmap_t idmap, u32 mask,
				   struct inode *inode, struct kstat *stat)
{
#ifdef DCRYPT_HAVE_FILLATTR_MASK
	generic_fillattr(idmap, mask, inode, stat);
#else
	generic_fillattr(idmap, inode, stat);
#endif
}

/*
 * Makes the address_space operations write_begin and write_end called @name
 * from functions that take a folio: begin(file, mapping, pos, len, &folio) and
 * end(file, mapping, pos, len, copied, folio).
 */
#ifdef DCRYPT_HAVE_WRITE_BEGIN_FOLIO
#define DCRYPT_WRITE_OPS(name_begin, begin, name_end, end)		\
static int name_begin(struct file *file, struct address_space *mapping,	\
		      loff_t pos, unsigned int len,			\
		      struct folio **foliop, void **fsdata)		\
{									\
	return begin(file, mapping, pos, len, foliop);			\
}									\
static int name_end(struct file *file, struct address_space *mapping,	\
		    loff_t pos, unsigned int len, unsigned int copied,	\
		    struct folio *folio, void *fsdata)			\
{									\
	return end(file, mapping, pos, len, copied, folio);		\
}
#else
#define DCRYPT_WRITE_OPS(name_begin, begin, name_end, end)		\
static int name_begin(struct file *file, struct address_space *mapping,	\
		      loff_t pos, unsigned int len,			\
		      struct page **pagep, void **fsdata)		\
{									\
	struct folio *folio;						\
	int err = begin(file, mapping, pos, len, &folio);		\
									\
	if (!err)							\
		*pagep = folio_page(folio, 0);				\
	return err;							\
}									\
static int name_end(struct file *file, struct address_space *mapping,	\
		    loff_t pos, unsigned int len, unsigned int copied,	\
		    struct page *page, void *fsdata)			\
{									\
	return end(file, mapping, pos, len, copied, page_folio(page));	\
}
#endif

/* Makes a writepage_t called @name from fn(folio, wbc, data). */
#ifdef DCRYPT_HAVE_WRITEPAGE_FOLIO
#define DCRYPT_WRITEPAGE(name, fn)					\
static int name(struct folio *folio, struct writeback_control *wbc,	\
		void *data)						\
{									\
	return fn(folio, wbc, data);					\
}
#else
#define DCRYPT_WRITEPAGE(name, fn)					\
static int name(struct page *page, struct writeback_control *wbc,	\
		void *data)						\
{									\
	return fn(page_folio(page), wbc, data);				\
}
#endif

/* Tells of a folio that is written by @wbc to which cgroup it belongs. */
static inline void dcrypt_account_owner(struct writeback_control *wbc,
					struct folio *folio)
{
#ifdef DCRYPT_HAVE_CGROUP_OWNER_FOLIO
	wbc_account_cgroup_owner(wbc, folio, folio_size(folio));
#else
	wbc_account_cgroup_owner(wbc, &folio->page, folio_size(folio));
#endif
}

/*
 * What the flusher sends to disks until dcrypt_end_cgroup() counts as that of the
 * cgroup whose pages @wbc writes.  Another task's counts as its own in any case.
 */
static inline void dcrypt_begin_cgroup(const struct writeback_control *wbc)
{
#ifdef CONFIG_CGROUP_WRITEBACK
	if (wbc->wb && current->flags & PF_KTHREAD)
		kthread_associate_blkcg(wbc->wb->blkcg_css);
#endif
}

static inline void dcrypt_end_cgroup(void)
{
	if (current->flags & PF_KTHREAD)
		kthread_associate_blkcg(NULL);
}

/* The cached folio at @index, locked and referenced, or NULL. */
static inline struct folio *dcrypt_lock_folio(struct address_space *mapping,
					      pgoff_t index)
{
	struct folio *folio = __filemap_get_folio(mapping, index, FGP_LOCK, 0);

	return IS_ERR(folio) ? NULL : folio;
}

/*
 * Large folios, in kernels whose write_begin takes folios: else a write would be
 * given one page of such a folio at a time.
 */
#if defined(DCRYPT_HAVE_FOLIO_ORDER_RANGE) && \
	defined(DCRYPT_HAVE_WRITE_BEGIN_FOLIO) && BITS_PER_LONG == 64
#define dcrypt_fgf_order(len)	fgf_set_order(len)
#define dcrypt_has_large_folios(mapping) mapping_large_folio_support(mapping)
#define dcrypt_folio_mapcount(folio)	folio_mapcount(folio)

/* Also of a mapping in use, whose other flags others may be setting. */
static inline void dcrypt_set_folio_order(struct address_space *mapping,
					  unsigned int order)
{
	unsigned long want, flags = READ_ONCE(mapping->flags);

	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		return;
	do {
		want = (flags & ~AS_FOLIO_ORDER_MASK) |
		       (unsigned long)order << AS_FOLIO_ORDER_MAX;
	} while (!try_cmpxchg(&mapping->flags, &flags, want));
}
#else
#define dcrypt_fgf_order(len)			0
#define dcrypt_has_large_folios(mapping)	false
#define dcrypt_folio_mapcount(folio)		0
#define dcrypt_set_folio_order(mapping, order)	do { } while (0)
#endif

/*
 * The same, but made if it is not cached, large enough for @len bytes if possible,
 * and free to be written to.
 */
static inline struct folio *dcrypt_grab_folio(struct address_space *mapping,
					      pgoff_t index, size_t len)
{
	struct folio *folio = __filemap_get_folio(mapping, index,
						  FGP_LOCK | FGP_WRITE |
						  FGP_CREAT | FGP_STABLE |
						  dcrypt_fgf_order(len),
						  mapping_gfp_mask(mapping));

	return IS_ERR(folio) ? NULL : folio;
}

#ifdef DCRYPT_HAVE_KERNEL_TMPFILE_OPEN
#define dcrypt_vfs_tmpfile_open kernel_tmpfile_open
#else
#define dcrypt_vfs_tmpfile_open vfs_tmpfile_open
#endif

/*
 * exportfs_encode_inode_fh() without a parent: returns the type of the handle, or
 * FILEID_INVALID or an error; *@max_len is in units of 4 bytes.
 */
#ifdef DCRYPT_HAVE_ENCODE_FH_FLAGS
#define dcrypt_encode_lower_fh(inode, fid, max_len) \
	exportfs_encode_inode_fh(inode, fid, max_len, NULL, 0)
#else
#define dcrypt_encode_lower_fh(inode, fid, max_len) \
	exportfs_encode_inode_fh(inode, fid, max_len, NULL)
#endif

/*
 * Access control lists.  dcrypt_iop_get_acl is the inode operation that gets one,
 * dcrypt_get_inode_acl() calls it.  DCRYPT_SET_ACL() is the prototype of an inode
 * operation set_acl: its arguments are object, of which dcrypt_acl_dentry() gives
 * a referenced dentry or NULL, acl and type.  dcrypt_vfs_set_acl() sets an ACL, or
 * removes it if @acl is NULL; the caller checked permission.
 */
#ifdef CONFIG_FS_POSIX_ACL
#ifdef DCRYPT_HAVE_GET_INODE_ACL
#define dcrypt_iop_get_acl get_inode_acl
#define dcrypt_get_inode_acl get_inode_acl
#else
#define dcrypt_iop_get_acl get_acl
#define dcrypt_get_inode_acl get_acl
#endif

#ifdef DCRYPT_HAVE_SET_ACL_DENTRY
#define DCRYPT_SET_ACL(name)						\
	int name(dcrypt_idmap_t idmap, struct dentry *object,		\
		 struct posix_acl *acl, int type)

static inline struct dentry *dcrypt_acl_dentry(struct dentry *object)
{
	return dget(object);
}

static inline int dcrypt_vfs_set_acl(struct dentry *dentry,
				     struct posix_acl *acl, int type)
{
	const char *name = posix_acl_xattr_name(type);

	return acl ? vfs_set_acl(dcrypt_nop_idmap, dentry, name, acl) :
		     vfs_remove_acl(dcrypt_nop_idmap, dentry, name);
}
#else
#define DCRYPT_SET_ACL(name)						\
	int name(dcrypt_idmap_t idmap, struct inode *object,		\
		 struct posix_acl *acl, int type)

static inline struct dentry *dcrypt_acl_dentry(struct inode *object)
{
	return d_find_any_alias(object);
}

static inline int dcrypt_vfs_set_acl(struct dentry *dentry,
				     struct posix_acl *acl, int type)
{
	struct inode *inode = d_inode(dentry);
	int err;

	inode_lock(inode);
	err = set_posix_acl(dcrypt_nop_idmap, inode, type, acl);
	inode_unlock(inode);
	return err;
}
#endif
#endif /* CONFIG_FS_POSIX_ACL */

/* What a table of xattr handlers has to begin with for ACLs to work. */
#if defined(CONFIG_FS_POSIX_ACL) && defined(DCRYPT_HAVE_ACL_XATTR_HANDLERS)
#define DCRYPT_ACL_XATTR_HANDLERS					\
	&posix_acl_access_xattr_handler, &posix_acl_default_xattr_handler,
#else
#define DCRYPT_ACL_XATTR_HANDLERS
#endif

#ifdef DCRYPT_HAVE_FILEMAP_SPLICE_READ
#define dcrypt_splice_cached filemap_splice_read
#define dcrypt_splice_copied copy_splice_read
#else
#define dcrypt_splice_cached generic_file_splice_read
#define dcrypt_splice_copied generic_file_splice_read
#endif

/*
 * Pages behind an iterator.  dcrypt_iter_pin() takes up to @max pages, @bytes
 * bytes, of the iterator's current segment and advances it; returns the bytes
 * taken, *@offset being where in the first page they begin, or -EFAULT, or
 * -EOPNOTSUPP if this kind of iterator has no pages to be taken (a kernel
 * address, a pipe): copy instead.  Who took the pages gives them back with
 * dcrypt_iter_unpin(); @user is whether the iterator was one of user memory, and
 * @dirty whether they were written to.  It may sleep.
 */
ssize_t dcrypt_iter_pin(struct iov_iter *iter, struct page **pages,
			size_t bytes, unsigned int max, size_t *offset);
void dcrypt_iter_unpin(bool user, struct page **pages, unsigned int nr,
		       bool dirty);

/*
 * What to say of a regular file's ways to those who will not wait: in the file
 * operations, and in f_mode when a file is opened.
 */
#ifdef DCRYPT_HAVE_FOP_FLAGS
#define DCRYPT_FOP_FLAGS \
	.fop_flags = FOP_BUFFER_RASYNC | FOP_DIO_PARALLEL_WRITE,
#define DCRYPT_FMODE_ASYNC FMODE_NOWAIT
#else
#define DCRYPT_FOP_FLAGS
#define DCRYPT_FMODE_ASYNC (FMODE_NOWAIT | FMODE_BUF_RASYNC)
#endif

/* Can the filesystem encrypt by itself?  Then it has d_revalidate() for that. */
static inline bool dcrypt_has_fscrypt(const struct super_block *sb)
{
#ifdef CONFIG_FS_ENCRYPTION
	return sb->s_cop;
#else
	return false;
#endif
}

#endif /* DCRYPT_COMPAT_H */

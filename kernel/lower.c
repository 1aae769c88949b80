// SPDX-License-Identifier: GPL-2.0
/* The only caller of the lower filesystem's data path, through the open lower file. */
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/fsnotify.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/uio.h>
#include <linux/workqueue.h>
#include <linux/xattr.h>

#include "dcryptfs.h"
#include "inode.h"
#include "lower.h"

static struct workqueue_struct *lower_wq;

/* A call of the lower filesystem, to be made by lower_do(). */
struct lower_op {
	struct work_struct work;
	int (*fn)(struct lower_op *op);
	struct inode *inode;		/* the upper one */
	struct file *file;
	unsigned int task_flags;	/* PF_*, for whoever makes the call */
	struct dcrypt_lower_io *io;	/* to read or write */
	struct iattr *ia;		/* or: to change */
	int err;
};

static void lower_work(struct work_struct *work)
{
	struct lower_op *op = container_of(work, struct lower_op, work);
	const struct cred *old = dcrypt_override_creds(op->inode->i_sb);
	unsigned int task_flags = ~current->flags & op->task_flags;

	current->flags |= task_flags;
	op->err = op->fn(op);
	current->flags &= ~task_flags;
	revert_creds(old);
}

/*
 * Makes the call, with the mounter's credentials; @end is where the lower file
 * will end by it.  A limit on the size of the caller's files (RLIMIT_FSIZE) is
 * on upper sizes, and was checked above.  The lower file is somewhat larger: if
 * that is over the limit, a worker, which has none, makes the call.
 */
static int lower_do(struct lower_op *op, loff_t end)
{
	if (likely(end <= rlimit(RLIMIT_FSIZE))) {
		lower_work(&op->work);
		return op->err;
	}
	/* our caller may be in writeback */
	op->task_flags |= PF_MEMALLOC_NOFS;
	INIT_WORK_ONSTACK(&op->work, lower_work);
	queue_work(lower_wq, &op->work);
	flush_work(&op->work);
	destroy_work_on_stack(&op->work);
	return op->err;
}

static void warn_buffered(struct inode *inode, const struct file *file)
{
	struct dcrypt_sb *dsb = dcrypt_sb(inode->i_sb);

	if (atomic_read(&dsb->warned_buffered) ||
	    atomic_cmpxchg(&dsb->warned_buffered, 0, 1))
		return;
	pr_info("%s offers no direct I/O here: its own cache is used below\n",
		file_inode(file)->i_sb->s_type->name);
}

/*
 * Freeze protection of a write.  One that is under way when its submitter goes on
 * is ended by another task.  False if it would have to be waited for.
 */
static bool start_write(struct dcrypt_lower_io *io)
{
	struct super_block *sb = file_inode(io->iocb.ki_filp)->i_sb;

	if (!io->nowait)
		sb_start_write(sb);
	else if (!sb_start_write_trylock(sb))
		return false;
	if (!is_sync_kiocb(&io->iocb))
		__sb_writers_release(sb, SB_FREEZE_WRITE);
	return true;
}

static void end_write(struct dcrypt_lower_io *io)
{
	struct super_block *sb = file_inode(io->iocb.ki_filp)->i_sb;

	if (!is_sync_kiocb(&io->iocb))
		__sb_writers_acquired(sb, SB_FREEZE_WRITE);
	sb_end_write(sb);
}

/* The kiocb's completion, in any context. */
static void lower_complete(struct kiocb *iocb, long ret)
{
	struct dcrypt_lower_io *io = container_of(iocb, struct dcrypt_lower_io,
						  iocb);

	io->ret = ret;
	io->end(io);
}

/* Afresh: the upper file's append and the like have been dealt with. */
static int lower_flags(const struct dcrypt_lower_io *io, const struct file *file)
{
	int flags = io->write ? IOCB_WRITE : 0;

	if (file->f_mode & FMODE_CAN_ODIRECT)
		flags |= IOCB_DIRECT;
	if (io->nowait)
		flags |= IOCB_NOWAIT;
	return flags;
}

/*
 * Calls the lower filesystem once, for all that is left.  Bytes moved, an error,
 * or EIOCBQUEUED: then the io may be over already, and gone.
 */
static ssize_t lower_call(struct dcrypt_lower_io *io, struct file *file)
{
	struct kiocb *iocb = &io->iocb;
	struct iov_iter iter;
	ssize_t ret;

	iov_iter_bvec(&iter, io->write ? ITER_SOURCE : ITER_DEST, io->bvec,
		      io->nr, io->bytes);
	if (io->moved)
		iov_iter_advance(&iter, io->moved);

	/*
	 * Only the first time: who made an earlier call may still be in it, as it
	 * goes on elsewhere, and look at the file.
	 */
	if (!iocb->ki_filp) {
		init_sync_kiocb(iocb, file);
		if (io->end)
			iocb->ki_complete = lower_complete;
	}
	iocb->ki_pos = io->pos + io->moved;
	iocb->ki_flags = lower_flags(io, file);

	if (!io->write)
		return file->f_op->read_iter(iocb, &iter);

	if (!start_write(io))
		return -EAGAIN;
	ret = file->f_op->write_iter(iocb, &iter);
	if (ret != -EIOCBQUEUED)
		end_write(io);
	return ret;
}

/* What a call has come to.  0, an error, or ENODATA: the lower file has ended. */
static int lower_called(struct dcrypt_lower_io *io, ssize_t ret)
{
	struct dcrypt_stats __percpu *stats = dcrypt_sb(io->inode->i_sb)->stats;

	if (io->write) {
		dcrypt_changed_here(io->inode);
		if (ret > 0)
			fsnotify_modify(io->iocb.ki_filp);
	}
	/* some devices can't but wait */
	if (ret == -EOPNOTSUPP && io->nowait)
		return -EAGAIN;
	/* so disks say that what is there cannot be read */
	if (ret == -ENODATA)
		return -EIO;
	if (ret < 0)
		return ret;
	if (!ret)
		return io->write ? -EIO : -ENODATA;
	if (io->iocb.ki_flags & IOCB_DIRECT)
		this_cpu_add(stats->lower_direct, ret);
	else
		this_cpu_add(stats->lower_buffered, ret);
	io->moved += ret;
	return 0;
}

/* However many calls it takes. */
static int lower_rw(struct lower_op *op)
{
	struct dcrypt_lower_io *io = op->io;
	loff_t pos = io->pos;
	int err = 0;

	/* security modules, too, are asked about the mounter */
	if (!io->moved)
		err = rw_verify_area(io->write ? WRITE : READ, op->file, &pos,
				     io->bytes);
	while (!err && io->moved < io->bytes) {
		ssize_t ret = lower_call(io, op->file);

		if (ret == -EIOCBQUEUED)
			return ret;
		err = lower_called(io, ret);
	}
	return err;
}

/* The lower file's end is where there should be data. */
static int ended_early(const struct dcrypt_lower_io *io)
{
	dcrypt_inode_err(io->inode, "it ends at %lld, and should not before %lld: it was cut below",
			 io->pos + (loff_t)io->moved,
			 io->pos + (loff_t)io->bytes);
	return -EIO;
}

static int go_on(struct dcrypt_lower_io *io)
{
	struct lower_op op = {
		.fn = lower_rw,
		.inode = io->inode,
		.file = io->file,
		.io = io,
	};
	int err;

	/* a flusher must not wait for the lower cache to be flushed */
	if (!(op.file->f_mode & FMODE_CAN_ODIRECT))
		op.task_flags = PF_LOCAL_THROTTLE;
	err = lower_do(&op, io->write ? io->pos + io->bytes : 0);
	return err == -ENODATA ? ended_early(io) : err;
}

int dcrypt_lower_go(struct dcrypt_lower_io *io)
{
	io->moved = 0;
	if (!io->file) {
		io->file = dcrypt_lower_file(io->inode);
		/* who has the upper file open may close it before the end */
		if (io->end)
			get_file(io->file);
	}
	if (!(io->file->f_mode & FMODE_CAN_ODIRECT))
		warn_buffered(io->inode, io->file);
	if (io->nowait && !(io->file->f_mode & FMODE_NOWAIT))
		return -EAGAIN;
	if (io->write)
		dcrypt_changed_here(io->inode);
	return go_on(io);
}

int dcrypt_lower_go_on(struct dcrypt_lower_io *io)
{
	int err;

	if (io->write)
		end_write(io);
	err = lower_called(io, io->ret);
	if (err == -ENODATA)
		return ended_early(io);
	if (!err && io->moved < io->bytes)
		err = go_on(io);
	return err;
}

void dcrypt_lower_put(struct dcrypt_lower_io *io)
{
	if (io->end && io->file)
		fput(io->file);
}

int dcrypt_lower_revalidate(struct inode *inode, unsigned int flags)
{
	const struct cred *old = dcrypt_override_creds(inode->i_sb);
	struct kstat stat;
	int err = vfs_getattr(&dcrypt_lower_file(inode)->f_path, &stat,
			      STATX_BASIC_STATS, flags);

	revert_creds(old);
	return err;
}

int dcrypt_lower_rw(struct inode *inode, struct bio_vec *bvec, unsigned int nr,
		    size_t bytes, loff_t pos, bool write)
{
	struct dcrypt_lower_io io = {
		.inode = inode,
		.bvec = bvec,
		.nr = nr,
		.bytes = bytes,
		.pos = pos,
		.write = write,
	};

	return dcrypt_lower_go(&io);
}

static int lower_notify_change(struct lower_op *op)
{
	struct inode *lower = file_inode(op->file);
	int err;

	file_start_write(op->file);
	inode_lock(lower);
	err = notify_change(dcrypt_nop_idmap, file_dentry(op->file), op->ia,
			    NULL);
	inode_unlock(lower);
	file_end_write(op->file);
	return err;
}

static int change_lower(struct inode *inode, struct iattr *ia)
{
	struct lower_op op = {
		.fn = lower_notify_change,
		.inode = inode,
		.file = dcrypt_lower_file(inode),
		.ia = ia,
	};
	int err;

	/* which is not allowed on a file that may only be appended to */
	if (!IS_APPEND(file_inode(op.file)) && !IS_IMMUTABLE(file_inode(op.file))) {
		ia->ia_valid |= ATTR_MTIME | ATTR_MTIME_SET;
		ia->ia_mtime = dcrypt_mtime(inode);
	}
	dcrypt_changed_here(inode);
	err = lower_do(&op, ia->ia_size);
	dcrypt_changed_here(inode);
	return err;
}

int dcrypt_lower_setsize(struct inode *inode, loff_t size)
{
	struct iattr ia = { .ia_valid = ATTR_SIZE, .ia_size = size };

	return change_lower(inode, &ia);
}

int dcrypt_lower_set_mtime(struct inode *inode)
{
	struct iattr ia = { .ia_valid = 0 };

	return change_lower(inode, &ia);
}

int dcrypt_lower_fallocate(struct inode *inode, int mode, loff_t pos, loff_t len)
{
	struct file *file = dcrypt_lower_file(inode);
	const struct cred *old;
	int err;

	/* it guards against freezing by itself */
	old = dcrypt_override_creds(inode->i_sb);
	err = vfs_fallocate(file, mode | FALLOC_FL_KEEP_SIZE, pos, len);
	revert_creds(old);
	dcrypt_changed_here(inode);
	return err;
}

loff_t dcrypt_lower_seek(struct inode *inode, loff_t pos, int whence)
{
	struct file *file = dcrypt_lower_file(inode);
	const struct cred *old = dcrypt_override_creds(inode->i_sb);
	loff_t ret;

	/* it also sets the position of the file, which nobody goes by */
	ret = vfs_llseek(file, pos, whence);
	revert_creds(old);
	return ret;
}

int dcrypt_lower_fsync(struct inode *inode, int datasync)
{
	const struct cred *old = dcrypt_override_creds(inode->i_sb);
	int err = vfs_fsync(dcrypt_lower_file(inode), datasync);

	revert_creds(old);
	if (err)
		mapping_set_error(inode->i_mapping, err);
	return err;
}

/* The flags of a kiocb that are as good for the lower file. */
#define PASSED_FLAGS	(IOCB_DIRECT | IOCB_DSYNC | IOCB_SYNC | IOCB_NOWAIT)

/*
 * The lower filesystem may take the program's memory inside its i_rwsem, and so fault
 * in pages of an encrypted file, which are read below.  That is never the same lower
 * file, as one that is let through has no pages above; but to lockdep they are of one
 * class, and after a report it would be of no use.
 */
static ssize_t pass(struct kiocb *iocb, struct iov_iter *iter)
{
	struct file *file = iocb->ki_filp;
	ssize_t ret;

	if (iov_iter_rw(iter) == READ) {
		lockdep_off();
		ret = file->f_op->read_iter(iocb, iter);
		lockdep_on();
		return ret;
	}
	iocb->ki_flags |= IOCB_WRITE;
	file_start_write(file);
	lockdep_off();
	ret = file->f_op->write_iter(iocb, iter);
	lockdep_on();
	file_end_write(file);
	if (ret > 0)
		fsnotify_modify(file);
	return ret;
}

/* As everywhere above, direct I/O may be of any alignment. */
static bool is_direct(const struct file *file, loff_t pos,
		      const struct iov_iter *iter)
{
	unsigned long blocks = file_inode(file)->i_sb->s_blocksize - 1;

	return (file->f_mode & FMODE_CAN_ODIRECT) &&
	       !((pos | iov_iter_alignment(iter)) & blocks);
}

ssize_t dcrypt_lower_pass(const struct kiocb *upper, loff_t pos,
			  struct iov_iter *iter)
{
	struct inode *inode = file_inode(upper->ki_filp);
	struct file *file = dcrypt_lower_file(inode);
	const struct cred *old;
	struct kiocb iocb;
	ssize_t ret;

	if ((upper->ki_flags & IOCB_NOWAIT) && !(file->f_mode & FMODE_NOWAIT))
		return -EAGAIN;
	init_sync_kiocb(&iocb, file);
	iocb.ki_pos = pos;
	iocb.ki_flags = upper->ki_flags & PASSED_FLAGS;
	if (!is_direct(file, pos, iter))
		iocb.ki_flags &= ~IOCB_DIRECT;
	old = dcrypt_override_creds(inode->i_sb);
	ret = pass(&iocb, iter);
	revert_creds(old);
	if (iov_iter_rw(iter) == WRITE)
		dcrypt_changed_here(inode);
	return ret;
}

int dcrypt_lower_mmap(struct inode *inode, struct vm_area_struct *vma)
{
	struct file *file = dcrypt_lower_file(inode);
	const struct cred *old;
	int err;

	if (!file->f_op->mmap)
		return -ENODEV;
	vma_set_file(vma, file);
	old = dcrypt_override_creds(inode->i_sb);
	err = call_mmap(file, vma);
	revert_creds(old);
	return err;
}

ssize_t dcrypt_lower_getxattr(struct inode *inode, const char *name, void *value,
			      size_t size)
{
	const struct cred *old = dcrypt_override_creds(inode->i_sb);
	ssize_t ret = vfs_getxattr(dcrypt_nop_idmap,
				   dcrypt_inode(inode)->lower_dentry, name,
				   value, size);

	revert_creds(old);
	return ret;
}

int dcrypt_lower_setxattr(struct inode *inode, const char *name,
			  const void *value, size_t size)
{
	const struct cred *old;
	int err = dcrypt_want_write(inode->i_sb);

	if (err)
		return err;
	old = dcrypt_override_creds(inode->i_sb);
	err = vfs_setxattr(dcrypt_nop_idmap, dcrypt_inode(inode)->lower_dentry,
			   name, value, size, 0);
	revert_creds(old);
	dcrypt_changed_here(inode);
	dcrypt_drop_write(inode->i_sb);
	return err;
}

int dcrypt_lower_init(void)
{
	lower_wq = alloc_workqueue("dcryptfs", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return lower_wq ? 0 : -ENOMEM;
}

void dcrypt_lower_exit(void)
{
	destroy_workqueue(lower_wq);
}

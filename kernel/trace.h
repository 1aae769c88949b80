/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, one for each stage of a request: /sys/kernel/tracing/events/dcryptfs/.
 * Offsets and lengths are in bytes of the upper file.  They name files by device and
 * inode number, and hold nothing of what is in them.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dcryptfs

#if !defined(DCRYPT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define DCRYPT_TRACE_H

#include <linux/kdev_t.h>
#include <linux/tracepoint.h>

#include "dcryptfs.h"
#include "extent.h"

/* A direct request begins, or is over, @ret being what its caller is told. */
DECLARE_EVENT_CLASS(dcrypt_direct_class,
	TP_PROTO(struct inode *inode, loff_t pos, size_t len, bool write,
		 ssize_t ret),
	TP_ARGS(inode, pos, len, write, ret),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(ino_t, ino)
		__field(loff_t, pos)
		__field(size_t, len)
		__field(ssize_t, ret)
		__field(bool, write)
	),
	TP_fast_assign(
		__entry->dev = inode->i_sb->s_dev;
		__entry->ino = inode->i_ino;
		__entry->pos = pos;
		__entry->len = len;
		__entry->ret = ret;
		__entry->write = write;
	),
	TP_printk("dev %d:%d ino %lu %s pos %lld len %zu ret %zd",
		  MAJOR(__entry->dev), MINOR(__entry->dev),
		  (unsigned long)__entry->ino,
		  __entry->write ? "write" : "read", __entry->pos,
		  __entry->len, __entry->ret)
);

DEFINE_EVENT(dcrypt_direct_class, dcrypt_direct_begin,
	TP_PROTO(struct inode *inode, loff_t pos, size_t len, bool write,
		 ssize_t ret),
	TP_ARGS(inode, pos, len, write, ret));
DEFINE_EVENT(dcrypt_direct_class, dcrypt_direct_end,
	TP_PROTO(struct inode *inode, loff_t pos, size_t len, bool write,
		 ssize_t ret),
	TP_ARGS(inode, pos, len, write, ret));

/*
 * A run is started in a way (@value is of enum dcrypt_run_start); the lower file has
 * moved a part of it, or failed to; it is over, with 0 or an error.
 */
DECLARE_EVENT_CLASS(dcrypt_run_class,
	TP_PROTO(const struct dcrypt_run_ctx *ctx, int value),
	TP_ARGS(ctx, value),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(ino_t, ino)
		__field(u64, block)
		__field(unsigned int, nr)
		__field(unsigned int, done)
		__field(int, value)
		__field(bool, write)
	),
	TP_fast_assign(
		__entry->dev = ctx->run.inode->i_sb->s_dev;
		__entry->ino = ctx->run.inode->i_ino;
		__entry->block = ctx->run.block;
		__entry->nr = ctx->run.nr;
		__entry->done = ctx->done;
		__entry->value = value;
		__entry->write = ctx->run.write;
	),
	TP_printk("dev %d:%d ino %lu %s pos %llu len %u done %u value %d",
		  MAJOR(__entry->dev), MINOR(__entry->dev),
		  (unsigned long)__entry->ino,
		  __entry->write ? "write" : "read",
		  __entry->block << DCRYPT_BLOCK_BITS,
		  __entry->nr << DCRYPT_BLOCK_BITS,
		  __entry->done << DCRYPT_BLOCK_BITS, __entry->value)
);

DEFINE_EVENT(dcrypt_run_class, dcrypt_run_start,
	TP_PROTO(const struct dcrypt_run_ctx *ctx, int value),
	TP_ARGS(ctx, value));
DEFINE_EVENT(dcrypt_run_class, dcrypt_run_lower,
	TP_PROTO(const struct dcrypt_run_ctx *ctx, int value),
	TP_ARGS(ctx, value));
DEFINE_EVENT(dcrypt_run_class, dcrypt_run_end,
	TP_PROTO(const struct dcrypt_run_ctx *ctx, int value),
	TP_ARGS(ctx, value));

#endif /* DCRYPT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>

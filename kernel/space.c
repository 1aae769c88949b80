// SPDX-License-Identifier: GPL-2.0
/*
 * Room on the lower filesystem for what is written into the page cache.
 *
 * Nothing is set aside below when a page becomes dirty.  So that write() itself can
 * say that there is no room, pages may become dirty only while there is more than
 * enough for all that are.  When there is not, write() writes through: write.c.
 *
 * That is a forecast and no promise: others use the same disk, quotas may be lower
 * than what is free, and a store to a mapping asks nobody.  What it misses is told
 * by fsync() and close().
 */
#include <linux/backing-dev.h>
#include <linux/sizes.h>
#include <linux/statfs.h>

#include "data.h"
#include "dcryptfs.h"

/*
 * What has to be left over: for the lower filesystem's own needs, and for what
 * others write while room is not looked for.  On a small disk, a part of it.
 */
#define MOST_SLACK	SZ_64M
#define SLACK_PART	16

/* Where the lower filesystem does not say what is free, or it means little. */
#define NO_LIMIT	(LONG_MAX / 2)

/* How long an answer is good for, as others write below as well. */
#define HOLDS_FOR	HZ

/* A lower filesystem may be a program, and say anything. */
static u64 to_bytes(u64 blocks, const struct kstatfs *st)
{
	u64 bytes;

	return check_mul_overflow(blocks, (u64)st->f_frsize, &bytes) ? S64_MAX :
	       min_t(u64, bytes, S64_MAX);
}

static int lower_statfs(struct super_block *sb, struct kstatfs *st)
{
	struct path path = {
		.mnt = dcrypt_sb(sb)->lower_mnt,
		.dentry = dcrypt_sb(sb)->lower_root,
	};
	const struct cred *old = dcrypt_override_creds(sb);
	int err = vfs_statfs(&path, st);

	revert_creds(old);
	return err;
}

/* Bytes that are dirty or being written, of all cgroups. */
static u64 count_dirty(const struct super_block *sb)
{
	struct bdi_writeback *wb;
	u64 pages = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(wb, &sb->s_bdi->wb_list, bdi_node) {
		/* that of a cgroup may be going, with its counters */
		if (!wb_tryget(wb))
			continue;
		pages += wb_stat_sum(wb, WB_RECLAIMABLE) +
			 wb_stat_sum(wb, WB_WRITEBACK);
		wb_put(wb);
	}
	rcu_read_unlock();
	return pages << PAGE_SHIFT;
}

/* Room besides that for what is dirty: each page may be a new file's, with a header. */
static s64 spare(const struct super_block *sb, const struct kstatfs *st)
{
	return (s64)(to_bytes(st->f_bavail, st) - 2 * count_dirty(sb));
}

/* Could what is dirty, and was taken when there was room, still come too late? */
static bool must_hurry(const struct super_block *sb, const struct kstatfs *st)
{
	return count_dirty(sb) > to_bytes(st->f_bavail, st) / 4;
}

/*
 * How many pages may become dirty until it is asked again.  Half of the slack at
 * most is used up then, if each of them is a new file's.
 */
static long look_for_room(struct super_block *sb)
{
	struct kstatfs st;
	s64 slack;

	/* a server says later, to fsync() and close(), that it is full */
	if (dcrypt_sb(sb)->remote || lower_statfs(sb, &st) || !st.f_blocks)
		return NO_LIMIT;
	slack = min_t(u64, to_bytes(st.f_blocks, &st) / SLACK_PART, MOST_SLACK);
	if (spare(sb, &st) < slack && must_hurry(sb, &st) &&
	    down_read_trylock(&sb->s_umount)) {
		sync_inodes_sb(sb);
		up_read(&sb->s_umount);
		if (lower_statfs(sb, &st))
			return 0;
	}
	return spare(sb, &st) < slack ? 0 : slack / 4 >> PAGE_SHIFT;
}

bool dcrypt_look_for_room(struct super_block *sb, unsigned int pages)
{
	struct dcrypt_sb *dsb = dcrypt_sb(sb);
	bool found;

	mutex_lock(&dsb->room_lock);
	/* somebody may just have found some */
	found = dcrypt_has_room(dsb, pages);
	if (!found) {
		atomic_long_set(&dsb->room, look_for_room(sb));
		WRITE_ONCE(dsb->room_until, jiffies + HOLDS_FOR);
		found = dcrypt_has_room(dsb, pages);
	}
	mutex_unlock(&dsb->room_lock);
	return found;
}

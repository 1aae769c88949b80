// SPDX-License-Identifier: GPL-2.0
/*
 * What a mount has done, in /sys/fs/dcryptfs/<major>:<minor>/, the device number
 * being the one that stat(2) gives for its files; and by which driver it encrypts.
 */
#include <linux/kobject.h>
#include <linux/kdev_t.h>
#include <linux/percpu.h>
#include <linux/sysfs.h>

#include "dcryptfs.h"
#include "mount.h"

static struct kobject *dcrypt_root;

static struct dcrypt_sb *kobj_dsb(struct kobject *kobj)
{
	return container_of(kobj, struct dcrypt_sb, kobj);
}

static u64 sum(const struct dcrypt_sb *dsb, size_t offset)
{
	u64 total = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		total += *(u64 *)((char *)per_cpu_ptr(dsb->stats, cpu) + offset);
	return total;
}

#define COUNTER(name)							\
static ssize_t name##_show(struct kobject *kobj,			\
			   struct kobj_attribute *attr, char *buf)	\
{									\
	return sysfs_emit(buf, "%llu\n",				\
			  sum(kobj_dsb(kobj),				\
			      offsetof(struct dcrypt_stats, name)));	\
}									\
static struct kobj_attribute name##_attr = __ATTR_RO(name)

COUNTER(names_skipped);
COUNTER(direct_read);
COUNTER(direct_written);
COUNTER(cached_read);
COUNTER(cached_written);
COUNTER(lower_direct);
COUNTER(lower_buffered);
COUNTER(merged_blocks);
COUNTER(bounce_waits);
COUNTER(queued_runs);
COUNTER(queued_ns);
COUNTER(key_uses);

#define BOUNCE_PAGES(name, value)					\
static ssize_t name##_show(struct kobject *kobj,			\
			   struct kobj_attribute *attr, char *buf)	\
{									\
	const struct dcrypt_sb *dsb = kobj_dsb(kobj);			\
									\
	return sysfs_emit(buf, "%lu\n",					\
			  (unsigned long)(value) << PAGE_SHIFT);	\
}									\
static struct kobj_attribute name##_attr = __ATTR_RO(name)

/* Bytes of bounce pages: taken now, at most until now, and at most for ever. */
BOUNCE_PAGES(bounce_used, atomic_read(&dsb->bounce_used));
BOUNCE_PAGES(bounce_peak, READ_ONCE(dsb->bounce_peak));
BOUNCE_PAGES(bounce_max, dsb->bounce_max);

/* What the kernel chose when this was mounted, as /proc/crypto calls it. */
static ssize_t cipher_driver_show(struct kobject *kobj,
				  struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  crypto_skcipher_driver_name(kobj_dsb(kobj)->tfm));
}
static struct kobj_attribute cipher_driver_attr = __ATTR_RO(cipher_driver);

static ssize_t locked_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(kobj_dsb(kobj)->keys->locked));
}
static struct kobj_attribute locked_attr = __ATTR_RO(locked);

static struct attribute *dcrypt_attrs[] = {
	&cipher_driver_attr.attr,
	&names_skipped_attr.attr,
	&direct_read_attr.attr,
	&direct_written_attr.attr,
	&cached_read_attr.attr,
	&cached_written_attr.attr,
	&lower_direct_attr.attr,
	&lower_buffered_attr.attr,
	&merged_blocks_attr.attr,
	&bounce_used_attr.attr,
	&bounce_peak_attr.attr,
	&bounce_max_attr.attr,
	&bounce_waits_attr.attr,
	&queued_runs_attr.attr,
	&queued_ns_attr.attr,
	&key_uses_attr.attr,
	&locked_attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(dcrypt);

/* Nobody reads the attributes any more. */
static void dcrypt_kobj_release(struct kobject *kobj)
{
	complete(&kobj_dsb(kobj)->kobj_gone);
}

static const struct kobj_type dcrypt_ktype = {
	.sysfs_ops	= &kobj_sysfs_ops,
	.release	= dcrypt_kobj_release,
	.default_groups	= dcrypt_groups,
};

int dcrypt_sysfs_add(struct super_block *sb)
{
	struct dcrypt_sb *dsb = dcrypt_sb(sb);

	init_completion(&dsb->kobj_gone);
	dsb->has_kobj = true;
	return kobject_init_and_add(&dsb->kobj, &dcrypt_ktype, dcrypt_root,
				    "%u:%u", MAJOR(sb->s_dev), MINOR(sb->s_dev));
}

void dcrypt_sysfs_remove(struct dcrypt_sb *dsb)
{
	if (!dsb->has_kobj)
		return;
	kobject_del(&dsb->kobj);
	kobject_put(&dsb->kobj);
	wait_for_completion(&dsb->kobj_gone);
	dsb->has_kobj = false;
}

int dcrypt_sysfs_init(void)
{
	dcrypt_root = kobject_create_and_add("dcryptfs", fs_kobj);
	return dcrypt_root ? 0 : -ENOMEM;
}

void dcrypt_sysfs_exit(void)
{
	kobject_put(dcrypt_root);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * In place of the kernel's eCryptfs: with the module parameter ecryptfs=1 there is a
 * type of that name as well, and what mount.ecryptfs reads to learn what the kernel
 * can do.
 */
#include <linux/fs_context.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/sysfs.h>

#include "dcryptfs.h"
#include "mount.h"

static bool dropin;
module_param_named(ecryptfs, dropin, bool, 0444);
MODULE_PARM_DESC(ecryptfs, "also be the file system type ecryptfs, in place of the kernel's");

/* What mount.ecryptfs asks for.  Not: public keys, HMACs. */
#define VERSION_PASSPHRASE	0x001
#define VERSION_PASSTHROUGH	0x004
#define VERSION_XATTR		0x010
#define VERSION_MANY_KEYS	0x020
#define VERSION_NAMES		0x100

static struct kobject *sysfs_dir;

static ssize_t version_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%d\n", VERSION_PASSPHRASE |
				       VERSION_PASSTHROUGH | VERSION_XATTR |
				       VERSION_MANY_KEYS | VERSION_NAMES);
}

static struct kobj_attribute version_attr = __ATTR_RO(version);

static int init_fs_context(struct fs_context *fc)
{
	int err = dcrypt_init_fs_context(fc);
	struct dcrypt_params *params = fc->fs_private;

	if (!err)
		params->dropin = true;
	return err;
}

static struct file_system_type ecryptfs_type = {
	.owner			= THIS_MODULE,
	.name			= "ecryptfs",
	.init_fs_context	= init_fs_context,
	.kill_sb		= dcrypt_kill_sb,
	.fs_flags		= FS_ALLOW_IDMAP,
};

struct file_system_type *dcrypt_other_type(const struct file_system_type *type)
{
	if (!dropin)
		return NULL;
	return type == &ecryptfs_type ? &dcrypt_fs_type : &ecryptfs_type;
}

static int make_sysfs(void)
{
	int err;

	sysfs_dir = kobject_create_and_add("ecryptfs", fs_kobj);
	if (!sysfs_dir)
		return -ENOMEM;
	err = sysfs_create_file(sysfs_dir, &version_attr.attr);
	if (err)
		kobject_put(sysfs_dir);
	return err;
}

int dcrypt_dropin_init(void)
{
	int err;

	if (!dropin)
		return 0;
	/* first: it is what tells whether the other one is there */
	err = register_filesystem(&ecryptfs_type);
	if (err) {
		pr_err("ecryptfs=1, but there is a file system type ecryptfs already: unload the kernel's module first (rmmod ecryptfs)\n");
		return err;
	}
	err = make_sysfs();
	if (err)
		unregister_filesystem(&ecryptfs_type);
	return err;
}

void dcrypt_dropin_exit(void)
{
	if (!dropin)
		return;
	kobject_put(sysfs_dir);
	unregister_filesystem(&ecryptfs_type);
}

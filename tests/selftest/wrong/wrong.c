// SPDX-License-Identifier: GPL-2.0
/*
 * A module that does what a debug kernel has to notice: writing the name of a
 * mistake to its parameter makes it. None of them does harm that outlasts it.
 */
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spinlock);

static void use_after_free(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
	if (p)
		WRITE_ONCE(p[3], 1);
}

static void out_of_bounds(void)
{
	char *p = kzalloc(40, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
	if (p)
		pr_info("wrong: %d\n", READ_ONCE(p[40]));
	kfree(p);
}

static void lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void sleep_in_atomic(void)
{
	spin_lock(&spinlock);
	mutex_lock(&first);
	mutex_unlock(&first);
	spin_unlock(&spinlock);
}

static void shift(void)
{
	unsigned int by = 70;

	OPTIMIZER_HIDE_VAR(by);
	pr_info("wrong: %d\n", 1 << by);
}

static int array[8];

static void index_past_end(void)
{
	/* just past the end an address may still point, and READ_ONCE() takes one */
	unsigned int at = 9;

	OPTIMIZER_HIDE_VAR(at);
	pr_info("wrong: %d\n", READ_ONCE(array[at]));
}

/* Of a list that is still there; the list is then made right again. */
static void list_corruption(void)
{
	LIST_HEAD(list);
	struct list_head a, b;

	list_add(&a, &list);
	a.prev = &b;
	list_del(&a);
}

static void leak(void)
{
	void *p;

	for (int i = 0; i < 8; i++) {
		p = kmalloc(100, GFP_KERNEL);
		OPTIMIZER_HIDE_VAR(p);
	}
}

static const struct {
	const char *name;
	void (*make)(void);
} mistakes[] = {
	{ "use-after-free", use_after_free },
	{ "out-of-bounds", out_of_bounds },
	{ "lock-order", lock_order },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "shift", shift },
	{ "index-past-end", index_past_end },
	{ "list-corruption", list_corruption },
	{ "leak", leak },
};

static int set_make(const char *value, const struct kernel_param *param)
{
	for (int i = 0; i < ARRAY_SIZE(mistakes); i++)
		if (sysfs_streq(value, mistakes[i].name)) {
			mistakes[i].make();
			return 0;
		}
	return -EINVAL;
}

static const struct kernel_param_ops make_ops = { .set = set_make };

module_param_cb(make, &make_ops, NULL, 0200);
MODULE_PARM_DESC(make, "the mistake to be made");

MODULE_DESCRIPTION("Mistakes for tests of a debug kernel");
MODULE_LICENSE("GPL");

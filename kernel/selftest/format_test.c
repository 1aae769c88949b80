// SPDX-License-Identifier: GPL-2.0
/* Offset and size arithmetic, against the table in the format's document. */
#include <linux/limits.h>

#include "../dcryptfs.h"
#include "../extent.h"
#include "../format.h"
#include "selftest.h"

static const struct {
	loff_t upper;
	loff_t lower;
	loff_t data_end;
} sizes[] = {
	{ 0,		0,		0 },
	{ 1,		8193,		8192 },
	{ 4095,		12287,		8192 },
	{ 4096,		8192,		8192 },
	{ 4097,		12289,		12288 },
	{ 8192,		12288,		12288 },
	{ 1000000,	1008192,	1007616 },
	{ 1LL << 40,	(1LL << 40) + 4096, (1LL << 40) + 4096 },
};

static void test_sizes(const struct dcrypt_format_ops *format)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		CHECK(dcrypt_native_lower_size(sizes[i].upper) == sizes[i].lower);
		CHECK(format->upper_size(sizes[i].lower) == sizes[i].upper);
		CHECK(dcrypt_native_data_end(sizes[i].upper) == sizes[i].data_end);
	}
}

/* Every size around the first blocks comes back, and nothing else is a size. */
static void test_all_small_sizes(const struct dcrypt_format_ops *format)
{
	loff_t upper, lower, prev = -1;

	for (upper = 0; upper <= 5 * DCRYPT_BLOCK_SIZE; upper++) {
		lower = dcrypt_native_lower_size(upper);
		if (!CHECK(format->upper_size(lower) == upper) ||
		    !CHECK(lower >= dcrypt_native_data_end(upper)) ||
		    !CHECK(lower - dcrypt_native_data_end(upper) ==
			   upper % DCRYPT_BLOCK_SIZE))
			return;
	}
	for (lower = 1; lower < 2 * DCRYPT_BLOCK_SIZE; lower++)
		if (!CHECK(format->upper_size(lower) ==
			   (lower == DCRYPT_BLOCK_SIZE ? 0 : -EIO)))
			return;
	/* a block that grows must not look like one that shrinks */
	for (upper = 0; upper <= 5 * DCRYPT_BLOCK_SIZE; upper++) {
		if (!CHECK(dcrypt_native_data_end(upper) >= prev))
			return;
		prev = dcrypt_native_data_end(upper);
	}
}

static void test_limits(const struct dcrypt_format_ops *format)
{
	const loff_t lower_max[] = { LLONG_MAX, 0xffffffff000LL, 1LL << 31, 12288 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lower_max); i++) {
		loff_t max = format->max_size(lower_max[i]);

		CHECK(max > 0);
		CHECK(dcrypt_native_lower_size(max) <= lower_max[i]);
		CHECK(dcrypt_native_lower_size(max - 1) <= lower_max[i]);
		CHECK(dcrypt_native_data_end(max) <= lower_max[i]);
	}
	CHECK(format->max_size(4096) == 0);
	CHECK(format->max_size(0) == 0);
}

static void test_map(const struct dcrypt_format_ops *format)
{
	unsigned int contig = 0;

	CHECK(format->map(NULL, 0, &contig) == 4096);
	CHECK(contig >= DCRYPT_RUN_BLOCKS);
	CHECK(format->map(NULL, 1, &contig) == 8192);
	CHECK(format->map(NULL, 1ULL << 30, &contig) == (1LL << 42) + 4096);
}

void dcrypt_test_format(void)
{
	test_sizes(&dcrypt_native_format);
	test_all_small_sizes(&dcrypt_native_format);
	test_limits(&dcrypt_native_format);
	test_map(&dcrypt_native_format);
}

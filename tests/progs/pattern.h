/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Data whose every byte depends on a seed and on its offset in the file, so that
 * data that is right, but in the wrong place, is seen. Seed 0 is all zeros.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stddef.h>
#include <stdint.h>

static inline unsigned char pattern(uint64_t seed, uint64_t offset)
{
	uint64_t x;

	if (!seed)
		return 0;
	x = (seed << 40) + offset / 8 + 1;
	x *= 0x9e3779b97f4a7c15ULL;
	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9ULL;
	x ^= x >> 32;
	return x >> 8 * (offset % 8);
}

static inline void pattern_fill(char *buf, size_t len, uint64_t seed, uint64_t offset)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = pattern(seed, offset + i);
}

#endif

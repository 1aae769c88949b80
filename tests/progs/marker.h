/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Markers and passphrases that a guest uses and the host looks for in its memory.
 * Both make them from a seed, so that nobody has to tell the other.  Each byte by
 * itself: never are several of them together in a register, which the kernel would
 * save somewhere.
 */
#ifndef MARKER_H
#define MARKER_H

#include <stddef.h>
#include <stdint.h>

#define MARKER_SIZE	16	/* a block of the cipher: not one is to be found */
#define PASSPHRASE_SIZE	32

static inline unsigned char seeded_byte(uint64_t seed, unsigned int i)
{
	uint64_t x = seed * 64 + i + 1;

	x *= 0x9e3779b97f4a7c15ULL;
	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9ULL;
	x ^= x >> 32;
	x *= 0x94d049bb133111ebULL;
	return x >> 56;
}

/* volatile: not by vectors either. */
static inline void make_marker(volatile unsigned char *to, uint64_t seed)
{
	for (unsigned int i = 0; i < MARKER_SIZE; i++)
		to[i] = seeded_byte(seed, i);
}

static inline void make_passphrase(volatile unsigned char *to, uint64_t seed)
{
	for (unsigned int i = 0; i < PASSPHRASE_SIZE; i++)
		to[i] = 'a' + seeded_byte(seed, MARKER_SIZE + i) % 26;
}

#endif

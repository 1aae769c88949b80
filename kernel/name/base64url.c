// SPDX-License-Identifier: GPL-2.0
/* base64url without padding characters: RFC 4648, section 5. */
#include <linux/string.h>

#include "name.h"

static const char alphabet[64] __nonstring =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

unsigned int dcrypt_base64url_encode(const u8 *bytes, unsigned int len, char *text)
{
	char *end = text;
	unsigned int bits = 0;
	u32 pending = 0;

	while (len--) {
		pending = pending << 8 | *bytes++;
		bits += 8;
		while (bits >= 6) {
			bits -= 6;
			*end++ = alphabet[pending >> bits & 0x3f];
		}
	}
	if (bits)
		*end++ = alphabet[pending << (6 - bits) & 0x3f];
	return end - text;
}

static int digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	if (c == '_')
		return 63;
	return -1;
}

int dcrypt_base64url_decode(const char *text, unsigned int len, u8 *bytes)
{
	u8 *end = bytes;
	unsigned int bits = 0;
	u32 pending = 0;

	while (len--) {
		int value = digit_value(*text++);

		if (value < 0)
			return -EBADMSG;
		pending = pending << 6 | value;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*end++ = pending >> bits;
		}
	}
	/* a whole character too much, or bits that no encoder sets */
	if (bits >= 6 || (pending & ((1U << bits) - 1)))
		return -EBADMSG;
	return end - bytes;
}

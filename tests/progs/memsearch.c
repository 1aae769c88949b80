// SPDX-License-Identifier: GPL-2.0
/*
 * Looks for strings of bytes in a dump of a guest's memory; runs on the host.
 *
 *	memsearch LIST <DUMP	prints, for each line "NAME HEX" of LIST, "NAME COUNT";
 *				and on standard error, where the first of each are
 *	memsearch marker|passphrase SEED	prints the HEX of that
 *	memsearch text SEED	prints the passphrase itself
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "marker.h"

#define MAX_STRINGS	256
#define MAX_LEN		128
#define MIN_LEN		16
#define CHUNK		(4UL << 20)
#define PAGE		4096
#define SHOWN		3	/* places of each */
#define AROUND		32	/* bytes before and after, for who wants to know what it is */

struct string {
	char name[64];
	unsigned char bytes[MAX_LEN];
	size_t len;
	unsigned long count;
	struct string *next;	/* with the same first two bytes */
};

static struct string strings[MAX_STRINGS];
static unsigned int nr_strings;
static struct string *by_start[1 << 16];

static void die(const char *what)
{
	fprintf(stderr, "memsearch: %s\n", what);
	exit(2);
}

static unsigned int start_of(const unsigned char *p)
{
	return p[0] | p[1] << 8;
}

static bool is_zero(const unsigned char *p, size_t len)
{
	return !p[0] && !memcmp(p, p + 1, len - 1);
}

static void add_string(const char *name, const char *hex)
{
	struct string *s = &strings[nr_strings++];
	unsigned int byte;

	if (nr_strings > MAX_STRINGS)
		die("too many strings");
	snprintf(s->name, sizeof(s->name), "%s", name);
	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
		if (s->len == MAX_LEN)
			die("a string is too long");
		s->bytes[s->len++] = byte;
		if (!hex[1])
			die("half a byte");
	}
	/* shorter ones are found by chance, and one of zeros everywhere */
	if (s->len < MIN_LEN || is_zero(s->bytes, s->len))
		die("a string is too short, or all zeros");
	s->next = by_start[start_of(s->bytes)];
	by_start[start_of(s->bytes)] = s;
}

static void read_list(const char *path)
{
	char name[64], hex[2 * MAX_LEN + 2];
	FILE *f = fopen(path, "r");

	if (!f)
		die("the list cannot be opened");
	while (fscanf(f, "%63s %257s", name, hex) == 2)
		add_string(name, hex);
	if (!feof(f) || !nr_strings)
		die("the list makes no sense");
	fclose(f);
}

static void show(const struct string *s, const unsigned char *data, size_t size, size_t at,
		 unsigned long long offset)
{
	size_t from = at < AROUND ? 0 : at - AROUND;
	size_t to = at + s->len + AROUND < size ? at + s->len + AROUND : size;

	fprintf(stderr, "%s at %#llx:", s->name, offset + at);
	for (size_t i = from; i < to; i++)
		fprintf(stderr, "%s%02x", i == at || i == at + s->len ? " " : "", data[i]);
	fprintf(stderr, "\n");
}

/* What begins in the first @size bytes, of which and a little more there are @there. */
static void search(const unsigned char *data, size_t size, size_t there,
		   unsigned long long offset)
{
	for (size_t i = 0; i < size; i++) {
		if (i % PAGE == 0 && i + PAGE <= there && is_zero(data + i, PAGE))
			i += PAGE - MAX_LEN; /* no string lies in that */
		if (i + MIN_LEN > there)
			return;
		for (struct string *s = by_start[start_of(data + i)]; s; s = s->next)
			if (i + s->len <= there && !memcmp(data + i, s->bytes, s->len) &&
			    s->count++ < SHOWN)
				show(s, data, there, i, offset);
	}
}

static void search_dump(void)
{
	static unsigned char data[CHUNK + MAX_LEN];
	unsigned long long offset = 0;
	size_t have = 0;
	ssize_t n;

	while ((n = read(STDIN_FILENO, data + have, sizeof(data) - have)) > 0) {
		have += n;
		if (have < sizeof(data))
			continue;
		search(data, CHUNK, have, offset);
		offset += CHUNK;
		have -= CHUNK;
		memmove(data, data + CHUNK, have);
	}
	if (n < 0)
		die(strerror(errno));
	search(data, have, have, offset);
	fprintf(stderr, "%llu bytes searched\n", offset + have);
}

static void print_hex(const unsigned char *p, size_t len)
{
	while (len--)
		printf("%02x", *p++);
	printf("\n");
}

int main(int argc, char **argv)
{
	unsigned char bytes[PASSPHRASE_SIZE];
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;

	if (argc == 3 && !strcmp(argv[1], "marker")) {
		make_marker(bytes, seed);
		print_hex(bytes, MARKER_SIZE);
	} else if (argc == 3 && !strcmp(argv[1], "passphrase")) {
		make_passphrase(bytes, seed);
		print_hex(bytes, PASSPHRASE_SIZE);
	} else if (argc == 3 && !strcmp(argv[1], "text")) {
		make_passphrase(bytes, seed);
		printf("%.*s\n", PASSPHRASE_SIZE, bytes);
	} else if (argc == 2) {
		read_list(argv[1]);
		search_dump();
		for (unsigned int i = 0; i < nr_strings; i++)
			printf("%s %lu\n", strings[i].name, strings[i].count);
	} else {
		die("usage: see the source");
	}
	return 0;
}

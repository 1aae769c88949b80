// SPDX-License-Identifier: GPL-2.0
/*
 * Makes an empty directory one whose files fscrypt encrypts, with a fixed key: to
 * be compared with, and for nothing else.
 *
 *	fscryptdir DIRECTORY
 */
#include <fcntl.h>
#include <linux/fscrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static int failed(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	struct fscrypt_policy_v2 policy = {
		.version = FSCRYPT_POLICY_V2,
		.contents_encryption_mode = FSCRYPT_MODE_AES_256_XTS,
		.filenames_encryption_mode = FSCRYPT_MODE_AES_256_CTS,
		.flags = FSCRYPT_POLICY_FLAGS_PAD_16,
	};
	struct fscrypt_add_key_arg *key = calloc(1, sizeof(*key) + 64);
	int fd;

	if (argc != 2 || !key) {
		fprintf(stderr, "usage: fscryptdir DIRECTORY\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return failed(argv[1]);
	key->key_spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER;
	key->raw_size = 64;
	memset(key->raw, 0x5a, 64);
	if (ioctl(fd, FS_IOC_ADD_ENCRYPTION_KEY, key))
		return failed("FS_IOC_ADD_ENCRYPTION_KEY");
	memcpy(policy.master_key_identifier, key->key_spec.u.identifier,
	       sizeof(policy.master_key_identifier));
	if (ioctl(fd, FS_IOC_SET_ENCRYPTION_POLICY, &policy))
		return failed("FS_IOC_SET_ENCRYPTION_POLICY");
	return 0;
}

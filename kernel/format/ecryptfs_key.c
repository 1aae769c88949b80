// SPDX-License-Identifier: GPL-2.0
/*
 * Authentication tokens, as ecryptfs-utils put them into keyrings: keys of type
 * "user", or of type "encrypted" and format "ecryptfs", that are described by their
 * signature.
 */
#include <linux/err.h>
#include <linux/key.h>
#include <linux/string.h>
#include <keys/encrypted-type.h>
#include <keys/user-type.h>

#include "../mount.h"
#include "ecryptfs.h"

/* What is in the payload, or NULL.  The caller holds the key's semaphore. */
static const void *user_payload(const struct key *key, size_t *size)
{
	const struct user_key_payload *payload = user_key_payload_locked(key);

	if (!payload)
		return NULL;
	*size = payload->datalen;
	return payload->data;
}

#if IS_REACHABLE(CONFIG_ENCRYPTED_KEYS)
static const void *encrypted_payload(const struct key *key, size_t *size)
{
	const struct encrypted_key_payload *payload = key->payload.data[0];

	if (!payload)
		return NULL;
	*size = payload->payload_datalen;
	return payload->payload_data;
}

static struct key *find_encrypted(const char *sig)
{
	return dcrypt_find_key(&key_type_encrypted, sig);
}

static bool is_encrypted(const struct key *key)
{
	return key->type == &key_type_encrypted;
}
#else
static const void *encrypted_payload(const struct key *key, size_t *size)
{
	return NULL;
}

static struct key *find_encrypted(const char *sig)
{
	return ERR_PTR(-ENOKEY);
}

static bool is_encrypted(const struct key *key)
{
	return false;
}
#endif

static int read_token(const struct dcrypt_ecryptfs_token *token,
		      struct dcrypt_ecryptfs_key *key)
{
	const struct dcrypt_ecryptfs_password *password = &token->password;

	if (token->version != DCRYPT_ECRYPTFS_TOKEN_VERSION)
		return -EINVAL;
	if (token->type == DCRYPT_ECRYPTFS_TOKEN_PRIVATE)
		return -EOPNOTSUPP;
	if (token->type != DCRYPT_ECRYPTFS_TOKEN_PASSWORD ||
	    !(password->flags & DCRYPT_ECRYPTFS_KEY_SET))
		return -EINVAL;
	memcpy(key->salt, password->salt, sizeof(key->salt));
	memcpy(key->key, password->key, sizeof(key->key));
	key->key_size = min_t(u32, password->key_size, sizeof(key->key));
	return 0;
}

static int read_payload(struct key *key, struct dcrypt_ecryptfs_key *to)
{
	const void *token;
	size_t size = 0;
	int err;

	down_read(&key->sem);
	token = is_encrypted(key) ? encrypted_payload(key, &size) :
				    user_payload(key, &size);
	if (!token)
		err = -EKEYREVOKED;
	else if (size < sizeof(struct dcrypt_ecryptfs_token))
		err = -EINVAL;
	else
		err = read_token(token, to);
	up_read(&key->sem);
	return err;
}

/*
 * Nothing tells whether a key is what its signature says, and the file is read and
 * written with it by all who have it open.  So it has to belong to somebody who can
 * do with the file what he likes anyway.
 */
static bool is_trusted(const struct key *key, const struct inode *inode)
{
	return uid_eq(key->uid, inode->i_uid) ||
	       uid_eq(key->uid, dcrypt_sb(inode->i_sb)->creds->fsuid);
}

int dcrypt_ecryptfs_find_key(struct dcrypt_ecryptfs_key *key,
			     const struct inode *inode)
{
	struct key *found = dcrypt_find_key(&key_type_user, key->sig);
	int err;

	/* why one that is there cannot be used is not to be lost */
	if (found == ERR_PTR(-ENOKEY))
		found = find_encrypted(key->sig);
	if (IS_ERR(found))
		return PTR_ERR(found);
	if (inode && !is_trusted(found, inode))
		err = -EKEYREJECTED;
	else
		err = read_payload(found, key);
	key_put(found);
	return err;
}

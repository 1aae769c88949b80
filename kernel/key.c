// SPDX-License-Identifier: GPL-2.0
/* The volume key: found in the caller's keyrings, checked, and turned into a KDF. */
#include <linux/fs_context.h>
#include <linux/key.h>
#include <linux/keyctl.h>
#include <linux/string.h>
#include <crypto/algapi.h>
#include <keys/user-type.h>

#include "dcryptfs.h"
#include "mount.h"

#define KEY_DESCRIPTION_SIZE \
	(sizeof(DCRYPT_KEY_PREFIX) + 2 * DCRYPT_KEY_ID_SIZE)

/* Who asks by ioctl(2) has no log, and is not to fill the kernel's. */
#define say(log, fmt, ...)						\
do {									\
	if (log)							\
		error_plog(log, fmt, ##__VA_ARGS__);			\
} while (0)

static struct key *search_user_keyring(struct key_type *type,
				       const char *description)
{
	key_ref_t keyring, found;
	struct key *key;

	keyring = lookup_user_key(KEY_SPEC_USER_KEYRING, 0, KEY_NEED_SEARCH);
	if (IS_ERR(keyring))
		return ERR_CAST(keyring);

	found = keyring_search(keyring, type, description, true);
	key_ref_put(keyring);
	/* that is how it says that there is none */
	if (found == ERR_PTR(-EAGAIN))
		return ERR_PTR(-ENOKEY);
	if (IS_ERR(found))
		return ERR_CAST(found);

	key = key_ref_to_ptr(found);
	if (key_validate(key) < 0) {
		key_put(key);
		return ERR_PTR(-ENOKEY);
	}
	return key;
}

/*
 * First the thread, process and session keyrings; then the user keyring, which
 * a session does not always link to (sudo, systemd units).
 */
struct key *dcrypt_find_key(struct key_type *type, const char *description)
{
	struct key *key = request_key(type, description, NULL);

	if (!IS_ERR(key))
		return key;
	return search_user_keyring(type, description);
}

/* Is the key what its name says?  Sets dsb->kdf up if so. */
static int use_volume_key(struct dcrypt_sb *dsb,
			  const struct dcrypt_key_payload *payload)
{
	u8 id[DCRYPT_KEY_ID_SIZE];
	struct crypto_shash *prk;
	int err;

	prk = dcrypt_hkdf_extract(payload->volume_key, DCRYPT_VOLUME_KEY_SIZE);
	if (IS_ERR(prk))
		return PTR_ERR(prk);

	err = dcrypt_hkdf_expand(prk, DCRYPT_KDF_KEY_ID, NULL, 0, id, sizeof(id));
	if (!err && crypto_memneq(id, dsb->key_id, sizeof(id)))
		err = -EKEYREJECTED;
	if (err) {
		crypto_free_shash(prk);
		return err;
	}
	dsb->kdf = prk;
	return 0;
}

static int read_payload(struct dcrypt_sb *dsb, struct p_log *log,
			const struct user_key_payload *ukp,
			struct dcrypt_volume *volume)
{
	const struct dcrypt_key_payload *payload;
	int err;

	if (!ukp) {
		say(log, "the volume key %*phN was revoked",
			DCRYPT_KEY_ID_SIZE, dsb->key_id);
		return -EKEYREVOKED;
	}
	payload = (const struct dcrypt_key_payload *)ukp->data;
	if (ukp->datalen != sizeof(*payload) ||
	    payload->version != DCRYPT_KEY_PAYLOAD_VERSION ||
	    memchr_inv(payload->reserved, 0, sizeof(payload->reserved))) {
		say(log, "the volume key %*phN was inserted by another version of dcryptfs: run 'dcryptfs lock' and 'dcryptfs unlock' again",
			DCRYPT_KEY_ID_SIZE, dsb->key_id);
		return -EKEYREJECTED;
	}

	err = use_volume_key(dsb, payload);
	if (err == -EKEYREJECTED)
		say(log, "the key %s%*phN does not hold the volume key of that identifier",
			DCRYPT_KEY_PREFIX, DCRYPT_KEY_ID_SIZE, dsb->key_id);
	else if (err)
		say(log, "the kernel cannot derive keys: its hmac(sha512) fails with error %d",
			err);
	if (err)
		return err;

	volume->format = payload->format;
	volume->suite = payload->suite;
	volume->names = payload->names;
	return 0;
}

int dcrypt_load_volume_key(struct dcrypt_sb *dsb, struct p_log *log,
			   struct dcrypt_volume *volume)
{
	char description[KEY_DESCRIPTION_SIZE];
	struct key *key;
	int err;

	snprintf(description, sizeof(description), "%s%*phN", DCRYPT_KEY_PREFIX,
		 DCRYPT_KEY_ID_SIZE, dsb->key_id);
	key = dcrypt_find_key(&key_type_logon, description);
	if (IS_ERR(key)) {
		say(log, "no key '%s' in your keyrings: insert it with 'dcryptfs unlock LOWER', or mount with mount.dcryptfs",
			description);
		return PTR_ERR(key) == -EACCES ? -EACCES : -ENOKEY;
	}

	down_read(&key->sem);
	err = read_payload(dsb, log, user_key_payload_locked(key), volume);
	up_read(&key->sem);
	key_put(key);
	return err;
}

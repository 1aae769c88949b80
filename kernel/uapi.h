/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What programs ask of a mount: ioctl(2) on a directory in it, for who owns the
 * root of the mount, or has CAP_SYS_ADMIN.  Shared with the userspace code.
 */
#ifndef DCRYPT_UAPI_H
#define DCRYPT_UAPI_H

#include <linux/ioctl.h>

/*
 * Writes back, drops what is cached, and wipes the keys: what needs one gives
 * ENOKEY from then on.  0 also if that is so already.  EPERM; EBUSY (cached data is
 * in use by a device); EOPNOTSUPP (no native volume); EINTR; or what writing says:
 * then nothing has changed.
 */
#define DCRYPT_IOC_LOCK		_IO(0xdc, 1)
/*
 * Takes the volume key from the caller's keyrings again.  0 also if it was not
 * locked.  EPERM; ENOKEY, EKEYREVOKED, EKEYEXPIRED (there is none there);
 * EKEYREJECTED (a wrong one is); EOPNOTSUPP; ENOMEM.
 */
#define DCRYPT_IOC_UNLOCK	_IO(0xdc, 2)

#endif /* DCRYPT_UAPI_H */

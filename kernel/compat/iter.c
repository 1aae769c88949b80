// SPDX-License-Identifier: GPL-2.0
/* Pages behind an iterator, pinned where the kernel can and referenced elsewhere. */
#include <linux/mm.h>
#include <linux/uio.h>

#include "compat.h"

static bool iter_has_pages(const struct iov_iter *iter)
{
	return user_backed_iter(iter) || iov_iter_is_bvec(iter);
}

#ifdef DCRYPT_HAVE_ITER_EXTRACT

ssize_t dcrypt_iter_pin(struct iov_iter *iter, struct page **pages,
			size_t bytes, unsigned int max, size_t *offset)
{
	if (!iter_has_pages(iter))
		return -EOPNOTSUPP;
	return iov_iter_extract_pages(iter, &pages, bytes, max, 0, offset);
}

void dcrypt_iter_unpin(bool user, struct page **pages, unsigned int nr,
		       bool dirty)
{
	/* the pages of a bvec are the business of who made it */
	if (user)
		unpin_user_pages_dirty_lock(pages, nr, dirty);
}

#else

ssize_t dcrypt_iter_pin(struct iov_iter *iter, struct page **pages,
			size_t bytes, unsigned int max, size_t *offset)
{
	if (!iter_has_pages(iter))
		return -EOPNOTSUPP;
	return iov_iter_get_pages2(iter, pages, bytes, max, offset);
}

void dcrypt_iter_unpin(bool user, struct page **pages, unsigned int nr,
		       bool dirty)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (dirty && user)
			set_page_dirty_lock(pages[i]);
		put_page(pages[i]);
	}
}

#endif

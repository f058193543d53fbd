/* SPDX-License-Identifier: Apache-2.0 */
#include "base/scratch.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_key_t key;	/* its destructor runs while the thread's variables still exist */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local struct pal_scratch *known;

static void free_all(void *first)
{
	for (struct pal_scratch *scratch = first, *next; scratch; scratch = next) {
		next = scratch->next;
		pal_buf_deinit(&scratch->buf);
		scratch->is_known = false;
	}
	known = NULL;
}

static void make_key(void)
{
	if (pthread_key_create(&key, free_all) != 0)
		abort();	/* a program with more than a thousand keys is not ours */
}

void pal_scratch_keep(struct pal_scratch *scratch)
{
	pthread_once(&once, make_key);
	scratch->next = known;
	if (pthread_setspecific(key, scratch) != 0)
		return;		/* no memory: usable, and tried again next time */
	known = scratch;
	scratch->is_known = true;
}

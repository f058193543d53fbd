/* SPDX-License-Identifier: Apache-2.0 */
#include "scarce.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

static _Atomic long countdown = -1;	/* allocations until the one that fails; below 0: none does */

static _Thread_local bool is_spared;

static bool must_fail(void)
{
	return !is_spared && atomic_load(&countdown) >= 0 && atomic_fetch_sub(&countdown, 1) == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return must_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return must_fail() ? NULL : __real_realloc(old, size);
}

void scarce_spare(void)
{
	is_spared = true;
}

void scarce_begin(long n)
{
	atomic_store(&countdown, n);
}

long scarce_end(void)
{
	return atomic_exchange(&countdown, -1);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scarce.h - memory that runs out: one allocation of the program's own, counted from a point on,
 * fails. Those of the libraries it is linked with are not counted. A program that uses it is linked
 * with SCARCE_WRAP.
 *
 *	long n = 0;
 *	do {
 *		scarce_begin(n);
 *		code = operation();
 *		is_hit = scarce_end() < 0;
 *	} while (is_hit && n++ < SCARCE_MAX);
 */
#ifndef PALAVER_TESTS_SUPPORT_SCARCE_H
#define PALAVER_TESTS_SUPPORT_SCARCE_H

#define SCARCE_MAX 10000l	/* allocations that no operation under test needs */

/* From here on, the allocation after the next `n` fails, on whatever thread; below 0: none does. */
void scarce_begin(long n);

/*
 * No allocation fails any more. Return how many more would have been let pass; below 0: there was
 * one that failed, or none was to.
 */
long scarce_end(void);

/* This thread's allocations are not counted: it is the test's own. */
void scarce_spare(void);

#endif

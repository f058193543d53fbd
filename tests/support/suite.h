/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite.h - one CUnit suite per file, registered by itself; one program per folder prints TAP.
 *
 *	TEST(put_refuses_when_full) { ... CU_ASSERT(...); }
 *	SUITE(mailbox, CASE(put_refuses_when_full))
 */
#ifndef PALAVER_TESTS_SUPPORT_SUITE_H
#define PALAVER_TESTS_SUPPORT_SUITE_H

#include <stddef.h>

#include <CUnit/CUnit.h>

struct pal_case {
	const char *name;
	void (*run)(void);
};

struct pal_suite {
	const char *name;
	const struct pal_case *cases;
	size_t count;
	struct pal_suite *next;
};

/* Called by the constructor that SUITE makes. */
void pal_suite_register(struct pal_suite *suite);

#define TEST(name) static void name(void)
#define CASE(name) {#name, name}
#define SUITE(title, ...)                                                                          \
	static const struct pal_case pal_cases_[] = {__VA_ARGS__};                                 \
	static struct pal_suite pal_suite_ = {#title, pal_cases_,                                  \
					      sizeof(pal_cases_) / sizeof(pal_cases_[0]), NULL};   \
	__attribute__((constructor)) static void pal_register_(void)                               \
	{                                                                                          \
		pal_suite_register(&pal_suite_);                                                   \
	}

/* A failed check that needs words. */
#define CHECK_STR(actual, expected) CU_ASSERT_STRING_EQUAL(actual, expected)

#endif

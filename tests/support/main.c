/* SPDX-License-Identifier: Apache-2.0 */
/* The runner of every test program: CUnit's registry in, TAP out. `prog [-l] [suite[/case]]`. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/TestRun.h>

#include "suite.h"

static struct pal_suite *suites;
static unsigned done;

void pal_suite_register(struct pal_suite *suite)
{
	struct pal_suite **at = &suites;

	while (*at && strcmp((*at)->name, suite->name) < 0)
		at = &(*at)->next;
	suite->next = *at;
	*at = suite;
}

static void on_complete(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
	printf("%s %u - %s: %s\n", failure ? "not ok" : "ok", ++done, suite->pName, test->pName);
	for (CU_pFailureRecord f = failure; f; f = f->pNext)
		printf("# %s:%u: %s\n", f->strFileName, f->uiLineNumber, f->strCondition);
	fflush(stdout);
}

static bool is_wanted(const struct pal_suite *suite, const struct pal_case *c, const char *filter)
{
	size_t n = strlen(suite->name);

	if (!filter)
		return true;
	return strncmp(filter, suite->name, n) == 0 &&
	       (filter[n] == '\0' || (filter[n] == '/' && strcmp(filter + n + 1, c->name) == 0));
}

int main(int argc, char **argv)
{
	const char *filter = argc > 1 ? argv[argc - 1] : NULL;
	unsigned planned = 0;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	for (const struct pal_suite *s = suites; s; s = s->next) {
		CU_pSuite suite = CU_add_suite(s->name, NULL, NULL);
		for (size_t i = 0; suite && i < s->count; i++) {
			if (!is_wanted(s, &s->cases[i], filter))
				continue;
			if (!CU_add_test(suite, s->cases[i].name, s->cases[i].run))
				return 1;
			planned++;
		}
	}
	printf("1..%u\n", planned);
	if (planned == 0)
		return 1;
	CU_set_error_action(CUEA_IGNORE);
	CU_set_test_complete_handler(on_complete);
	CU_run_all_tests();
	unsigned failed = CU_get_number_of_tests_failed();
	CU_cleanup_registry();
	return failed ? 1 : 0;
}

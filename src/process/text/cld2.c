/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/cld2.h"

#include <config.h>

#ifdef HAVE_CLD2

#include <limits.h>
#include <stdbool.h>

#define CLD2_BEST_EFFORT 0x4000
#define CLD2_UNKNOWN 26
#define CLD2_TOP 3	/* it always reports three */

/*
 * CLD2 is C++, but these two take and give C types only, so their mangled names are all that is
 * needed to call them from C; configure proves by linking that the library has the first.
 */
extern int cld2_detect(const char *text, int len, bool is_plain, const void *hints, int flags,
		       int *languages, int *percents, double *scores, void *chunks,
		       int *ret_bytes, bool *ret_is_reliable)
	__asm__("_ZN4CLD224ExtDetectLanguageSummaryEPKcibPKNS_8CLDHintsEiPNS_8LanguageEPiPd"
		"PSt6vectorINS_11ResultChunkESaISA_EES7_Pb");
extern const char *cld2_code(int language) __asm__("_ZN4CLD212LanguageCodeENS_8LanguageE");

struct pal_str pal_cld2_detect(struct pal_str text)
{
	int languages[CLD2_TOP], percents[CLD2_TOP], bytes;
	double scores[CLD2_TOP];
	bool is_reliable;

	if (text.n > INT_MAX)
		return (struct pal_str){NULL, 0};
	int language = cld2_detect(text.p, (int)text.n, true, NULL, CLD2_BEST_EFFORT, languages,
				   percents, scores, NULL, &bytes, &is_reliable);
	if (language == CLD2_UNKNOWN)
		return (struct pal_str){NULL, 0};
	return pal_str(cld2_code(language));
}

#else

struct pal_str pal_cld2_detect(struct pal_str text)
{
	(void)text;
	return (struct pal_str){NULL, 0};
}

#endif

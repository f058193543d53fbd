/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/language.h"

#include "process/text/cld2.h"

#define POINTS_MIN 3u
#define CONFIDENCE_MAX 0.95
#define CONFIDENCE_BASE 0.5
#define POINTS_PER_CONFIDENCE 200.0
#define CONFIDENCE_UNSUPPORTED 0.3
/* A vote is clear when it is ahead by a word that no other language has, and knows enough words. */
#define CLEAR_MARGIN PAL_VOTE_UNIQUE
#define CLEAR_VOTES_PER_WORD 2u

/* In the order of PAL_VOTE_LANGUAGES, then the rest. */
static const struct pal_str supported[] = {
#define X(id, code) {code, 2},
	PAL_VOTE_LANGUAGES(X)
#undef X
	{"ja", 2}, {"ko", 2}, {"zh", 2}, {"ar", 2}, {"hi", 2},
	{"ru", 2}, {"nl", 2}, {"sv", 2}, {"no", 2},
};

struct pal_str pal_language_supported(struct pal_str code)
{
	for (size_t i = 0; i < sizeof(supported) / sizeof(supported[0]); i++)
		if (pal_str_equal(code, supported[i]))
			return supported[i];
	return (struct pal_str){NULL, 0};
}

enum pal_vote_language pal_language_voter(struct pal_str code)
{
	size_t i = 0;

	while (i < PAL_VOTE_COUNT && !pal_str_equal(code, supported[i]))
		i++;
	return (enum pal_vote_language)i;
}

static double confidence_of(const struct pal_scan *scan)
{
	double confidence = CONFIDENCE_BASE + scan->plain_points / POINTS_PER_CONFIDENCE;

	return confidence < CONFIDENCE_MAX ? confidence : CONFIDENCE_MAX;
}

static struct pal_language_guess guess(const struct pal_scan *scan, struct pal_str code,
				       bool is_clear)
{
	struct pal_str known = pal_language_supported(code);

	if (!known.p)
		return (struct pal_language_guess){supported[PAL_VOTE_EN], CONFIDENCE_UNSUPPORTED,
						   is_clear};
	return (struct pal_language_guess){known, confidence_of(scan), is_clear};
}

/* The language that goes with the script most letters are of; absent when that is Latin. */
static struct pal_str language_of_script(const struct pal_scan *scan)
{
	const uint32_t *letters = scan->letters;
	uint32_t latin = letters[PAL_SCRIPT_LATIN];
	uint32_t kana = letters[PAL_SCRIPT_KANA], han = letters[PAL_SCRIPT_HAN];
	uint32_t hangul = letters[PAL_SCRIPT_HANGUL];

	/* One of these letters says about as much as three Latin ones. */
	if (3 * (kana + han + hangul) > latin) {
		if (kana > hangul && 10 * kana >= han)
			return PAL_STR("ja");
		return hangul >= han ? PAL_STR("ko") : PAL_STR("zh");
	}
	if (letters[PAL_SCRIPT_CYRILLIC] > latin)
		return PAL_STR("ru");
	if (letters[PAL_SCRIPT_ARABIC] > latin)
		return PAL_STR("ar");
	if (letters[PAL_SCRIPT_DEVANAGARI] > latin)
		return PAL_STR("hi");
	return letters[PAL_SCRIPT_OTHER] > latin ? PAL_STR("other") : (struct pal_str){NULL, 0};
}

struct pal_language_guess pal_language_vote(const struct pal_scan *scan)
{
	size_t best = 0;
	uint32_t second = 0;

	if (scan->plain_points < POINTS_MIN)
		return (struct pal_language_guess){.is_clear = true};
	struct pal_str code = language_of_script(scan);
	if (code.p)
		return guess(scan, code, true);
	for (size_t i = 1; i < PAL_VOTE_COUNT; i++)
		if (scan->votes[i] > scan->votes[best])
			best = i;
	for (size_t i = 0; i < PAL_VOTE_COUNT; i++)
		if (i != best && scan->votes[i] > second)
			second = scan->votes[i];
	/* An order number looks Norwegian to who has to name a language. */
	bool is_clear = scan->letters[PAL_SCRIPT_LATIN] == 0 || scan->spelled == 0;
	if (scan->votes[best] == 0)
		return (struct pal_language_guess){.is_clear = is_clear};
	is_clear = scan->votes[best] >= second + CLEAR_MARGIN &&
		   scan->votes[best] >= CLEAR_VOTES_PER_WORD * scan->words;
	return guess(scan, supported[best], is_clear);
}

struct pal_language_guess pal_language_detect(struct pal_str text, const struct pal_scan *scan,
					      enum pal_language_mode mode)
{
	struct pal_language_guess vote = pal_language_vote(scan);

	if (mode == PAL_LANGUAGE_BUILTIN || scan->plain_points < POINTS_MIN ||
	    (mode == PAL_LANGUAGE_AUTO && vote.is_clear))
		return vote;
	struct pal_str code = pal_cld2_detect(text);
	if (!code.p)
		return vote;
	if (code.n > 2 && memcmp(code.p, "zh", 2) == 0)
		code.n = 2;
	return guess(scan, code, true);
}

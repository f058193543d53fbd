/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chinese, Japanese and Korean words do not end at blanks, so in a run of such letters everything
 * of two to four letters is looked up that begins like a word of the lexicon.
 */
#include "process/text/words.h"

#define GRAM_POINTS_MAX 4u

static const struct pal_lexeme unknown;

static void note_phrase(struct pal_words *w, unsigned closed)
{
	static const uint8_t phrase_hits[] = {
#define X(id, bit, hit) [bit] = hit,
		PAL_PHRASES(X)
#undef X
	};

	for (; closed; closed &= closed - 1)
		w->scan->hits |= 1u << phrase_hits[__builtin_ctz(closed)];
}

static void note_lexeme(struct pal_words *w, const struct pal_lexeme *restrict lexeme)
{
	struct pal_scan *scan = w->scan;

	for (size_t i = 0; i < PAL_VOTE_SLOTS; i++)
		scan->votes[i] = (uint16_t)(scan->votes[i] + lexeme->votes[i]);
	scan->roles |= lexeme->roles;
	scan->positive += !!(lexeme->roles & PAL_LEXEME_POSITIVE);
	scan->negative += !!(lexeme->roles & PAL_LEXEME_NEGATIVE);
	scan->hits |= 1u << lexeme->hit;
}

static size_t apostrophe_at(struct pal_str text, size_t at)
{
	if (at < text.n && text.p[at] == '\'')
		return 1;
	return text.n - at >= 3 && memcmp(text.p + at, "\xe2\x80\x99", 3) == 0 ? 3 : 0;
}

static const struct pal_lexeme *find_spelled(const struct pal_words *w, const char *word,
					     size_t len)
{
	return pal_lexicon_find(w->lexicon, (struct pal_str){word, len},
				pal_word_hash(PAL_WORD_HASH_START, word, len));
}

static const struct pal_lexeme *find_plain(const struct pal_words *w, const struct pal_token *word)
{
	return pal_lexicon_find(w->lexicon, (struct pal_str){w->lower + word->at, word->len},
				word->hash);
}

/* "l'" before an apostrophe, "'ll" behind one; else the word as it stands. */
static const struct pal_lexeme *find_beside_apostrophe(const struct pal_words *w,
						       const struct pal_token *word,
						       bool is_before)
{
	char key[PAL_LEXICON_WORD_MAX + 1];

	if (word->len >= PAL_LEXICON_WORD_MAX)
		return &unknown;
	key[0] = '\'';
	memcpy(key + 1, w->lower + word->at, word->len);
	key[word->len + 1] = '\'';
	const struct pal_lexeme *lexeme = find_spelled(w, key + is_before, word->len + 1);
	if (lexeme->languages)
		return lexeme;
	return find_plain(w, word);
}

static const struct pal_lexeme *find_lexeme(const struct pal_words *w, const struct pal_token *word)
{
	if (word->len > PAL_LEXICON_WORD_MAX || word->classes & PAL_CHAR_DIGIT)
		return &unknown;
	if (apostrophe_at(w->text, word->at + word->len))
		return find_beside_apostrophe(w, word, true);
	if (word->at > 0 && (w->text.p[word->at - 1] == '\'' ||
			     (word->at >= 3 && apostrophe_at(w->text, word->at - 3) == 3)))
		return find_beside_apostrophe(w, word, false);
	return find_plain(w, word);
}

/*
 * Look up what begins with the letter from `p` to `q`, whose hash is `hash`, and goes on to `end`.
 */
static void note_grams_at(struct pal_words *w, const char *p, const char *q, const char *end,
			  uint32_t hash)
{
	uint32_t point;

	for (unsigned n = 2; n <= GRAM_POINTS_MAX && q < end; n++) {
		size_t len = pal_char_decode(q, end, &point);
		hash = pal_word_hash(hash, q, len);
		q += len;
		struct pal_str gram = {p, (size_t)(q - p)};
		note_lexeme(w, pal_lexicon_find(w->lexicon, gram, hash));
	}
}

/* Look up every run of two to four letters of a script that sets no blanks. */
static void note_grams(struct pal_words *w, const struct pal_token *word)
{
	const char *p = w->lower + word->at, *end = p + word->len;
	uint32_t point;

	while (p < end) {
		size_t len = pal_char_decode(p, end, &point);
		uint32_t hash = pal_word_hash(PAL_WORD_HASH_START, p, len);
		if (pal_lexicon_may_begin(w->lexicon, hash))
			note_grams_at(w, p, p + len, end, hash);
		p += len;
	}
}

static void note_candidate(struct pal_words *w, const struct pal_token *word,
			   const struct pal_lexeme *lexeme)
{
	if (word->len < PAL_KEYWORD_LETTERS_MIN || word->classes & ~(unsigned)PAL_CHAR_LETTER ||
	    lexeme->roles & PAL_LEXEME_STOP)
		return;
	w->scan->candidates[w->scan->candidate_count++] =
		(struct pal_word){(uint32_t)word->at, (uint32_t)word->len, word->hash,
				  lexeme->function_in};
}

void pal_words_take(struct pal_words *w, const struct pal_token *word)
{
	w->scan->spelled += !(word->classes & PAL_CHAR_DIGIT);
	if (word->has_grams) {
		note_grams(w, word);
		return;
	}
	const struct pal_lexeme *lexeme = find_lexeme(w, word);
	if (lexeme != &unknown)
		note_lexeme(w, lexeme);
	if (w->opens & lexeme->closes && word->at == w->opened_end + 1 &&
	    pal_char_is(w->text.p[w->opened_end], PAL_CHAR_BLANK))
		note_phrase(w, w->opens & lexeme->closes);
	w->opens = lexeme->opens;
	w->opened_end = word->at + word->len;
	note_candidate(w, word, lexeme);
}

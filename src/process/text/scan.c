/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text is words (runs of letters, digits, underscores, marks) and what stands between them. The
 * ASCII part of a word costs a table look-up and a hash step a byte; only other letters are
 * decoded. What a word means is found in words.c.
 */
#include "process/text/scan.h"

#include "process/text/words.h"

#define CAPS_RUN 5u
#define SIGN_RUN 3u

struct scanner {
	struct pal_scan *scan;
	const struct pal_findings *found;
	struct pal_words words;
	struct pal_str text;
	char *lower;
	size_t link;		/* the first link that may still lie ahead */
	size_t extra;		/* bytes beyond one of each code point */
	size_t signs;		/* code points that are neither word nor blank */
	uint32_t specials, bangs, breaks;	/* length of the run that is going on */
	bool is_in_word;	/* no blank since */
	bool is_in_sentence;	/* something since the last . ! ? */
};

static bool is_in_link(struct scanner *s, size_t at)
{
	const struct pal_spans *links = &s->found->links;

	while (s->link < links->count && links->item[s->link].end <= at)
		s->link++;
	return s->link < links->count && links->item[s->link].at <= at;
}

/* Letters that hardly any other of the languages has. */
static void vote_by_letter(struct pal_scan *scan, uint32_t lower)
{
	enum pal_vote_language language = PAL_VOTE_FR;
	unsigned weight = PAL_VOTE_UNIQUE / 3;

	switch (lower) {
	case 0xf1: case 0xbf: case 0xa1:	/* n with tilde; the marks that open questions */
		language = PAL_VOTE_ES;
		weight = PAL_VOTE_UNIQUE;
		break;
	case 0xe3: case 0xf5:			/* a, o with tilde */
		language = PAL_VOTE_PT;
		weight = PAL_VOTE_UNIQUE;
		break;
	case 0xdf:				/* sharp s */
		language = PAL_VOTE_DE;
		weight = PAL_VOTE_UNIQUE;
		break;
	case 0xe4: case 0xf6: case 0xfc:	/* a, o, u with diaeresis */
		language = PAL_VOTE_DE;
		weight = PAL_VOTE_UNIQUE / 2;
		break;
	case 0xec: case 0xf2:			/* i, o with grave */
		language = PAL_VOTE_IT;
		break;
	case 0x153: case 0xea: case 0xeb: case 0xee: case 0xfb:	/* oe; e, i, u with circumflex... */
		break;
	default:
		return;
	}
	scan->votes[language] = (uint16_t)(scan->votes[language] + weight);
}

/* Take the letter of several bytes at `at` into `word`. Return its length, 0 when it is none. */
static size_t take_wide_letter(struct scanner *s, size_t at, struct pal_token *word)
{
	uint32_t point;
	size_t len = pal_char_decode(s->text.p + at, s->text.p + s->text.n, &point);
	enum pal_script script = pal_char_script(point);

	if (script == PAL_SCRIPT_NONE)
		return 0;
	uint32_t lower = pal_char_lower(point);
	if (lower == point) {
		memcpy(s->lower + at, s->text.p + at, len);
	} else {
		pal_char_put2(s->lower + at, lower);
		word->classes |= PAL_CHAR_UPPER;
	}
	word->hash = pal_word_hash(word->hash, s->lower + at, len);
	word->classes |= PAL_CHAR_HIGH;
	s->scan->letters[script]++;
	s->extra += len - 1;
	if (script == PAL_SCRIPT_LATIN)
		vote_by_letter(s->scan, lower);
	else if (script == PAL_SCRIPT_KANA || script == PAL_SCRIPT_HAN ||
		 script == PAL_SCRIPT_HANGUL)
		word->has_grams = true;
	return len;
}

/* Take the ASCII part of a word from `at`. Return where it ends. */
static size_t take_ascii(const struct scanner *s, size_t at, struct pal_token *word)
{
	const char *text = s->text.p;
	char *lower = s->lower;
	size_t end = s->text.n;
	unsigned classes = word->classes;
	uint32_t hash = word->hash;

	for (; at < end; at++) {
		unsigned class = pal_char_classes[(unsigned char)text[at]];
		if (!(class & PAL_CHAR_WORD))
			break;
		char c = (char)(text[at] | (class & PAL_CHAR_UPPER) << 5);
		lower[at] = c;
		hash = pal_word_hash_step(hash, c);
		classes |= class;
	}
	word->classes = classes;
	word->hash = hash;
	return at;
}

/* A capital is what changed in `lower`. */
static void count_caps(struct scanner *s, const struct pal_token *word)
{
	const char *p = s->text.p + word->at, *end = p + word->len;
	const char *lower = s->lower + word->at;
	uint32_t point;
	unsigned run = 0;

	while (p < end) {
		size_t len = pal_char_decode(p, end, &point);
		run = memcmp(p, lower, len) ? run + 1 : 0;
		s->scan->caps_runs += run == CAPS_RUN;
		p += len;
		lower += len;
	}
}

static uint32_t count_ascii_letters(struct pal_str word)
{
	uint32_t count = 0;

	for (size_t i = 0; i < word.n; i++)
		count += pal_char_is(word.p[i], PAL_CHAR_LETTER);
	return count;
}

static void begin_piece(struct scanner *s)
{
	if (!s->is_in_word)
		s->scan->words++;
	if (s->breaks >= 2)
		s->scan->paragraphs++;
	s->is_in_word = true;
	s->breaks = 0;
}

/* Take the word at `at`. Return where it ends; `at` when there is none. */
static size_t scan_word(struct scanner *s, size_t at)
{
	struct pal_token word = {.at = at, .hash = PAL_WORD_HASH_START};
	size_t i = take_ascii(s, at, &word), len = 1;

	while (i < s->text.n && len > 0 && pal_char_is(s->text.p[i], PAL_CHAR_HIGH)) {
		len = take_wide_letter(s, i, &word);
		i = take_ascii(s, i + len, &word);
	}
	if (i == at)
		return at;
	word.len = i - at;
	s->scan->letters[PAL_SCRIPT_LATIN] +=
		word.classes & ~(unsigned)PAL_CHAR_LETTER ?
			count_ascii_letters((struct pal_str){s->text.p + at, word.len}) :
			(uint32_t)word.len;
	if (word.classes & PAL_CHAR_UPPER && word.len >= CAPS_RUN)
		count_caps(s, &word);
	if (word.classes & PAL_CHAR_DIGIT && !s->scan->has_digits) {
		s->scan->has_digits = true;
		s->scan->first_digits = at;
	}
	begin_piece(s);
	s->is_in_sentence = true;
	s->specials = s->bangs = 0;
	if (!s->found->links.count || !is_in_link(s, at))
		pal_words_take(&s->words, &word);
	return i;
}

static void note_sign(struct scanner *s, char c, unsigned class)
{
	begin_piece(s);
	s->signs++;
	if (class & PAL_CHAR_STOP) {
		s->scan->sentences += s->is_in_sentence;
		s->is_in_sentence = false;
	} else {
		s->is_in_sentence = true;
	}
	s->specials = class & PAL_CHAR_SPECIAL ? s->specials + 1 : 0;
	s->bangs = c == '!' ? s->bangs + 1 : 0;
	s->scan->has_special_run |= s->specials >= SIGN_RUN;
	s->scan->has_bang_run |= s->bangs >= SIGN_RUN;
}

/* Take the character at `at`, which is not of a word. Return where it ends. */
static size_t scan_gap(struct scanner *s, size_t at)
{
	char c = s->text.p[at];
	unsigned class = pal_char_classes[(unsigned char)c];
	uint32_t point;

	if (class & PAL_CHAR_BLANK) {
		s->is_in_word = false;
		s->specials = s->bangs = 0;
		s->breaks += c == '\n';
		return at + 1;
	}
	size_t len = pal_char_decode(s->text.p + at, s->text.p + s->text.n, &point);
	s->extra += len - 1;
	note_sign(s, c, class);
	vote_by_letter(s->scan, point);
	return at + len;
}

bool pal_scan_text(const struct pal_findings *found, struct pal_scan *ret)
{
	struct pal_str text = found->text;
	/* A keyword and the blank behind it. */
	size_t room = (text.n / (PAL_KEYWORD_LETTERS_MIN + 1) + 1) * sizeof(struct pal_word);
	struct scanner s = {.scan = ret, .found = found, .text = text};

	*ret = (struct pal_scan){.paragraphs = 1};
	s.lower = pal_arena_get(found->arena, text.n);
	ret->candidates = pal_arena_get(found->arena, room);
	if (!s.lower || !ret->candidates)
		return false;
	s.words = (struct pal_words){pal_lexicon_get(), ret, text, s.lower, 0, 0};
	for (size_t i = 0; i < text.n;) {
		size_t end = i;
		if (pal_char_is(text.p[i], PAL_CHAR_WORD | PAL_CHAR_HIGH))
			end = scan_word(&s, i);
		i = end > i ? end : scan_gap(&s, i);
	}
	ret->lower = s.lower;
	ret->sentences += s.is_in_sentence;
	ret->points = (uint32_t)(text.n - s.extra);
	ret->plain_points = ret->points - (uint32_t)s.signs;
	ret->hits &= ~(1u << PAL_HIT_NONE);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* chars.h - what a character is: ASCII by table, the rest by decoding and a few ranges. */
#ifndef PALAVER_PROCESS_TEXT_CHARS_H
#define PALAVER_PROCESS_TEXT_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Classes of a byte; a byte from 0x80 on has PAL_CHAR_HIGH alone and must be decoded. */
enum pal_char_class {
	PAL_CHAR_UPPER = 1 << 0,
	PAL_CHAR_LOWER = 1 << 1,
	PAL_CHAR_DIGIT = 1 << 2,
	PAL_CHAR_UNDERSCORE = 1 << 3,
	PAL_CHAR_BLANK = 1 << 4,	/* space, tab and line breaks */
	PAL_CHAR_STOP = 1 << 5,		/* . ! ? */
	PAL_CHAR_SPECIAL = 1 << 6,	/* one of !@#$%^&*() */
	PAL_CHAR_HIGH = 1 << 7,

	PAL_CHAR_LETTER = PAL_CHAR_UPPER | PAL_CHAR_LOWER,
	PAL_CHAR_ALNUM = PAL_CHAR_LETTER | PAL_CHAR_DIGIT,
	PAL_CHAR_WORD = PAL_CHAR_ALNUM | PAL_CHAR_UNDERSCORE,
};

extern const uint8_t pal_char_classes[256];

static inline bool pal_char_is(char c, unsigned classes)
{
	return pal_char_classes[(unsigned char)c] & classes;
}

enum pal_script {
	PAL_SCRIPT_NONE,	/* not a letter */
	PAL_SCRIPT_LATIN,
	PAL_SCRIPT_KANA,
	PAL_SCRIPT_HANGUL,
	PAL_SCRIPT_HAN,
	PAL_SCRIPT_CYRILLIC,
	PAL_SCRIPT_ARABIC,
	PAL_SCRIPT_DEVANAGARI,
	PAL_SCRIPT_OTHER,	/* a letter of a script that no supported language uses */
	PAL_SCRIPT_COUNT
};

/*
 * Decode the code point at `p`, p < end. Return its length in bytes; a malformed sequence is one
 * byte and U+FFFD. Runs on: any.
 */
size_t pal_char_decode(const char *p, const char *end, uint32_t *ret_point);

/* Write a code point below 0x800 (two bytes) back; the counterpart for pal_char_lower. */
static inline void pal_char_put2(char *p, uint32_t point)
{
	p[0] = (char)(0xc0 | point >> 6);
	p[1] = (char)(0x80 | (point & 0x3f));
}

/* The script of a non-ASCII code point, PAL_SCRIPT_NONE for blanks, punctuation and symbols. */
enum pal_script pal_char_script(uint32_t point);

/* A blank or a line break beyond ASCII (Unicode White_Space). */
bool pal_char_is_wide_blank(uint32_t point);
bool pal_char_is_wide_break(uint32_t point);

/*
 * The lower-case form of a two-byte code point (Latin, Greek, Cyrillic) if that has two bytes too,
 * else itself.
 */
uint32_t pal_char_lower(uint32_t point);

#endif

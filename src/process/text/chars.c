/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/chars.h"

#define U PAL_CHAR_UPPER
#define L PAL_CHAR_LOWER
#define D PAL_CHAR_DIGIT
#define B PAL_CHAR_BLANK
#define P PAL_CHAR_SPECIAL
#define H PAL_CHAR_HIGH
#define UPPER_13(c) [c] = U, [c + 1] = U, [c + 2] = U, [c + 3] = U, [c + 4] = U, [c + 5] = U,      \
		    [c + 6] = U, [c + 7] = U, [c + 8] = U, [c + 9] = U, [c + 10] = U,              \
		    [c + 11] = U, [c + 12] = U
#define LOWER_13(c) [c] = L, [c + 1] = L, [c + 2] = L, [c + 3] = L, [c + 4] = L, [c + 5] = L,      \
		    [c + 6] = L, [c + 7] = L, [c + 8] = L, [c + 9] = L, [c + 10] = L,              \
		    [c + 11] = L, [c + 12] = L
#define HIGH_16(c) [c] = H, [c + 1] = H, [c + 2] = H, [c + 3] = H, [c + 4] = H, [c + 5] = H,       \
		   [c + 6] = H, [c + 7] = H, [c + 8] = H, [c + 9] = H, [c + 10] = H, [c + 11] = H, \
		   [c + 12] = H, [c + 13] = H, [c + 14] = H, [c + 15] = H

const uint8_t pal_char_classes[256] = {
	['\t'] = B, ['\n'] = B, ['\v'] = B, ['\f'] = B, ['\r'] = B, [' '] = B,
	['!'] = PAL_CHAR_STOP | P, ['.'] = PAL_CHAR_STOP, ['?'] = PAL_CHAR_STOP,
	['@'] = P, ['#'] = P, ['$'] = P, ['%'] = P, ['^'] = P, ['&'] = P, ['*'] = P,
	['('] = P, [')'] = P,
	['0'] = D, ['1'] = D, ['2'] = D, ['3'] = D, ['4'] = D,
	['5'] = D, ['6'] = D, ['7'] = D, ['8'] = D, ['9'] = D,
	['_'] = PAL_CHAR_UNDERSCORE,
	UPPER_13('A'), UPPER_13('N'), LOWER_13('a'), LOWER_13('n'),
	HIGH_16(0x80), HIGH_16(0x90), HIGH_16(0xa0), HIGH_16(0xb0),
	HIGH_16(0xc0), HIGH_16(0xd0), HIGH_16(0xe0), HIGH_16(0xf0),
};

static bool is_tail(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

size_t pal_char_decode(const char *p, const char *end, uint32_t *ret_point)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t room = (size_t)(end - p);

	if (u[0] < 0x80) {
		*ret_point = u[0];
		return 1;
	}
	if (u[0] >= 0xe0 && u[0] < 0xf0 && room >= 3 && is_tail(u[1]) && is_tail(u[2])) {
		*ret_point = (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
		return 3;
	}
	if (u[0] >= 0xc2 && u[0] < 0xe0 && room >= 2 && is_tail(u[1])) {
		*ret_point = (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
		return 2;
	}
	if (u[0] >= 0xf0 && u[0] < 0xf5 && room >= 4 && is_tail(u[1]) && is_tail(u[2]) &&
	    is_tail(u[3])) {
		*ret_point = (u[0] & 0x07u) << 18 | (u[1] & 0x3fu) << 12 | (u[2] & 0x3fu) << 6 |
			     (u[3] & 0x3fu);
		return 4;
	}
	*ret_point = 0xfffd;
	return 1;
}

/* What is not listed between two rows belongs to the row before it. */
static const struct {
	uint32_t from;
	enum pal_script script;
} scripts[] = {
	{0x80, PAL_SCRIPT_NONE},      {0xaa, PAL_SCRIPT_LATIN},	    {0xab, PAL_SCRIPT_NONE},
	{0xb5, PAL_SCRIPT_LATIN},     {0xb6, PAL_SCRIPT_NONE},	    {0xba, PAL_SCRIPT_LATIN},
	{0xbb, PAL_SCRIPT_NONE},      {0xc0, PAL_SCRIPT_LATIN},	    {0xd7, PAL_SCRIPT_NONE},
	{0xd8, PAL_SCRIPT_LATIN},     {0xf7, PAL_SCRIPT_NONE},	    {0xf8, PAL_SCRIPT_LATIN},
	{0x2b0, PAL_SCRIPT_LATIN},    {0x370, PAL_SCRIPT_OTHER},    {0x400, PAL_SCRIPT_CYRILLIC},
	{0x530, PAL_SCRIPT_OTHER},    {0x600, PAL_SCRIPT_ARABIC},   {0x60c, PAL_SCRIPT_NONE},
	{0x60d, PAL_SCRIPT_ARABIC},   {0x61b, PAL_SCRIPT_NONE},	    {0x620, PAL_SCRIPT_ARABIC},
	{0x66a, PAL_SCRIPT_NONE},     {0x66e, PAL_SCRIPT_ARABIC},   {0x6d4, PAL_SCRIPT_NONE},
	{0x6d5, PAL_SCRIPT_ARABIC},   {0x700, PAL_SCRIPT_OTHER},    {0x750, PAL_SCRIPT_ARABIC},
	{0x780, PAL_SCRIPT_OTHER},    {0x8a0, PAL_SCRIPT_ARABIC},   {0x900, PAL_SCRIPT_DEVANAGARI},
	{0x964, PAL_SCRIPT_NONE},     {0x966, PAL_SCRIPT_DEVANAGARI}, {0x980, PAL_SCRIPT_OTHER},
	{0x1100, PAL_SCRIPT_HANGUL},  {0x1200, PAL_SCRIPT_OTHER},   {0x1680, PAL_SCRIPT_NONE},
	{0x1681, PAL_SCRIPT_OTHER},   {0x1e00, PAL_SCRIPT_LATIN},   {0x1f00, PAL_SCRIPT_OTHER},
	{0x2000, PAL_SCRIPT_NONE},    {0x2c00, PAL_SCRIPT_OTHER},   {0x2c60, PAL_SCRIPT_LATIN},
	{0x2c80, PAL_SCRIPT_OTHER},   {0x2de0, PAL_SCRIPT_CYRILLIC}, {0x2e00, PAL_SCRIPT_NONE},
	{0x3005, PAL_SCRIPT_HAN},     {0x3008, PAL_SCRIPT_NONE},    {0x3021, PAL_SCRIPT_HAN},
	{0x3030, PAL_SCRIPT_NONE},    {0x3031, PAL_SCRIPT_KANA},    {0x30fb, PAL_SCRIPT_NONE},
	{0x30fc, PAL_SCRIPT_KANA},    {0x3100, PAL_SCRIPT_HAN},	    {0x3130, PAL_SCRIPT_HANGUL},
	{0x3190, PAL_SCRIPT_HAN},     {0x31f0, PAL_SCRIPT_KANA},    {0x3200, PAL_SCRIPT_NONE},
	{0x3400, PAL_SCRIPT_HAN},     {0x4dc0, PAL_SCRIPT_NONE},    {0x4e00, PAL_SCRIPT_HAN},
	{0xa000, PAL_SCRIPT_OTHER},   {0xa720, PAL_SCRIPT_LATIN},   {0xa800, PAL_SCRIPT_OTHER},
	{0xac00, PAL_SCRIPT_HANGUL},  {0xd800, PAL_SCRIPT_NONE},    {0xf900, PAL_SCRIPT_HAN},
	{0xfb00, PAL_SCRIPT_LATIN},   {0xfb07, PAL_SCRIPT_OTHER},   {0xfb50, PAL_SCRIPT_ARABIC},
	{0xfe00, PAL_SCRIPT_NONE},    {0xfe70, PAL_SCRIPT_ARABIC},  {0xfeff, PAL_SCRIPT_NONE},
	{0xff10, PAL_SCRIPT_LATIN},   {0xff1a, PAL_SCRIPT_NONE},    {0xff21, PAL_SCRIPT_LATIN},
	{0xff3b, PAL_SCRIPT_NONE},    {0xff41, PAL_SCRIPT_LATIN},   {0xff5b, PAL_SCRIPT_NONE},
	{0xff66, PAL_SCRIPT_KANA},    {0xffa0, PAL_SCRIPT_HANGUL},  {0xffe0, PAL_SCRIPT_NONE},
	{0x10000, PAL_SCRIPT_OTHER},  {0x1d000, PAL_SCRIPT_NONE},   {0x1d400, PAL_SCRIPT_LATIN},
	{0x1d800, PAL_SCRIPT_NONE},   {0x1e000, PAL_SCRIPT_OTHER},  {0x1ee00, PAL_SCRIPT_ARABIC},
	{0x1ef00, PAL_SCRIPT_NONE},   {0x20000, PAL_SCRIPT_HAN},    {0x32000, PAL_SCRIPT_NONE},
};

enum pal_script pal_char_script(uint32_t point)
{
	size_t low = 0, high = sizeof(scripts) / sizeof(scripts[0]);

	/* The two big blocks, in which most letters of long texts are, need no search. */
	if (point >= 0x4e00 && point < 0xa000)
		return PAL_SCRIPT_HAN;
	if (point >= 0xac00 && point < 0xd800)
		return PAL_SCRIPT_HANGUL;
	if (point < scripts[0].from)
		return PAL_SCRIPT_NONE;
	while (high - low > 1) {
		size_t mid = (low + high) / 2;
		if (scripts[mid].from <= point)
			low = mid;
		else
			high = mid;
	}
	return scripts[low].script;
}

bool pal_char_is_wide_blank(uint32_t point)
{
	return point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200a) ||
	       point == 0x202f || point == 0x205f || point == 0x3000;
}

bool pal_char_is_wide_break(uint32_t point)
{
	return point == 0x85 || point == 0x2028 || point == 0x2029;
}

/*
 * Latin Extended-A and Cyrillic letters come in neighbouring pairs, upper first, here even, there
 * odd.
 */
static uint32_t lower_of_pair(uint32_t point)
{
	bool odd_is_upper =
		(point >= 0x139 && point <= 0x148) || (point >= 0x179 && point <= 0x17e);

	if ((point & 1) == odd_is_upper)
		return point + 1;
	return point;
}

uint32_t pal_char_lower(uint32_t point)
{
	if (point < 0xc0)
		return point;
	if (point <= 0xde)
		return point == 0xd7 ? point : point + 32;
	if (point < 0x100)
		return point;
	if (point == 0x178)
		return 0xff;
	if (point <= 0x17e && point != 0x130 && point != 0x131 && point != 0x138 && point != 0x149)
		return lower_of_pair(point);
	if (point >= 0x391 && point <= 0x3a9 && point != 0x3a2)
		return point + 32;
	if (point >= 0x400 && point <= 0x40f)
		return point + 80;
	if (point >= 0x410 && point <= 0x42f)
		return point + 32;
	if ((point >= 0x460 && point <= 0x481) || (point >= 0x48a && point <= 0x4bf))
		return lower_of_pair(point);
	return point;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "http/chars.h"

#define IN(c, a, b) ((c) >= (a) && (c) <= (b))
#define ALNUM(c) (IN(c, '0', '9') || IN(c, 'A', 'Z') || IN(c, 'a', 'z'))
#define UNRESERVED(c) (ALNUM(c) || (c) == '-' || (c) == '.' || (c) == '_' || (c) == '~')
#define SUB_DELIM(c)                                                                               \
	((c) == '!' || (c) == '$' || IN(c, '&', ',') || (c) == ';' || (c) == '=')
#define TCHAR(c)                                                                                   \
	(UNRESERVED(c) || (c) == '!' || IN(c, '#', '\'') || (c) == '*' || (c) == '+' ||           \
	 (c) == '^' || (c) == '`' || (c) == '|')
#define PCHAR(c) (UNRESERVED(c) || SUB_DELIM(c) || (c) == ':' || (c) == '@' || (c) == '%')
#define PATH(c) (PCHAR(c) || (c) == '/')
#define VALUE(c) ((c) == '\t' || IN(c, ' ', '~') || (c) >= 0x80)
#define HOST(c)                                                                                    \
	(UNRESERVED(c) || SUB_DELIM(c) || (c) == ':' || (c) == '%' || (c) == '[' || (c) == ']')
#define ID(c) (UNRESERVED(c) || (c) == ':' || (c) == '/' || (c) == '+' || (c) == '=')
#define K(c)                                                                                       \
	((TCHAR(c) ? PAL_CHAR_TOKEN : 0) | (PATH(c) ? PAL_CHAR_PATH : 0) |                         \
	 (PATH(c) || (c) == '?' ? PAL_CHAR_QUERY : 0) | (VALUE(c) ? PAL_CHAR_VALUE : 0) |          \
	 (HOST(c) ? PAL_CHAR_HOST : 0) | (ID(c) ? PAL_CHAR_ID : 0))
#define K4(c) K(c), K((c) + 1), K((c) + 2), K((c) + 3)
#define K16(c) K4(c), K4((c) + 4), K4((c) + 8), K4((c) + 12)
#define K64(c) K16(c), K16((c) + 16), K16((c) + 32), K16((c) + 48)

const uint8_t pal_http_chars[256] = {K64(0), K64(64), K64(128), K64(192)};

static struct pal_str trimmed(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct pal_str){p, (size_t)(end - p)};
}

bool pal_http_list_next(struct pal_str *list, struct pal_str *ret_item)
{
	while (list->n) {
		const char *end = list->p + list->n;
		const char *comma = memchr(list->p, ',', list->n);
		struct pal_str item = trimmed(list->p, comma ? comma : end);

		list->p = comma ? comma + 1 : end;
		list->n = (size_t)(end - list->p);
		if (item.n) {
			*ret_item = item;
			return true;
		}
	}
	return false;
}

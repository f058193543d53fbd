/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/header.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "palaver/outgoing.h"

static bool is_token(struct pal_str name)
{
	if (name.n == 0 || name.n > 255)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if (!is_letter && !(c >= '0' && c <= '9') && (!c || !strchr("!#$%&'*+-.^_`|~", c)))
			return false;
	}
	return true;
}

/* What frames a message or names the host is not the sender's to say. */
static bool is_ours(struct pal_str name)
{
	static const char *const names[] = {"Host",   "Content-Length", "Transfer-Encoding",
					    "Expect", "Connection",     "Proxy-Connection",
					    "TE",     "Trailer",        "Upgrade",
					    "Keep-Alive", "Proxy-Authorization"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == name.n && strncasecmp(names[i], name.p, name.n) == 0)
			return true;
	}
	return false;
}

static bool is_value(struct pal_str value)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7F)
			return false;
	}
	return true;
}

bool pal_header_append(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer)
		*list = longer;
	return longer != NULL;
}

bool pal_header_add(struct curl_slist **list, struct pal_str name, struct pal_str value)
{
	size_t n = name.n + value.n + 3;

	if (!is_token(name) || is_ours(name) || !is_value(value) ||
	    n > PAL_OUTGOING_HEADER_BYTES_MAX)
		return false;
	char *line = malloc(n);
	if (!line)
		return false;
	memcpy(line, name.p, name.n);
	if (value.n) {
		memcpy(line + name.n, ": ", 2);
		memcpy(line + name.n + 2, value.p, value.n);
		line[n - 1] = '\0';
	} else {
		memcpy(line + name.n, ";", 2);	/* so libcurl spells an empty value */
	}
	bool added = pal_header_append(list, line);
	free(line);
	return added;
}

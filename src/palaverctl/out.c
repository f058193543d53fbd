/* SPDX-License-Identifier: Apache-2.0 */
#include "palaverctl/out.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool pal_out_is_terminal(void)
{
	return isatty(STDOUT_FILENO);
}

static bool has_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return pal_out_is_terminal() && !(no && no[0]);
}

const char *pal_out_on(enum pal_out_colour colour)
{
	static const char *const codes[] = {"", "\033[32m", "\033[31m", "\033[2m"};

	return has_colour() ? codes[colour] : "";
}

const char *pal_out_off(void)
{
	return has_colour() ? "\033[0m" : "";
}

void pal_out_row_begin(const char *name)
{
	if (pal_out_is_terminal())
		printf("%-16s", name);
	else
		printf("%s: ", name);
}

void pal_out_row(const char *name, const char *fmt, ...)
{
	va_list list;

	pal_out_row_begin(name);
	va_start(list, fmt);
	vprintf(fmt, list);
	va_end(list);
	puts("");
}

void pal_out_foreign(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool is_c1 = p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0;
		bool is_control = (*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f || is_c1;
		putchar(is_control ? '?' : *p);
		p += is_c1;
	}
}

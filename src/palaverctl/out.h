/* SPDX-License-Identifier: Apache-2.0 */
/* out.h - what a person sees: columns and colour on a terminal, plain lines elsewhere. */
#ifndef PALAVER_PALAVERCTL_OUT_H
#define PALAVER_PALAVERCTL_OUT_H

#include <stdbool.h>

#include "base/error.h"

/* Whether standard output is a terminal. */
bool pal_out_is_terminal(void);

enum pal_out_colour { PAL_OUT_PLAIN, PAL_OUT_GOOD, PAL_OUT_BAD, PAL_OUT_DIM };

/* Start of `colour` and its end; "" off a terminal or when NO_COLOR is set (no-color.org). */
const char *pal_out_on(enum pal_out_colour colour);
const char *pal_out_off(void);

/* Print `name` and the formatted value: aligned on a terminal, "name: value" elsewhere. */
void pal_out_row(const char *name, const char *fmt, ...) PAL_PRINTF(2, 3);

/* Print `name` and what goes between, for a value that is printed next and a line end after it. */
void pal_out_row_begin(const char *name);

/*
 * Print text that others wrote to standard output, control bytes as `?`: a message must not drive
 * the terminal. Line ends and tabs stay.
 */
void pal_out_foreign(const char *text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shapes.h - how things written in digits look. Each function says where the thing that begins with
 * the digit at `at` ends, or gives `at` back when there is none. None reads beyond text.n. All run
 * on any thread.
 */
#ifndef PALAVER_PROCESS_TEXT_SHAPES_H
#define PALAVER_PROCESS_TEXT_SHAPES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#define PAL_PHONE_DIGITS_MIN 10u

/* All digits that follow each other. */
size_t pal_shape_run(struct pal_str text, size_t at);

/* Blanks, dashes and brackets from `at` such as stand between the groups of one phone number. */
size_t pal_shape_gap(struct pal_str text, size_t at);

/* Two one- or two-digit groups and a year, or a year and two such groups, joined by / or -. */
size_t pal_shape_date(struct pal_str text, size_t at);

/* A social security number of the United States: ddd-dd-dddd. */
size_t pal_shape_ssn(struct pal_str text, size_t at);

/* False when other digits are dashed to the ones at `at`: no card and no phone begins there. */
bool pal_shape_may_start(struct pal_str text, size_t at);

/*
 * The longest card number: 13 to 19 digits, single blanks or dashes between them, Luhn's sum a
 * multiple of ten.
 */
size_t pal_shape_card(struct pal_str text, size_t at);

/* The longest phone number: 10 to 15 digits in groups, no group the beginning of something else. */
size_t pal_shape_phone(struct pal_str text, size_t at);

/* Digits, groups of three behind commas, decimals behind a point. */
size_t pal_shape_number(struct pal_str text, size_t at);

/* As a number, but with two decimals or none, behind a point or a comma. */
size_t pal_shape_amount(struct pal_str text, size_t at);

#endif

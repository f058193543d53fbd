/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digits.h - finds what is written in digits: dates, phones, cards, money, order numbers, numbers.
 */
#ifndef PALAVER_PROCESS_TEXT_DIGITS_H
#define PALAVER_PROCESS_TEXT_DIGITS_H

#include "process/text/findings.h"

/* What an order number looks like. */
struct pal_order_shape {
	struct pal_str prefix;	/* any case */
	uint32_t digits;
};

/*
 * Search found->text from byte `from`, before which there are no digits, outside the spans `links`
 * (domain.md sections 4.1 and 4.2) and add what there is
 * to the lists dates, phones, money, numbers and order_numbers and to the spans `numbers`. Each
 * stretch is one thing, the first that fits of: order number, date, social security number, card,
 * phone, money, number. One pass. Runs on: worker.
 */
void pal_digits_find(struct pal_findings *found, size_t from, struct pal_order_shape order);

#endif

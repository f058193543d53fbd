/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - everything wrong with a configuration, at once, each error with its place, its line
 * and a caret:
 *
 *	palaver.yaml:3:3: unknown option `http.lisen`, did you mean `http.listen`?
 *	  lisen: 127.0.0.1:8001
 *	  ^~~~~
 */
#ifndef PALAVER_CONF_REPORT_H
#define PALAVER_CONF_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "conf/input.h"

#define PAL_CONF_PROBLEMS_MAX 20u	/* errors kept, and warnings kept; more are counted */

struct pal_conf_problem {
	const char *where;	/* "palaver.yaml:3:3", "environment PORT", "-D", "default" */
	const char *message;	/* one sentence, no line breaks, never a secret */
	const char *excerpt;	/* two whole lines, or "" */
	unsigned input;		/* number of its input, by the order of first problems */
	uint32_t line, column;
};

/* Zeroed storage is an empty report. */
struct pal_conf_report {
	struct pal_arena memory;
	struct pal_conf_problem errors[PAL_CONF_PROBLEMS_MAX];
	struct pal_conf_problem warnings[PAL_CONF_PROBLEMS_MAX];
	const struct pal_conf_input *inputs[2 * PAL_CONF_PROBLEMS_MAX];	/* told apart by address */
	size_t errors_count, warnings_count;	/* of all found, kept or not */
};

/* Free what the report holds and leave it empty. Runs on: its owner. */
void pal_conf_report_deinit(struct pal_conf_report *report);

/* What to do with the source line in an excerpt. */
enum pal_conf_excerpt {
	PAL_CONF_EXCERPT_PLAIN,
	PAL_CONF_EXCERPT_SECRET,	/* the text from the spot on is masked */
	PAL_CONF_EXCERPT_SECRET_KEY,	/* the text behind the spot is masked */
};

/*
 * Add an error, or a warning, at `spot`. Control characters and bad UTF-8 in line and sentence
 * become '?'. What follows the name of a secret option in the line is masked in any case. When
 * memory runs out the problem is still counted. Runs on: the report's owner.
 */
void pal_conf_report_error(struct pal_conf_report *report, struct pal_conf_spot spot,
			   enum pal_conf_excerpt excerpt, const char *fmt, ...) PAL_PRINTF(4, 5);
void pal_conf_report_warn(struct pal_conf_report *report, struct pal_conf_spot spot,
			  enum pal_conf_excerpt excerpt, const char *fmt, ...) PAL_PRINTF(4, 5);

/* Put the problems of each input in the order of its lines. Runs on: the report's owner. */
void pal_conf_report_sort(struct pal_conf_report *report);

/* Append all errors, then all warnings, as text for a person. Runs on: the report's owner. */
void pal_conf_report_write(const struct pal_conf_report *report, struct pal_buf *out);

#endif

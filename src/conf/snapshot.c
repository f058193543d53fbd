/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/snapshot.h"

#include <stdlib.h>
#include <string.h>

struct pal_conf *pal_conf_ref(struct pal_conf *conf)
{
	atomic_fetch_add_explicit(&conf->refs, 1, memory_order_relaxed);
	return conf;
}

static void wipe_secrets(struct pal_conf *conf)
{
	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		const char *text = conf->value[o].text;
		/* Only what was set lives in our memory; an unset one is a literal "". */
		if (pal_option_get(o)->secret && text && *text)
			explicit_bzero((char *)text, strlen(text));
	}
}

void pal_conf_unref(struct pal_conf *conf)
{
	if (!conf || atomic_fetch_sub_explicit(&conf->refs, 1, memory_order_acq_rel) != 1)
		return;
	wipe_secrets(conf);
	pal_arena_release(&conf->memory);
	free(conf);
}

void pal_conf_put_value(const struct pal_conf *conf, enum pal_option option, struct pal_buf *out)
{
	const struct pal_value *value = &conf->value[option];

	if (!pal_option_get(option)->secret)
		pal_value_write(option, value, out);
	else if (*value->text)
		pal_buf_add_lit(out, "********");
}

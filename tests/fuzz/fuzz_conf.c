/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file of any bytes: read, each value judged, the report written. A value that is
 * accepted must read back from what is written of it; a report must be plain text. Includes and
 * secret files are left out: they would let the input name files of this machine.
 */
#include <stdint.h>
#include <stdlib.h>

#include "conf/utf8.h"
#include "conf/value.h"
#include "conf/yaml_settings.h"
#include "conf/yaml_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
	if (!what)
		abort();
}

static enum pal_code read_value(enum pal_option option, struct pal_str text,
				struct pal_arena *arena, struct pal_value *ret)
{
	struct pal_error err;

	return pal_option_get(option)->type == PAL_OPTION_LIST
		       ? pal_value_read_item(option, text, arena, ret, &err)
		       : pal_value_read(option, text, arena, ret, &err);
}

static void require_reads_back(enum pal_option option, const struct pal_value *value,
			       struct pal_arena *arena)
{
	struct pal_buf out = {0};
	struct pal_value again;
	bool is_list = pal_option_get(option)->type == PAL_OPTION_LIST;

	if (is_list)
		pal_buf_add_str(&out, pal_str(value->text));
	else
		pal_value_write(option, value, &out);
	require(!out.failed && read_value(option, pal_buf_str(&out), arena, &again) == PAL_OK);
	require(is_list ? pal_str_equal(pal_str(value->text), pal_str(again.text))
			: pal_value_equal(option, value, &again));
	pal_buf_clear(&out);
	pal_yaml_put_text(&out, pal_str(value->text));
	pal_buf_deinit(&out);
}

static void require_plain_text(struct pal_str text)
{
	while (text.n) {
		size_t n = pal_utf8_step(text);
		require(n > 0);
		require(!pal_utf8_is_control(text.p, n) || text.p[0] == '\n' || text.p[0] == '\t');
		text.p += n;
		text.n -= n;
	}
}

static void judge_all(const struct pal_settings *settings, struct pal_arena *arena)
{
	for (const struct pal_setting *s = settings->first; s; s = s->next) {
		require(s->option < PAL_OPT_COUNT && s->spot.line > 0);
		for (const struct pal_setting_item *i = s->first; i; i = i->next) {
			struct pal_value value;
			if (read_value(s->option, i->text, arena, &value) == PAL_OK)
				require_reads_back(s->option, &value, arena);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_conf_report report = {0};
	struct pal_settings settings = {.arena = &arena, .report = &report};
	const struct pal_conf_input input = {.kind = PAL_CONF_INPUT_FILE,
					     .label = "fuzz.yaml",
					     .folder = "/",
					     .text = {(const char *)data, size}};
	struct pal_buf out = {0};

	require(pal_settings_read_input(&settings, &input) == PAL_OK);
	judge_all(&settings, &arena);
	pal_conf_report_sort(&report);
	pal_conf_report_write(&report, &out);
	require(!out.failed);
	require_plain_text(pal_buf_str(&out));
	pal_buf_deinit(&out);
	pal_conf_report_deinit(&report);
	pal_arena_release(&arena);
	return 0;
}

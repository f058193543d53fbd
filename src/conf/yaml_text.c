/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/yaml_text.h"

#include <ctype.h>

void pal_yaml_put_indent(struct pal_buf *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		pal_buf_add_lit(out, "  ");
}

/* No indicator, no blank: plain in a line of its own and between brackets. */
static bool is_plain(struct pal_str text)
{
	if (text.n == 0 || (!isalnum((unsigned char)text.p[0]) && text.p[0] != '/'))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (!isascii(c) || (!isalnum(c) && !strchr("/._-+", c)))
			return false;
	}
	return true;
}

void pal_conf_put_quoted(struct pal_buf *out, struct pal_str text)
{
	pal_buf_add_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			pal_buf_add_char(out, '\\');
		pal_buf_add_char(out, text.p[i]);
	}
	pal_buf_add_char(out, '"');
}

void pal_yaml_put_text(struct pal_buf *out, struct pal_str text)
{
	if (is_plain(text))
		pal_buf_add_str(out, text);
	else
		pal_conf_put_quoted(out, text);
}

void pal_yaml_put_value(struct pal_buf *out, enum pal_option option, const struct pal_value *value)
{
	enum pal_option_type type = pal_option_get(option)->type;

	if (type == PAL_OPTION_LIST) {
		pal_buf_add_char(out, '[');
		for (size_t i = 0; i < value->count; i++) {
			if (i)
				pal_buf_add_lit(out, ", ");
			pal_yaml_put_text(out, pal_str(value->items[i]));
		}
		pal_buf_add_char(out, ']');
	} else if (type == PAL_OPTION_STRING || type == PAL_OPTION_PATH) {
		pal_yaml_put_text(out, pal_str(value->text));
	} else {
		pal_value_write(option, value, out);
	}
}

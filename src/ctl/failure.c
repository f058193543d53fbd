/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/failure.h"

#include "base/json.h"

void pal_ctl_put_failure(struct pal_buf *out, const struct pal_error *err, struct pal_str detail)
{
	pal_buf_add_lit(out, "{\"ok\":false,\"error\":{\"code\":");
	pal_json_put_string(out, pal_str(pal_code_name(err->code)));
	pal_buf_add_lit(out, ",\"subject\":");
	pal_json_put_string(out, pal_str(err->subject));
	pal_buf_add_lit(out, ",\"message\":");
	pal_json_put_string(out, pal_str(err->message));
	if (detail.n > 0) {
		pal_buf_add_lit(out, ",\"detail\":");
		pal_json_put_string(out, detail);
	}
	pal_buf_add_lit(out, "}}\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "respond/respond.h"

enum pal_code pal_respond(const struct pal_responder *responder,
			  const struct pal_respond_input *input, struct pal_arena *arena,
			  struct pal_respond_result *ret, struct pal_error *err)
{
	const char *name = responder->ops->name;
	struct pal_respond_result result = {0};
	enum pal_code code = responder->ops->respond(responder, input, arena, &result, err);

	if (code != PAL_OK)
		return code;
	if (result.kind == PAL_RESPOND_ASK && input->answer)
		return pal_fail(err, PAL_E_EXTERNAL, name, "%s asked twice in one turn", name);
	if (result.kind == PAL_RESPOND_REPLY && result.content.type == PAL_CONTENT_TEXT &&
	    result.content.text.n == 0)
		return pal_fail(err, PAL_E_EXTERNAL, name, "%s gave an empty reply", name);
	*ret = result;
	return PAL_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process.h"

#include "process/choice.h"
#include "process/location.h"
#include "process/media.h"
#include "process/text/text.h"

static const struct pal_processor *const processors[PAL_CONTENT_TYPE_COUNT] = {
	[PAL_CONTENT_TEXT] = &pal_text_processor,
	[PAL_CONTENT_IMAGE] = &pal_media_processor,
	[PAL_CONTENT_FILE] = &pal_media_processor,
	[PAL_CONTENT_AUDIO] = &pal_media_processor,
	[PAL_CONTENT_VIDEO] = &pal_media_processor,
	[PAL_CONTENT_LOCATION] = &pal_location_processor,
	[PAL_CONTENT_QUICK_REPLY] = &pal_quick_reply_processor,
	[PAL_CONTENT_CAROUSEL] = &pal_carousel_processor,
};

const struct pal_processor *pal_processor_get(enum pal_content_type type)
{
	return (size_t)type < PAL_CONTENT_TYPE_COUNT ? processors[type] : NULL;
}

enum pal_code pal_process(const struct pal_content *content,
			  const struct pal_process_context *context, struct pal_arena *arena,
			  struct pal_process_result *ret, struct pal_error *err)
{
	const struct pal_processor *processor = pal_processor_get(content->type);

	if (!processor)
		return pal_fail(err, PAL_E_PROCESSING, pal_content_type_name(content->type),
				"content of type %s cannot be processed",
				pal_content_type_name(content->type));
	struct pal_process_result result = {.processor_version = PAL_STR(PAL_PROCESSOR_VERSION)};
	enum pal_code code = processor->process(content, context, arena, &result, err);
	if (code == PAL_OK)
		*ret = result;
	return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "process/choice.h"

#include "base/buf.h"
#include "process/lists.h"
#include "process/text/normalise.h"
#include "process/text/text.h"

static enum pal_code process_quick_reply(const struct pal_content *content,
					 const struct pal_process_context *context,
					 struct pal_arena *arena, struct pal_process_result *ret,
					 struct pal_error *err)
{
	const struct pal_content_parts none = {.media = NULL};
	const struct pal_content_parts *parts = content->parts ? content->parts : &none;
	struct pal_str said = content->text.p ? pal_text_normalise(content->text, arena)
					      : PAL_STR("");

	if (!said.p)
		return pal_fail_memory(err, "processor.quick_reply");
	enum pal_code code = pal_text_analyse(said.n ? said : parts->chosen_title, content, context,
					      arena, ret, err);
	if (code != PAL_OK || !ret->success)
		return code;
	if (!ret->normalized_text.n)
		return pal_process_reject(ret, PAL_STR("nothing was chosen"), arena, err);
	if (!pal_process_extend(&ret->entities[PAL_ENTITY_POSTBACK], &parts->chosen_payload, 1,
				PAL_ENTITY_ITEMS_MAX, arena))
		return pal_fail_memory(err, "processor.quick_reply");
	return PAL_OK;
}

const struct pal_processor pal_quick_reply_processor = {.name = "quick_reply",
							.process = process_quick_reply};

static struct pal_str join(const struct pal_content *content, struct pal_arena *arena)
{
	struct pal_buf all = pal_buf_of(0);

	pal_buf_add_str(&all, content->text);
	for (size_t i = 0; i < content->parts->item_count; i++) {
		const struct pal_carousel_item *item = &content->parts->items[i];
		pal_buf_add_char(&all, '\n');
		pal_buf_add_str(&all, item->title);
		pal_buf_add_char(&all, '\n');
		pal_buf_add_str(&all, item->subtitle);
	}
	return pal_arena_take_buf(arena, &all);
}

static enum pal_code process_carousel(const struct pal_content *content,
				      const struct pal_process_context *context,
				      struct pal_arena *arena, struct pal_process_result *ret,
				      struct pal_error *err)
{
	size_t items = content->parts ? content->parts->item_count : 0;

	if (items == 0 || items > PAL_CAROUSEL_ITEMS_MAX)
		return pal_process_reject(ret, PAL_STR("a carousel must have 1 to 10 items"), arena,
					  err);
	struct pal_str all = join(content, arena);
	if (!all.p)
		return pal_fail_memory(err, "processor.carousel");
	return pal_text_analyse(all, content, context, arena, ret, err);
}

const struct pal_processor pal_carousel_processor = {.name = "carousel",
						     .process = process_carousel};

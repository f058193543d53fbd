/* SPDX-License-Identifier: Apache-2.0 */
#include "service/history/export.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "rig.h"
#include "service/history/conversations.h"
#include "store/store.h"
#include "suite.h"

static struct rig rig;
static struct pal_export export;
static struct pal_buf file;
static struct pal_arena arena;
static unsigned done_count, pieces;
static size_t largest;

static void on_done(struct pal_export *x)
{
	(void)x;
	done_count++;
}

/* Say `count` messages in a conversation of its own; its id. */
static const char *talk(unsigned count, const char *text)
{
	static char home[64];

	rig_open(&rig, &(struct rig_spec){.batch_max = 16});
	snprintf(home, sizeof(home), "%s",
		 letter_home(rig_ask(&rig, &(struct words){.user = "anna", .text = text})));
	for (unsigned i = 1; i < count; i++)
		rig_ask(&rig, &(struct words){
				      .user = "anna", .conversation = home, .text = text});
	return home;
}

static enum pal_code begin_as(const struct pal_caller *caller, const char *id,
			      struct pal_export_look look)
{
	done_count = pieces = 0;
	largest = 0;
	pal_buf_clear(&file);
	look.exported_ms = RIG_START_MS;
	export = (struct pal_export){
		.caller = *caller, .id = pal_str(id), .look = look, .arena = &arena, .done = on_done};
	pal_export_begin(rig.front, &export);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(done_count, 1);
	return export.code;
}

static void step(void)
{
	unsigned before = done_count;

	pal_export_step(&export);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(done_count, before + 1);
	CU_ASSERT_EQUAL(export.code, PAL_OK);
	pieces++;
	largest = export.piece.len > largest ? export.piece.len : largest;
	pal_buf_add_str(&file, pal_buf_str(&export.piece));
	pal_buf_deinit(&export.piece);
}

/* The whole file, NUL-terminated. */
static const char *take(const char *id, struct pal_export_look look)
{
	CU_ASSERT_EQUAL_FATAL(begin_as(&rig.backend, id, look), PAL_OK);
	while (!export.last)
		step();
	pal_export_deinit(&export);
	pal_buf_add_char(&file, '\0');
	return file.data;
}

static void end(void)
{
	pal_buf_deinit(&file);
	pal_arena_release(&arena);
	rig_close(&rig);
}

static size_t count_of(const char *text, const char *words)
{
	size_t n = 0;

	for (; (text = strstr(text, words)) != NULL; text += strlen(words))
		n++;
	return n;
}

TEST(json_holds_the_conversation_and_every_message_once)
{
	const char *home = talk(3, "hello");
	const char *text = take(home, (struct pal_export_look){.with_messages = true});
	struct json_object *tree = json_tokener_parse(text), *found = NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
	CU_ASSERT(json_object_object_get_ex(tree, "messages", &found));
	CU_ASSERT_EQUAL_FATAL(json_object_array_length(found), 6);
	for (size_t i = 0; i < 6; i++) {
		struct json_object *number = NULL;
		json_object_object_get_ex(json_object_array_get_idx(found, i), "sequence_number",
					  &number);
		CU_ASSERT_EQUAL(json_object_get_int(number), (int)i + 1);
	}
	CU_ASSERT(json_object_object_get_ex(tree, "export_metadata", &found));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"format\":\"json\""));
	CU_ASSERT_EQUAL(count_of(text, "ai_analysis"), 0);
	json_object_put(tree);
	text = take(home, (struct pal_export_look){.with_messages = true, .with_analytics = true});
	CU_ASSERT_EQUAL(count_of(text, "ai_analysis"), 3);
	CU_ASSERT_EQUAL(count_of(text, "generation_metadata"), 3);
	text = take(home, (struct pal_export_look){.with_messages = false});
	CU_ASSERT_EQUAL(count_of(text, "messages\":["), 0);
	tree = json_tokener_parse(text);
	CU_ASSERT_PTR_NOT_NULL(tree);
	json_object_put(tree);
	end();
}

TEST(b76_csv_has_one_row_a_message_and_no_formula)
{
	const char *home = talk(2, "=HYPERLINK(\"http://x\",1)");
	const char *text = take(home, (struct pal_export_look){.format = PAL_EXPORT_CSV,
							       .with_messages = true});

	CU_ASSERT_EQUAL(count_of(text, "\r\n"), 5);
	CU_ASSERT_EQUAL(strncmp(text, "sequence_number,message_id,timestamp,direction,", 47), 0);
	CU_ASSERT_EQUAL(count_of(text, ",\"'=HYPERLINK(\"\"http://x\"\",1)\","), 2);
	end();
}

static const char *cell(const char *text, size_t n)
{
	static char out[128];
	struct pal_buf buf = {.data = out, .cap = sizeof(out), .max = sizeof(out)};

	pal_csv_put_cell(&buf, (struct pal_str){text, n});
	out[buf.len] = '\0';
	return out;
}

TEST(b76_every_start_of_a_formula_gets_an_apostrophe)
{
	CHECK_STR(cell("=1", 2), "'=1");
	CHECK_STR(cell("+1", 2), "'+1");
	CHECK_STR(cell("-1", 2), "'-1");
	CHECK_STR(cell("@a", 2), "'@a");
	CHECK_STR(cell("\tx", 2), "'\tx");
	CHECK_STR(cell("\rx", 2), "\"'\rx\"");
	CHECK_STR(cell("a=1", 3), "a=1");
	CHECK_STR(cell("", 0), "");
	CHECK_STR(cell("a,b", 3), "\"a,b\"");
	CHECK_STR(cell("a\"b", 3), "\"a\"\"b\"");
	CHECK_STR(cell("a\nb", 3), "\"a\nb\"");
	CHECK_STR(cell("\0=", 2), "");	/* not taken for the end of the list of signs */
}

TEST(b76_the_name_of_the_file_has_nothing_of_a_raw_id)
{
	static const char id[] = "a\"b\r\nSet-Cookie: x/../\xc3\xa4";
	struct pal_buf name = {0};

	pal_export_put_name(&name, (struct pal_str){id, sizeof(id) - 1}, PAL_EXPORT_CSV);
	pal_buf_add_char(&name, '\0');
	CHECK_STR(name.data, "conversation_a_b__Set-Cookie__x_..___.csv");
	pal_buf_clear(&name);
	char longer[300];
	memset(longer, 'x', sizeof(longer));
	pal_export_put_name(&name, (struct pal_str){longer, sizeof(longer)}, PAL_EXPORT_TXT);
	CU_ASSERT_EQUAL(name.len, strlen("conversation_") + 64 + strlen(".txt"));
	pal_buf_deinit(&name);
}

TEST(a_transcript_reads_like_one)
{
	const char *home = talk(1, "hello there");
	const char *text = take(home, (struct pal_export_look){.format = PAL_EXPORT_TXT,
							       .with_messages = true,
							       .with_metadata = true});

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nUser: anna\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "] anna: hello there\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "] bot: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nPriority: normal\n"));
	end();
}

TEST(a_long_conversation_comes_in_pieces_of_bounded_size)
{
	static char words[3001];
	memset(words, 'w', sizeof(words) - 1);
	const char *home = talk(80, words);
	const char *text = take(home, (struct pal_export_look){.with_messages = true});

	CU_ASSERT(pieces >= 4);
	CU_ASSERT(largest < PAL_EXPORT_PIECE_BYTES + 16384);
	CU_ASSERT_EQUAL(count_of(text, "\"sequence_number\":"), 160);
	struct json_object *tree = json_tokener_parse(text);
	CU_ASSERT_PTR_NOT_NULL(tree);
	json_object_put(tree);
	end();
}

TEST(what_comes_after_it_began_is_not_in_it)
{
	const char *home = talk(2, "before");

	CU_ASSERT_EQUAL_FATAL(begin_as(&rig.backend, home,
				       (struct pal_export_look){.format = PAL_EXPORT_CSV,
								.with_messages = true}),
			      PAL_OK);
	rig_ask(&rig, &(struct words){.user = "anna", .conversation = home, .text = "behind"});
	while (!export.last)
		step();
	pal_buf_add_char(&file, '\0');
	CU_ASSERT_PTR_NULL(strstr(file.data, "behind"));
	CU_ASSERT_EQUAL(count_of(file.data, "before"), 2);
	pal_export_deinit(&export);
	end();
}

TEST(a_range_of_time_cuts_messages_out)
{
	const char *home = talk(1, "early");

	pal_clock_fake_advance_ms(&rig.clock, 60000);
	rig_ask(&rig, &(struct words){.user = "anna", .conversation = home, .text = "late"});
	CU_ASSERT_EQUAL_FATAL(begin_as(&rig.backend, home,
				       (struct pal_export_look){.format = PAL_EXPORT_TXT,
								.with_messages = true}),
			      PAL_OK);
	export.from_ms = RIG_START_MS + 30000;
	while (!export.last)
		step();
	pal_buf_add_char(&file, '\0');
	CU_ASSERT_PTR_NULL(strstr(file.data, "early"));
	CU_ASSERT_PTR_NOT_NULL(strstr(file.data, "late"));
	pal_export_deinit(&export);
	end();
}

TEST(only_owner_and_staff_may_take_it_out)
{
	const char *home = talk(1, "hello");
	struct pal_caller anna = rig.backend, bert;

	anna.key_id = (struct pal_str){NULL, 0};
	anna.user_id = PAL_STR("anna");
	anna.permissions = PAL_STR("conversations:export");
	bert = anna;
	bert.user_id = PAL_STR("bert");
	CU_ASSERT_EQUAL(begin_as(&anna, home, (struct pal_export_look){0}), PAL_OK);
	pal_export_deinit(&export);
	CU_ASSERT_EQUAL(begin_as(&bert, home, (struct pal_export_look){0}), PAL_E_NOT_FOUND);
	pal_export_deinit(&export);
	CU_ASSERT_EQUAL(begin_as(&anna, "no-such", (struct pal_export_look){0}), PAL_E_NOT_FOUND);
	pal_export_deinit(&export);
	end();
}

static unsigned audited;

static bool on_audit(void *arg, const struct pal_audit_entry *entry)
{
	const struct pal_audit_event *event = &entry->event;

	if (pal_str_equal(event->event_type, PAL_STR("data.exported")) &&
	    pal_str_equal(event->resource_id, pal_str(arg)) &&
	    pal_str_equal(event->result, PAL_STR("success")) && event->user_id.n)
		audited++;
	return true;
}

TEST(taking_data_out_is_written_down_before_the_first_piece)
{
	const char *home = talk(1, "hello");
	struct pal_error err;

	CU_ASSERT_EQUAL(begin_as(&rig.backend, home, (struct pal_export_look){0}), PAL_OK);
	audited = 0;
	CU_ASSERT_EQUAL(pal_store_walk_audit(rig.script.memory, 0, rig.backend.tenant, 0, 100,
					     on_audit, (void *)(uintptr_t)home, &err),
			PAL_OK);
	CU_ASSERT_EQUAL(audited, 1);
	pal_export_deinit(&export);
	end();
}

SUITE(export, CASE(json_holds_the_conversation_and_every_message_once),
      CASE(b76_csv_has_one_row_a_message_and_no_formula),
      CASE(b76_every_start_of_a_formula_gets_an_apostrophe),
      CASE(b76_the_name_of_the_file_has_nothing_of_a_raw_id), CASE(a_transcript_reads_like_one),
      CASE(a_long_conversation_comes_in_pieces_of_bounded_size),
      CASE(what_comes_after_it_began_is_not_in_it), CASE(a_range_of_time_cuts_messages_out),
      CASE(only_owner_and_staff_may_take_it_out),
      CASE(taking_data_out_is_written_down_before_the_first_piece))

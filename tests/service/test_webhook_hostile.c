/* SPDX-License-Identifier: Apache-2.0 */
/* Signed webhooks that say what nobody sensible says: each comes to nothing, and names what is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks.h"
#include "store/store.h"
#include "suite.h"

#define FIELD_NONE ""	/* nothing is wrong with it */

/* What stands where something else should. */
enum odd {
	ODD_NULL, ODD_TRUE, ODD_NUMBER, ODD_HUGE, ODD_EMPTY, ODD_LONG, ODD_LIST, ODD_OBJECT, ODD_NEST,
	ODD_COUNT,
};

#define X10(s) s s s s s s s s s s
static const char *const odd_texts[ODD_COUNT] = {
	[ODD_NULL] = "null",
	[ODD_TRUE] = "true",
	[ODD_NUMBER] = "-1.5",
	[ODD_HUGE] = "1" X10(X10("0")),
	[ODD_EMPTY] = "\"\"",
	[ODD_LONG] = "\"" X10(X10("xxxxxx")) "\"",
	[ODD_LIST] = "[]",
	[ODD_OBJECT] = "{}",
	[ODD_NEST] = X10("[") "{\"a\":\"b\"}" X10("]"),
};

static bool keep_last(void *arg, const struct pal_record *record)
{
	snprintf(arg, 8192, "%.*s", (int)record->body.n, record->body.p);
	return true;
}

/* What is told of the last webhook: its answer, and, if it was kept and failed, its record. */
static bool tells(const char *field)
{
	static char kept[8192];
	char want[64];

	snprintf(want, sizeof(want), "\"field\":\"%s\"", field);
	kept[0] = '\0';
	CU_ASSERT_EQUAL(pal_store_walk_records(hooks.rig.script.memory, 0, hooks.rig.backend.tenant,
					       PAL_WEBHOOK_SEEN_KIND, PAL_STR("failed"), 0,
					       (struct pal_str){NULL, 0}, 100000, keep_last, kept,
					       NULL),
			PAL_OK);
	return memmem(hooks.call.data.data, hooks.call.data.len, want, strlen(want)) ||
	       strstr(kept, want);
}

static enum pal_webhook_verdict take(const char *body)
{
	static unsigned count;
	char id[32];

	snprintf(id, sizeof(id), "msg_odd_%u", ++count);
	enum pal_webhook_verdict verdict = hooks_take(id, body);
	CU_ASSERT(verdict == PAL_WEBHOOK_TAKEN || verdict == PAL_WEBHOOK_FAULTY);
	return verdict;
}

#define SAYS(user, conversation, content, more)                                                    \
	"{\"type\":\"message.created\",\"data\":{\"id\":\"m\",\"user_id\":" user                   \
	",\"conversation_id\":" conversation ",\"content\":" content more "}}"
#define HELLO "{\"type\":\"text\",\"text\":\"hello\"}"
#define TELLS(what) "{\"type\":\"message.status\",\"data\":{" what "}}"

static const struct {
	const char *body;		/* %s: where the odd thing stands */
	const char *field;		/* that is told; FIELD_NONE where it is none */
	const char *fine;		/* of the odd things, which are not wrong: numbers of enum odd */
} places[] = {
	{"{\"type\":%s,\"data\":{}}", "type", ""},
	{"{\"type\":\"message.created\",\"timestamp\":%s,\"data\":{\"id\":\"m\",\"user_id\":\"ann\","
	 "\"content\":" HELLO "}}", "timestamp", ""},
	{"{\"type\":\"message.created\",\"data\":%s}", "data.id", ""},
	{"{\"type\":\"message.created\",\"data\":{\"id\":%s,\"user_id\":\"ann\",\"content\":" HELLO
	 "}}", "data.id", ""},
	{SAYS("%s", "null", HELLO, ""), "data.user_id", ""},
	{SAYS("\"ann\"", "%s", HELLO, ""), "data.conversation_id", "0"},
	{SAYS("\"ann\"", "null", "%s", ""), "data.content", "7"},
	{SAYS("\"ann\"", "null", "{\"type\":%s}", ""), "content.type", ""},
	{SAYS("\"ann\"", "null", "{\"type\":\"text\",\"text\":%s}", ""), "content.text", "5"},
	{SAYS("\"ann\"", "null", HELLO, ",\"metadata\":%s"), "data.metadata", "07"},
	{SAYS("\"ann\"", "null", HELLO, ",\"direction\":%s"), "data.direction", "04"},
	{TELLS("\"message_id\":%s,\"status\":\"delivered\""), "data.message_id", ""},
	{TELLS("\"message_id\":\"m\",\"status\":%s"), "data.status", ""},
	{TELLS("\"message_id\":\"m\",\"status\":\"failed\",\"reason\":%s"), "data.reason", "04"},
	{"{\"type\":\"message.read\",\"data\":{\"message_id\":%s}}", "data.message_id", ""},
};

TEST(whatever_stands_in_a_fields_place_is_told_and_does_nothing)
{
	char body[4096];

	for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
		for (int odd = 0; odd < ODD_COUNT; odd++) {
			bool is_fine = strchr(places[p].fine, '0' + odd) != NULL;
			snprintf(body, sizeof(body), places[p].body, odd_texts[odd]);
			hooks_open();
			take(body);
			if (!is_fine && !tells(places[p].field))
				printf("# %zu %s, odd %d: %.*s\n", p, places[p].field, odd,
				       (int)hooks.call.data.len, hooks.call.data.data);
			CU_ASSERT(is_fine || tells(places[p].field));
			CU_ASSERT(is_fine || rig_stored(&hooks.rig) == 0);
			hooks_close();
		}
	}
}

/* Bodies that are no envelope at all, and such as are too much of one. */
TEST(what_is_no_envelope_is_refused_whole)
{
	static const char *const bodies[] = {
		"", " ", "null", "7", "\"message.created\"", "[]", "[{\"type\":\"message.created\"}]",
		"{", "}", "{\"type\"}", "{\"type\":\"message.created\",}", "{'type':'message.created'}",
		"{\"type\":\"message.created\",\"type\":\"message.read\",\"data\":{}}",
		"{\"type\":\"message.created\",\"data\":{}} {}", "\xef\xbb\xbf{\"type\":\"a\"}",
		"{\"type\":\"a\xff\"}", "{\"type\":\"\\ud800\"}", "{\"type\":\"a\",\"data\":NaN}",
		"{\"type\":\"a\",\"data\":01}", "{\"type\":\"a\",\"data\":\"\t\"}"};

	hooks_open();
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		CU_ASSERT_EQUAL(take(bodies[i]), PAL_WEBHOOK_FAULTY);
		CU_ASSERT(tells("body") || tells("type"));
	}
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 0);
	hooks_close();
}

/* `count` times `open`, `value`, `count` times `close`, as the data of an envelope. */
static char *pile(const char *open, const char *value, const char *close, size_t count)
{
	struct pal_buf out = pal_buf_of(0);

	pal_buf_add_lit(&out, "{\"type\":\"message.created\",\"data\":[");
	for (size_t i = 0; i < count; i++)
		pal_buf_add_str(&out, pal_str(open));
	pal_buf_add_str(&out, pal_str(value));
	for (size_t i = 0; i < count; i++)
		pal_buf_add_str(&out, pal_str(close));
	pal_buf_add_lit(&out, "]}");
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_FATAL(!out.failed);
	return out.data;
}

TEST(depth_and_size_are_bounded)
{
	static const struct {
		const char *open, *value, *close;
		size_t count;
	} piles[] = {{"[", "1", "]", 1000},
		     {"{\"a\":", "1", "}", 1000},
		     {"[", "1", "]", 200000},
		     {"[", "", "", 500000},
		     {"1,", "1", "", 5000},
		     {"\"a\",", "1", "", 100000}};

	hooks_open();
	for (size_t i = 0; i < sizeof(piles) / sizeof(piles[0]); i++) {
		char *body = pile(piles[i].open, piles[i].value, piles[i].close, piles[i].count);
		CU_ASSERT_EQUAL(take(body), PAL_WEBHOOK_FAULTY);
		CU_ASSERT(tells("body"));
		free(body);
	}
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 0);
	hooks_close();
}

TEST(a_text_as_long_as_a_body_may_be_is_refused_by_its_field)
{
	struct pal_buf text = pal_buf_of(0);

	hooks_open();
	pal_buf_add_lit(&text, "{\"type\":\"message.created\",\"data\":{\"id\":\"m\",\"user_id\":\"ann\","
			       "\"content\":{\"type\":\"text\",\"text\":\"");
	for (size_t i = 0; i < 1000000; i++)
		pal_buf_add_char(&text, 'x');
	pal_buf_add_lit(&text, "\"}}}");
	pal_buf_add_char(&text, '\0');
	CU_ASSERT_EQUAL(take(text.data), PAL_WEBHOOK_TAKEN);
	CU_ASSERT(tells("content.text"));
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 0);
	pal_buf_deinit(&text);
	hooks_close();
}

/* Cut anywhere it is no JSON any more; with a byte changed it may be anything but the same twice. */
TEST(no_beginning_and_no_changed_byte_of_a_good_one_does_harm)
{
	static const char good[] =
		"{\"type\":\"message.created\",\"timestamp\":\"2026-01-15T10:00:00.000Z\",\"data\":{"
		"\"id\":\"m1\",\"user_id\":\"ann\",\"conversation_id\":null,\"content\":" HELLO "}}";
	char body[sizeof(good)];

	hooks_open();
	for (size_t n = 0; n < sizeof(good) - 1; n++) {
		snprintf(body, sizeof(body), "%.*s", (int)n, good);
		CU_ASSERT_EQUAL(take(body), PAL_WEBHOOK_FAULTY);
	}
	CU_ASSERT_EQUAL(rig_stored(&hooks.rig), 0);
	for (size_t n = 0; n < sizeof(good) - 1; n++) {
		memcpy(body, good, sizeof(good));
		body[n] ^= 0x15;	/* of letters others, of quotes and brackets none */
		if (body[n])
			take(body);
	}
	CU_ASSERT_EQUAL(take(good), PAL_WEBHOOK_TAKEN);
	CU_ASSERT(rig_stored(&hooks.rig) >= 1);
	hooks_close();
}

SUITE(webhook_hostile, CASE(whatever_stands_in_a_fields_place_is_told_and_does_nothing),
      CASE(what_is_no_envelope_is_refused_whole), CASE(depth_and_size_are_bounded),
      CASE(a_text_as_long_as_a_body_may_be_is_refused_by_its_field),
      CASE(no_beginning_and_no_changed_byte_of_a_good_one_does_harm))

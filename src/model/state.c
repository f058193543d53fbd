/* SPDX-License-Identifier: Apache-2.0 */
/*
 * {"view":{...ConversationStateView...},
 *  "counts":[messages,user,bot,switches,escalations,total,max],
 *  "language":"de"}	only last, and only when it is not English
 */
#include "model/state.h"

#define EMPTY_VIEW                                                                                 \
	"{\"current_intent\":null,\"entities\":{},\"slots\":{},\"conversation_stage\":null,"       \
	"\"next_expected_inputs\":[]}"

static struct pal_str part(struct pal_str text, struct pal_state_span span, struct pal_str fallback)
{
	return span.len ? (struct pal_str){text.p + span.at, span.len} : fallback;
}

struct pal_str pal_state_view(const struct pal_state *state, struct pal_str text)
{
	return part(text, state->view, PAL_STR(EMPTY_VIEW));
}

struct pal_str pal_state_intent(const struct pal_state *state, struct pal_str text)
{
	return part(text, state->intent, (struct pal_str){NULL, 0});
}

#define LANGUAGE_TAIL ",\"language\":\"xx\"}"
#define TAIL_LEN (sizeof(LANGUAGE_TAIL) - 1)

/* A text without it ends in the counts, so its end is enough to look at. */
struct pal_str pal_state_language(struct pal_str text)
{
	const size_t key = sizeof(",\"language\":\"") - 1;

	if (text.n < TAIL_LEN)
		return (struct pal_str){NULL, 0};
	const char *tail = text.p + text.n - TAIL_LEN;
	if (memcmp(tail, LANGUAGE_TAIL, key) != 0)
		return (struct pal_str){NULL, 0};
	return (struct pal_str){tail + key, 2};
}

/* --- Reading ---------------------------------------------------------------------------------- */

static uint32_t member(const struct pal_json *json, uint32_t at, const char *name)
{
	return at == PAL_JSON_NONE ? at : pal_json_member(json, at, pal_str(name));
}

static struct pal_state_span span_of(const struct pal_json *json, uint32_t at)
{
	if (at == PAL_JSON_NONE)
		return (struct pal_state_span){0, 0};
	struct pal_str raw = pal_json_raw(json, at);
	return (struct pal_state_span){(uint32_t)(raw.p - json->text), (uint32_t)raw.n};
}

static struct pal_state_counts read_counts(const struct pal_json *json, uint32_t at)
{
	int64_t n[7] = {0};

	if (at != PAL_JSON_NONE && pal_json_type(json, at) == PAL_JSON_ARRAY &&
	    json->node[at].count == 7) {
		uint32_t child = pal_json_first(json, at);
		for (size_t i = 0; i < 7; i++) {
			if (pal_json_type(json, child) == PAL_JSON_NUMBER)
				pal_json_integer(json, child, &n[i]);
			child = json->node[child].next;
		}
	}
	return (struct pal_state_counts){n[0], n[1], n[2], n[3], n[4], n[5], n[6]};
}

struct pal_state pal_state_read(struct pal_json *scratch, struct pal_str text)
{
	struct pal_state state = {.view = {0, 0}};
	struct pal_json_fault fault;

	if (!text.n || !pal_json_scan(scratch, text, &fault))
		return state;
	uint32_t view = member(scratch, 0, "view");
	uint32_t intent = member(scratch, view, "current_intent");
	state.view = span_of(scratch, view);
	state.entities = span_of(scratch, member(scratch, view, "entities"));
	state.slots = span_of(scratch, member(scratch, view, "slots"));
	state.stage = span_of(scratch, member(scratch, view, "conversation_stage"));
	if (intent != PAL_JSON_NONE && pal_json_type(scratch, intent) == PAL_JSON_STRING)
		state.intent = (struct pal_state_span){scratch->node[intent].at,
						       scratch->node[intent].len};
	state.counts = read_counts(scratch, member(scratch, 0, "counts"));
	return state;
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* Whether the object `fresh` has the key `quoted`: with its quotes and a colon behind, the bytes
 * can only stand where a key does, for a quote within a string is escaped. */
static bool has_key(struct pal_str fresh, struct pal_str quoted)
{
	const char *end = fresh.p + fresh.n;
	const char *at = fresh.p;

	while ((at = memmem(at, (size_t)(end - at), quoted.p, quoted.n)) != NULL) {
		at += quoted.n;	/* never the end: a bracket closes the object */
		if (*at == ':')
			return true;
	}
	return false;
}

/* A shallow merge: members of `old` stay unless `fresh` has the key. Both are texts of JSON objects
 * as this project writes them, without white space. */
static void merge_entities(struct pal_json *scratch, struct pal_buf *out, struct pal_str old,
			   struct pal_str fresh)
{
	struct pal_json_fault fault;

	if (old.n <= 2 || !pal_json_scan(scratch, old, &fault)) {
		pal_buf_add_str(out, fresh.n ? fresh : PAL_STR("{}"));
		return;
	}
	if (fresh.n <= 2) {
		pal_buf_add_str(out, old);
		return;
	}
	pal_buf_add(out, fresh.p, fresh.n - 1);
	uint32_t child = pal_json_first(scratch, 0);
	for (unsigned i = 0; i < scratch->node[0].count; i++) {
		const struct pal_json_node *key = &scratch->node[child];
		struct pal_str quoted = {old.p + key->at - 1, (size_t)key->len + 2};
		struct pal_str value = pal_json_raw(scratch, key->next);
		if (!has_key(fresh, quoted)) {
			pal_buf_add_char(out, ',');
			pal_buf_add(out, quoted.p, (size_t)(value.p + value.n - quoted.p));
		}
		child = scratch->node[key->next].next;
	}
	pal_buf_add_char(out, '}');
}

static struct pal_state_counts counted(struct pal_state_counts c,
				       const struct pal_state_change *change, bool switched)
{
	c.messages += change->has_reply ? 2 : 1;
	c.user_messages += 1;
	c.bot_messages += change->has_reply ? 1 : 0;
	c.intent_switches += switched ? 1 : 0;
	if (!change->has_reply)
		return c;
	c.response_time_total_ms += change->response_time_ms;
	if (c.response_time_max_ms < change->response_time_ms)
		c.response_time_max_ms = change->response_time_ms;
	return c;
}

static void put_counts(struct pal_buf *out, const struct pal_state_counts *c)
{
	const int64_t n[7] = {c->messages,    c->user_messages,
			      c->bot_messages, c->intent_switches,
			      c->escalations,  c->response_time_total_ms,
			      c->response_time_max_ms};

	for (size_t i = 0; i < 7; i++) {
		pal_buf_add_char(out, i ? ',' : '[');
		pal_buf_add_i64(out, n[i]);
	}
	pal_buf_add_char(out, ']');
}

static void put_language(struct pal_buf *out, struct pal_str language)
{
	if (language.n != 2 || pal_str_equal(language, PAL_STR("en")))
		return;
	pal_buf_add_lit(out, ",\"language\":\"");
	pal_buf_add_str(out, language);
	pal_buf_add_char(out, '"');
}

static struct pal_state_span since(const struct pal_buf *out, size_t at)
{
	return (struct pal_state_span){(uint32_t)at, (uint32_t)(out->len - at)};
}

static struct pal_state_span put_part(struct pal_buf *out, struct pal_str value)
{
	size_t at = out->len;

	pal_buf_add_str(out, value);
	return since(out, at);
}

void pal_state_next(struct pal_json *scratch, const struct pal_state *before,
		    struct pal_str before_text, const struct pal_state_change *change,
		    struct pal_buf *out, struct pal_state *ret)
{
	struct pal_str old = pal_state_intent(before, before_text);
	struct pal_str intent = change->intent.p ? change->intent : old;
	bool switched = old.p && !pal_str_equal(old, intent);
	size_t view_at, entities_at;

	*ret = (struct pal_state){.counts = counted(before->counts, change, switched)};
	pal_buf_add_lit(out, "{\"view\":");
	view_at = out->len;
	pal_buf_add_lit(out, "{\"current_intent\":");
	if (intent.p) {
		pal_buf_add_char(out, '"');
		ret->intent = put_part(out, intent);
		pal_buf_add_char(out, '"');
	} else {
		pal_buf_add_lit(out, "null");
	}
	pal_buf_add_lit(out, ",\"entities\":");
	entities_at = out->len;
	merge_entities(scratch, out, part(before_text, before->entities, PAL_STR("{}")),
		       change->entities);
	ret->entities = since(out, entities_at);
	pal_buf_add_lit(out, ",\"slots\":");
	ret->slots = put_part(out, part(before_text, before->slots, PAL_STR("{}")));
	pal_buf_add_lit(out, ",\"conversation_stage\":");
	ret->stage = put_part(out, part(before_text, before->stage, PAL_STR("null")));
	pal_buf_add_lit(out, ",\"next_expected_inputs\":");
	pal_buf_add_str(out, change->expected.n ? change->expected : PAL_STR("[]"));
	pal_buf_add_char(out, '}');
	ret->view = since(out, view_at);
	pal_buf_add_lit(out, ",\"counts\":");
	put_counts(out, &ret->counts);
	put_language(out, change->language.n == 2 ? change->language
						  : pal_state_language(before_text));
	pal_buf_add_char(out, '}');
}

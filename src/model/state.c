/* SPDX-License-Identifier: Apache-2.0 */
#include "model/state.h"

#define EMPTY_VIEW                                                                                 \
	"{\"current_intent\":null,\"entities\":{},\"slots\":{},\"conversation_stage\":null,"       \
	"\"next_expected_inputs\":[]}"

static uint32_t member(const struct pal_json *json, uint32_t at, const char *name)
{
	return at == PAL_JSON_NONE ? at : pal_json_member(json, at, pal_str(name));
}

static struct pal_str raw_or(const struct pal_json *json, uint32_t at, struct pal_str fallback)
{
	return at == PAL_JSON_NONE ? fallback : pal_json_raw(json, at);
}

static bool scan(struct pal_json *scratch, struct pal_str state)
{
	struct pal_json_fault fault;

	return state.n && pal_json_scan(scratch, state, &fault) &&
	       pal_json_type(scratch, 0) == PAL_JSON_OBJECT;
}

static int64_t counter(const struct pal_json *json, uint32_t metrics, const char *name)
{
	uint32_t at = member(json, metrics, name);
	int64_t n = 0;

	if (at != PAL_JSON_NONE && pal_json_type(json, at) == PAL_JSON_NUMBER)
		pal_json_integer(json, at, &n);
	return n;
}

static struct pal_state_metrics metrics_of(const struct pal_json *json)
{
	uint32_t at = member(json, 0, "metrics");

	return (struct pal_state_metrics){
		.message_count = counter(json, at, "message_count"),
		.user_messages = counter(json, at, "user_messages"),
		.bot_messages = counter(json, at, "bot_messages"),
		.intent_switches = counter(json, at, "intent_switches"),
		.escalation_triggers = counter(json, at, "escalation_triggers"),
		.response_time_total_ms = counter(json, at, "response_time_total_ms"),
		.response_time_max_ms = counter(json, at, "response_time_max_ms"),
	};
}

struct pal_state_metrics pal_state_metrics(struct pal_json *scratch, struct pal_str state)
{
	if (!scan(scratch, state))
		return (struct pal_state_metrics){.message_count = 0};
	return metrics_of(scratch);
}

struct pal_str pal_state_view(struct pal_json *scratch, struct pal_str state)
{
	uint32_t view = scan(scratch, state) ? member(scratch, 0, "view") : PAL_JSON_NONE;

	return raw_or(scratch, view, PAL_STR(EMPTY_VIEW));
}

/* Intent names are ours and hold nothing that needs escaping, so their raw form is their text. */
static struct pal_str intent_of(const struct pal_json *json)
{
	uint32_t at = member(json, member(json, 0, "view"), "current_intent");

	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING)
		return (struct pal_str){NULL, 0};
	return (struct pal_str){json->text + json->node[at].at, json->node[at].len};
}

struct pal_str pal_state_intent(struct pal_json *scratch, struct pal_str state)
{
	return scan(scratch, state) ? intent_of(scratch) : (struct pal_str){NULL, 0};
}

/* A shallow merge: members of `old` stay unless `fresh` has the key. Both are texts of JSON objects. */
static void merge_entities(struct pal_buf *out, const struct pal_json *json, uint32_t old,
			   struct pal_str fresh)
{
	struct pal_str inner = {NULL, 0};

	if (fresh.n > 2)
		inner = (struct pal_str){fresh.p + 1, fresh.n - 2};
	pal_buf_add_char(out, '{');
	bool first = true;
	uint32_t child = old == PAL_JSON_NONE ? old : pal_json_first(json, old);
	for (unsigned i = 0; child != PAL_JSON_NONE && i < json->node[old].count; i++) {
		const struct pal_json_node *key = &json->node[child];
		uint32_t value = key->next;
		/* with its quotes and colon a key can only be found where a key stands */
		struct pal_str quoted = {json->text + key->at - 1, (size_t)key->len + 2};
		const char *hit = inner.n ? memmem(inner.p, inner.n, quoted.p, quoted.n) : NULL;
		bool replaced = hit && hit + quoted.n < inner.p + inner.n && hit[quoted.n] == ':';
		if (!replaced) {
			pal_buf_add(out, ",", first ? 0 : 1);
			pal_buf_add_str(out, quoted);
			pal_buf_add_char(out, ':');
			pal_buf_add_str(out, pal_json_raw(json, value));
			first = false;
		}
		child = json->node[value].next;
	}
	pal_buf_add(out, ",", first || !inner.n ? 0 : 1);
	pal_buf_add_str(out, inner);
	pal_buf_add_char(out, '}');
}

static void put_history(struct pal_buf *out, const struct pal_json *json, uint32_t history,
			struct pal_str intent)
{
	unsigned count = history == PAL_JSON_NONE ? 0 : json->node[history].count;
	uint32_t child = count ? pal_json_first(json, history) : PAL_JSON_NONE;
	unsigned skip = intent.p && count >= PAL_INTENT_HISTORY_MAX
				? count - PAL_INTENT_HISTORY_MAX + 1 : 0;
	bool first = true;

	pal_buf_add_char(out, '[');
	for (unsigned i = 0; i < count; i++) {
		if (i >= skip) {
			pal_buf_add(out, ",", first ? 0 : 1);
			pal_buf_add_str(out, pal_json_raw(json, child));
			first = false;
		}
		child = json->node[child].next;
	}
	if (intent.p) {
		pal_buf_add(out, ",", first ? 0 : 1);
		pal_json_put_string(out, intent);
	}
	pal_buf_add_char(out, ']');
}

static void put_counter(struct pal_buf *out, const char *name, int64_t n)
{
	pal_buf_add_char(out, '"');
	pal_buf_add_str(out, pal_str(name));
	pal_buf_add_lit(out, "\":");
	pal_buf_add_i64(out, n);
}

static void put_metrics(struct pal_buf *out, const struct pal_state_metrics *m)
{
	const struct {
		const char *name;
		int64_t n;
	} row[] = {
		{"message_count", m->message_count},
		{"user_messages", m->user_messages},
		{"bot_messages", m->bot_messages},
		{"intent_switches", m->intent_switches},
		{"escalation_triggers", m->escalation_triggers},
		{"response_time_total_ms", m->response_time_total_ms},
		{"response_time_max_ms", m->response_time_max_ms},
	};

	pal_buf_add_char(out, '{');
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		pal_buf_add(out, ",", i ? 1 : 0);
		put_counter(out, row[i].name, row[i].n);
	}
	pal_buf_add_char(out, '}');
}

static struct pal_state_metrics counted(struct pal_state_metrics m,
					const struct pal_state_change *change, bool switched)
{
	m.message_count += change->has_reply ? 2 : 1;
	m.user_messages += 1;
	m.bot_messages += change->has_reply ? 1 : 0;
	m.intent_switches += switched ? 1 : 0;
	m.response_time_total_ms += change->response_time_ms;
	if (m.response_time_max_ms < change->response_time_ms)
		m.response_time_max_ms = change->response_time_ms;
	return m;
}

bool pal_state_next(struct pal_json *scratch, struct pal_str before,
		    const struct pal_state_change *change, struct pal_buf *out)
{
	struct pal_state_metrics m = {.message_count = 0};
	uint32_t view = PAL_JSON_NONE, history = PAL_JSON_NONE;
	struct pal_str intent = {NULL, 0};

	if (before.n) {
		if (!scan(scratch, before))
			return false;
		m = metrics_of(scratch);
		view = member(scratch, 0, "view");
		history = member(scratch, 0, "intent_history");
		intent = intent_of(scratch);
	}
	bool switched = intent.p && change->intent.p && !pal_str_equal(intent, change->intent);
	if (change->intent.p)
		intent = change->intent;

	pal_buf_add_lit(out, "{\"view\":{\"current_intent\":");
	if (intent.p)
		pal_json_put_string(out, intent);
	else
		pal_buf_add_lit(out, "null");
	pal_buf_add_lit(out, ",\"entities\":");
	merge_entities(out, scratch, member(scratch, view, "entities"), change->entities);
	pal_buf_add_lit(out, ",\"slots\":");
	pal_buf_add_str(out, raw_or(scratch, member(scratch, view, "slots"), PAL_STR("{}")));
	pal_buf_add_lit(out, ",\"conversation_stage\":");
	pal_buf_add_str(out, raw_or(scratch, member(scratch, view, "conversation_stage"),
				    PAL_STR("null")));
	pal_buf_add_lit(out, ",\"next_expected_inputs\":");
	pal_buf_add_str(out, change->expected.n ? change->expected : PAL_STR("[]"));
	pal_buf_add_lit(out, "},\"intent_history\":");
	put_history(out, scratch, history, change->intent);
	pal_buf_add_lit(out, ",\"metrics\":");
	m = counted(m, change, switched);
	put_metrics(out, &m);
	pal_buf_add_char(out, '}');
	return !out->failed;
}

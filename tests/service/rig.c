/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>
#include <json-c/json_pointer.h>

#include "base/log.h"
#include "service/view/answer.h"
#include "store/store.h"
#include "suite.h"

#define TENANT ((struct pal_tenant_key){1})
#define ROUNDS_MAX 100000

static void require(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "rig: %s\n", what);
	abort();
}

static void on_stored(void *arg, struct pal_str tenant_id, struct pal_str conversation_id,
		      const struct pal_exchange *exchange)
{
	struct rig *rig = arg;

	CU_ASSERT(tenant_id.n && conversation_id.n && exchange->in.sequence > 0);
	rig->stored++;
}

static struct pal_directory_limits live_limits(const struct rig_spec *spec)
{
	struct pal_directory_limits plenty = {
		.idle_ms = 60000, .count_max = 10000, .bytes_max = 1 << 26};

	return spec->live.count_max ? spec->live : plenty;
}

void rig_open(struct rig *rig, const struct rig_spec *spec)
{
	const struct pal_store_front_options front = {.queue_max = spec->queue_max,
						      .clock = &rig->clock.clock};
	struct pal_error err;

	memset(rig, 0, sizeof(*rig));
	pal_log_configure(PAL_LOG_ERROR, PAL_LOG_JSON);
	script_open(&rig->script, !spec->prompt);
	pal_clock_fake_init(&rig->clock, RIG_START_MS);
	rig->pool = pal_pool_create(2);
	require(rig->pool && pal_store_front_create(&rig->script.base, &front, &rig->front, &err) ==
				     PAL_OK, "no front");
	rig->rules = pal_rules_responder_of(NULL);
	rig->backend = (struct pal_caller){.tenant = TENANT,
					   .tenant_id = PAL_STR("acme"),
					   .key_id = PAL_STR("key-1"),
					   .permissions = PAL_STR("*")};
	rig->sessions = pal_sessions_create(&(struct pal_sessions_options){
		.front = rig->front,
		.clock = &rig->clock.clock,
		.limits = {.default_ms = 2 * PAL_SESSION_HOUR_MS,
			   .max_ms = 24 * PAL_SESSION_HOUR_MS,
			   .cleanup_interval_ms = 60000,
			   .auto_create = spec->auto_create},
	});
	require(rig->sessions, "no sessions");
	const struct pal_message_options options = {
		.pool = rig->pool,
		.front = rig->front,
		.responder = spec->responder ? spec->responder : &rig->rules.base,
		.clock = &rig->clock.clock,
		.sessions = rig->sessions,
		.mailbox_capacity = spec->mailbox ? spec->mailbox : 256,
		.limits = {.batch_max = spec->batch_max ? spec->batch_max : 64,
			   .strict_conversation_id = spec->strict,
			   .blocking_flags = spec->blocking_flags,
			   .abandon_after_ms = spec->abandon_after_ms},
		.live = live_limits(spec),
		.stored = on_stored,
		.stored_arg = rig,
	};
	require(pal_message_service_create(&options, &rig->service, &err) == PAL_OK, "no service");
}

static void free_letters(struct rig *rig)
{
	for (struct letter *l = rig->letters, *next; l; l = next) {
		struct pal_arena arena = l->arena;
		next = l->next;
		CU_ASSERT_EQUAL(l->done, 1);
		pal_buf_deinit(&l->inbound.answer);
		pal_arena_release(&arena);
	}
	rig->letters = NULL;
}

static void shut(struct rig *rig)
{
	pal_store_front_stop(rig->front);
	pal_message_service_destroy(rig->service);
	pal_sessions_destroy(rig->sessions);
	pal_store_front_destroy(rig->front);
	pal_pool_destroy(rig->pool);
	free_letters(rig);
	script_close(&rig->script);
}

void rig_close(struct rig *rig)
{
	size_t left = 1;

	for (unsigned i = 0; left && i < 10; i++) {
		rig_settle(rig);
		left = pal_message_drain(rig->service);
	}
	rig_settle(rig);
	CU_ASSERT_EQUAL(left, 0);
	CU_ASSERT_EQUAL(pal_message_live(rig->service).live, 0);
	shut(rig);
}

void rig_abandon(struct rig *rig)
{
	shut(rig);
}

void rig_work(struct rig *rig)
{
	bool more = true;

	for (unsigned i = 0; more; i++) {
		require(i < ROUNDS_MAX, "the workers spin");
		more = false;
		for (unsigned w = 0; w < pal_pool_size(rig->pool); w++)
			more |= pal_worker_run(pal_pool_worker(rig->pool, w), 1);
	}
}

bool rig_store(struct rig *rig)
{
	return pal_store_front_step(rig->front);
}

void rig_settle(struct rig *rig)
{
	bool more = true;

	for (unsigned i = 0; more; i++) {
		require(i < ROUNDS_MAX, "it never settles");
		rig_work(rig);
		unsigned before = rig->outcomes;
		size_t units = rig->script.units, loads = rig->script.loads;
		size_t records = rig->script.records;
		more = rig_store(rig);
		rig_work(rig);
		more |= before != rig->outcomes || units != rig->script.units ||
			loads != rig->script.loads || records != rig->script.records;
	}
}

/* --- Letters ------------------------------------------------------------------------------------ */

static void on_done(struct pal_inbound *inbound)
{
	struct letter *letter = (struct letter *)inbound;

	letter->done++;
	letter->rank = letter->rig->outcomes + 1;	/* meaningful when one thread cranks all */
	letter->rig->outcomes++;
}

static struct pal_str compose(struct pal_arena *arena, const struct words *w)
{
	struct pal_buf text = {0};

	pal_buf_add_lit(&text, "{\"channel\":\"web\",\"user_id\":");
	pal_json_put_string(&text, pal_str(w->user ? w->user : "u"));
	if (w->conversation) {
		pal_buf_add_lit(&text, ",\"conversation_id\":");
		pal_json_put_string(&text, pal_str(w->conversation));
	}
	if (w->id) {
		pal_buf_add_lit(&text, ",\"message_id\":");
		pal_json_put_string(&text, pal_str(w->id));
	}
	pal_buf_add_lit(&text, ",\"content\":");
	if (w->content) {
		pal_buf_add_str(&text, pal_str(w->content));
	} else {
		pal_buf_add_lit(&text, "{\"type\":\"text\",\"text\":");
		pal_json_put_string(&text, pal_str(w->text ? w->text : "hello"));
		pal_buf_add_char(&text, '}');
	}
	pal_buf_add_str(&text, pal_str(w->more));
	pal_buf_add_char(&text, '}');
	struct pal_str kept = pal_arena_copy(arena, pal_buf_str(&text));
	pal_buf_deinit(&text);
	require(kept.p, "no memory");
	return kept;
}

static struct letter *letter_create(struct rig *rig, const struct words *words)
{
	struct pal_arena arena = pal_arena_of(0);
	struct letter *letter = pal_arena_get(&arena, sizeof(*letter));
	struct pal_field_errors errors = {.count = 0};
	struct pal_json_fault fault = {0};
	struct pal_error err = {.message = "not scanned"};

	require(letter, "no memory");
	memset(letter, 0, sizeof(*letter));
	letter->rig = rig;
	struct pal_inbound *in = &letter->inbound;
	in->caller = words->caller ? words->caller : &rig->backend;
	in->received_ms = pal_clock_wall_ms(&rig->clock.clock);
	in->start_ns = pal_clock_mono_ns(&rig->clock.clock);
	in->request_id = PAL_STR("request-1");
	in->ip_address = PAL_STR("192.0.2.1");
	in->done = on_done;
	struct pal_str body = compose(&arena, words);
	const struct pal_request_rules rules = pal_request_rules_default();
	struct pal_fields fields = {
		.json = pal_thread_json(), .arena = &arena, .errors = &errors};
	require(pal_json_scan(pal_thread_json(), body, &fault) &&
			pal_send_request_read(&fields, in->received_ms, &rules, &in->request,
					      &err) == PAL_OK,
		err.message);
	letter->arena = arena;
	return letter;
}

struct letter *rig_write(struct rig *rig, const struct words *words)
{
	struct letter *letter = letter_create(rig, words);

	letter->next = rig->letters;
	rig->letters = letter;
	return letter;
}

struct letter *rig_send(struct rig *rig, const struct words *words)
{
	struct letter *letter = rig_write(rig, words);

	pal_message_submit(rig->service, &letter->inbound);
	return letter;
}

struct letter *rig_ask(struct rig *rig, const struct words *words)
{
	struct letter *letter = rig_send(rig, words);

	rig_settle(rig);
	CU_ASSERT_EQUAL(letter->done, 1);
	CU_ASSERT_EQUAL(letter->inbound.code, PAL_OK);
	return letter;
}

const char *letter_at(struct letter *letter, const char *pointer)
{
	struct pal_buf *answer = &letter->inbound.answer;
	struct json_object *found = NULL;

	if (letter->inbound.code != PAL_OK || !letter->done)
		return "";
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *root = json_tokener_parse_ex(tokener, answer->data, (int)answer->len);
	struct pal_str text = PAL_STR("");
	if (root && json_pointer_get(root, pointer, &found) == 0)
		text = pal_str(found ? json_object_get_string(found) : "null");
	text = pal_arena_copy(&letter->arena, text);
	require(text.p, "no memory");
	CU_ASSERT_PTR_NOT_NULL(root);
	json_object_put(root);
	json_tokener_free(tokener);
	return text.p;
}

const char *letter_home(struct letter *letter)
{
	return letter_at(letter, "/conversation_id");
}

/* --- What is stored ----------------------------------------------------------------------------- */

static struct pal_buf page;	/* of the last transcript */

static bool put_line(void *arg, const struct pal_exchange *x)
{
	(void)arg;
	pal_buf_addf(&page, "%lld %.*s", (long long)x->in.sequence, (int)x->in.content.text.n,
		     x->in.content.text.p);
	if (x->out.sequence)
		pal_buf_addf(&page, " > %lld", (long long)x->out.sequence);
	pal_buf_add_char(&page, '\n');
	return true;
}

bool rig_load(struct rig *rig, const char *id, struct pal_conversation *ret)
{
	static struct pal_arena arena;
	struct pal_error err;

	pal_arena_release(&arena);
	return rig->script.memory->ops->load_conversation(rig->script.memory, 0, TENANT, pal_str(id),
							  &arena, ret, &err) == PAL_OK;
}

const char *rig_transcript(struct rig *rig, const char *id)
{
	static char text[65536];
	struct pal_conversation c;
	struct pal_error err;

	if (!rig_load(rig, id, &c))
		return "absent";
	require(rig->script.memory->ops->walk_exchanges(rig->script.memory, 0, TENANT, c.key, 1,
							SIZE_MAX, put_line, NULL, &err) == PAL_OK,
		"no walk");
	snprintf(text, sizeof(text), "%.*s", (int)page.len, page.len ? page.data : "");
	pal_buf_deinit(&page);
	return text;
}

size_t rig_stored(struct rig *rig)
{
	struct pal_store_counts counts = {0};
	struct pal_error err;

	require(rig->script.memory->ops->count(rig->script.memory, 0, &counts, &err) == PAL_OK,
		"no count");
	return (size_t)counts.exchanges;
}

void rig_set_status(struct rig *rig, const char *id, enum pal_conversation_status status)
{
	struct pal_conversation c;

	require(rig_load(rig, id, &c), "no such conversation");
	const struct pal_change change = {.status = status, .details = c.details};
	struct pal_unit unit = {.tenant = TENANT, .conversation = &c, .change = &change};
	struct pal_unit *units = &unit;
	rig->script.memory->ops->commit(rig->script.memory, &units, 1, NULL, 0);
	require(unit.verdict == PAL_UNIT_STORED, "no change");
}

void rig_passivate(struct rig *rig)
{
	rig_settle(rig);
	pal_message_sweep(rig->service);	/* tells it what time it is */
	pal_clock_fake_advance_ms(&rig->clock, 3600000);
	pal_message_sweep(rig->service);
	rig_settle(rig);
}

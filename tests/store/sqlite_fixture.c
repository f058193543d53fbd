/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

void fixture_init(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	strcpy(f->dir, "/tmp/palaver-sqlite-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/palaver.db", f->dir);
	f->options.config.path = f->path;
	f->options.config.readers = 2;
	f->options.busy_ms = 50;
}

void fixture_open(struct fixture *f)
{
	struct pal_error err = {0};

	enum pal_code code = pal_sqlite_open(&f->options, &f->store, &err);
	CU_ASSERT_EQUAL_FATAL(code, PAL_OK);
}

void fixture_close(struct fixture *f)
{
	if (f->store)
		f->store->ops->destroy(f->store);
	f->store = NULL;
}

void fixture_deinit(struct fixture *f)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};
	char name[128];

	fixture_close(f);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", f->path, suffixes[i]);
		unlink(name);
	}
	rmdir(f->dir);
}

static void fill_exchange(struct turn *t, size_t i, int64_t sequence, const char *prefix)
{
	struct pal_exchange *e = &t->exchanges[i];

	snprintf(t->in_ids[i], sizeof(t->in_ids[i]), "%s-%zu", prefix, i);
	snprintf(t->out_ids[i], sizeof(t->out_ids[i]), "re-%s-%zu", prefix, i);
	snprintf(t->texts[i], sizeof(t->texts[i]), "{\"text\":\"hello %s\"}", prefix);
	e->in = (struct pal_message){
		.message_id = pal_str(t->in_ids[i]),
		.user_id = PAL_STR("user-1"),
		.sequence = sequence,
		.direction = PAL_INBOUND,
		.timestamp_ms = 1000 + sequence,
		.content = {.type = PAL_CONTENT_TEXT, .raw = pal_str(t->texts[i])},
	};
	e->in.content.text = (struct pal_str){t->texts[i] + 9, strlen(t->texts[i]) - 11};
	e->out = (struct pal_message){
		.message_id = pal_str(t->out_ids[i]),
		.user_id = PAL_STR("bot"),
		.sequence = sequence + 1,
		.direction = PAL_OUTBOUND,
		.timestamp_ms = 2000 + sequence,
		.content = {.type = PAL_CONTENT_TEXT, .text = PAL_STR("said \"so\""),
			    .raw = PAL_STR("{\"text\":\"said \\\"so\\\"\"}")},
		.analysis = PAL_STR("{\"model_name\":\"rule_based\"}"),
	};
	e->received_ms = 1500 + sequence;
	memset(e->digest, (int)sequence, sizeof(e->digest));
	e->state = PAL_STR("{\"turns\":1}");
	e->delivery = (struct pal_delivery){PAL_DELIVERY_PENDING, PAL_STR("user-1")};
	e->audit = (struct pal_audit){.event_type = PAL_STR("message.processed"),
				      .request_id = PAL_STR("request-1")};
}

void turn_init(struct turn *t, int64_t tenant, const char *id, int64_t key, int64_t sequence,
	       const char *prefix, size_t count)
{
	memset(t, 0, sizeof(*t));
	snprintf(t->conversation_id, sizeof(t->conversation_id), "%s", id);
	t->conversation = (struct pal_conversation){
		.key = key, .id = pal_str(t->conversation_id), .user_id = PAL_STR("user-1"),
		.started_ms = 1000, .last_activity_ms = 1000,
	};
	for (size_t i = 0; i < count; i++)
		fill_exchange(t, i, sequence + 2 * (int64_t)i, prefix);
	t->unit = (struct pal_unit){.tenant = {tenant}, .conversation = &t->conversation,
				    .exchanges = t->exchanges, .count = count};
}

void commit_turns(struct fixture *f, struct turn **turns, size_t count)
{
	struct pal_unit *units[64];

	CU_ASSERT_FATAL(count <= sizeof(units) / sizeof(units[0]));
	for (size_t i = 0; i < count; i++)
		units[i] = &turns[i]->unit;
	f->store->ops->commit(f->store, units, count, NULL, 0);
}

enum pal_unit_verdict commit_turn(struct fixture *f, struct turn *t)
{
	commit_turns(f, &t, 1);
	return t->unit.verdict;
}

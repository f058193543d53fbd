/* SPDX-License-Identifier: Apache-2.0 */
/* That what is as long, as odd or as absent as may be comes back as it was. */
#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1};

/* Store `unit`, and check that walking and finding give it back. */
static void check_round_trip(struct stage *stage, struct pal_unit *unit)
{
	struct unit_walk walk = {.unit = unit};
	struct pal_found_exchange found;
	struct pal_conversation loaded;

	CU_ASSERT_EQUAL_FATAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(pal_store_walk_exchanges(stage->store, 0, tenant1, unit->conversation->key,
						 0, SIZE_MAX, unit_walk_visit, &walk, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(walk.seen, unit->count);
	CU_ASSERT_EQUAL(walk.different, 0);
	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant1,
						    unit->conversation->id, &stage->arena, &loaded,
						    NULL),
			PAL_OK);
	CU_ASSERT_TRUE(is_same_conversation(&loaded, unit->conversation));
	for (size_t i = 0; i < unit->count; i++) {
		const struct pal_exchange *exchange = &unit->exchanges[i];
		for (int outbound = 0; outbound <= (exchange->out.sequence != 0); outbound++) {
			CU_ASSERT_EQUAL(pal_store_find_exchange(
						stage->store, 0, tenant1,
						outbound ? exchange->out.message_id
							 : exchange->in.message_id,
						outbound, &stage->arena, &found, NULL),
					PAL_OK);
			CU_ASSERT_TRUE(is_same_exchange(&found.exchange, exchange));
			CU_ASSERT_TRUE(
				is_same_conversation(&found.conversation, unit->conversation));
		}
	}
}

static struct pal_str odd_id(struct pal_arena *arena, char c)
{
	struct pal_str id = repeat(arena, "\xf0\x9f\x98\x80", PAL_ID_POINTS_MAX);

	((char *)id.p)[id.n - 1] = (char)(0x80 + (c & 0x3f));
	return id;
}

void conform_ids_and_texts_of_greatest_length_come_back(struct stage *stage)
{
	struct pal_unit *unit = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "m"});
	struct pal_exchange *exchange = exchange_of(unit, 0);
	struct pal_str text = repeat(&stage->arena, "\xf0\x9f\x98\x80", PAL_TEXT_POINTS_MAX);

	unit->conversation->id = odd_id(&stage->arena, 1);
	unit->conversation->user_id = odd_id(&stage->arena, 2);
	unit->conversation->session_id = odd_id(&stage->arena, 3);
	unit->conversation->previous_id = odd_id(&stage->arena, 4);
	exchange->in.message_id = odd_id(&stage->arena, 5);
	exchange->in.user_id = odd_id(&stage->arena, 6);
	exchange->in.content.text = text;
	exchange->out.message_id = odd_id(&stage->arena, 7);
	exchange->out.user_id = odd_id(&stage->arena, 8);
	exchange->out.content.text = text;
	exchange->delivery.recipient = odd_id(&stage->arena, 9);
	exchange->audit.event_type = odd_id(&stage->arena, 10);
	exchange->audit.user_id = odd_id(&stage->arena, 11);
	exchange->audit.resource_id = odd_id(&stage->arena, 12);
	exchange->audit.request_id = odd_id(&stage->arena, 13);
	exchange->audit.ip_address = odd_id(&stage->arena, 14);
	check_round_trip(stage, unit);
}

/* A JSON string of every character that may stand there unescaped, and of every escape. */
static struct pal_str all_characters(struct pal_arena *arena)
{
	static const char lead[] = "{\"all\":\"\\u0000\\u001f\\\"\\\\\\/\\b\\f\\n\\r\\t";
	char *p = pal_arena_get(arena, 1024);
	size_t n = sizeof(lead) - 1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	memcpy(p, lead, n);
	for (int c = 0x20; c < 0x80; c++) {
		if (c != '"' && c != '\\')
			p[n++] = (char)c;
	}
	for (int c = 0x80; c < 0x800; c += 0x1f) {	/* leads C2..DF, each tail now and then */
		p[n++] = (char)(0xc0 | c >> 6);
		p[n++] = (char)(0x80 | (c & 0x3f));
	}
	for (int tail = 0x80; tail < 0xc0; tail++) {
		p[n++] = (char)0xe2;
		p[n++] = (char)tail;
		p[n++] = (char)tail;
	}
	memcpy(p + n, "\xf4\x8f\xbf\xbf\xee\x80\x80\xef\xbb\xbf\"}", 12);
	return (struct pal_str){p, n + 12};
}

void conform_json_of_any_bytes_and_great_length_comes_back(struct stage *stage)
{
	struct pal_unit *unit = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "c", .count = 4, .prefix = "m"});
	struct pal_str odd = all_characters(&stage->arena);
	struct pal_str great = repeat(&stage->arena, "{\"k\":12}", 8192);	/* 64 KiB */
	struct pal_str greatest = repeat(&stage->arena, "[[[[]]]]", PAL_STORE_JSON_BYTES_MAX / 8);

	for (size_t i = 0; i < unit->count; i++) {
		struct pal_str json = i == 0 ? odd : i == 1 ? great : greatest;
		struct pal_exchange *exchange = exchange_of(unit, i);
		if (i == 3)
			continue;	/* an ordinary one behind the greatest */
		exchange->in.content.raw = exchange->in.analysis = json;
		exchange->in.processing = exchange->state = json;
		exchange->out.content.raw = exchange->out.analysis = json;
	}
	unit->conversation->state = greatest;
	unit->conversation->details = greatest;
	check_round_trip(stage, unit);
}

void conform_absent_and_empty_fields_come_back_empty(struct stage *stage)
{
	const struct pal_str blank[] = {{NULL, 0}, PAL_STR("")};

	for (size_t i = 0; i < 2; i++) {
		struct pal_unit *unit =
			make_unit(&stage->arena, &(struct unit_spec){.conversation = i ? "b" : "a",
								     .count = 1,
								     .prefix = i ? "b" : "a"});
		struct pal_exchange *exchange = exchange_of(unit, 0);

		unit->conversation->session_id = unit->conversation->previous_id = blank[i];
		unit->conversation->state = unit->conversation->details = blank[i];
		exchange->in.content.text = exchange->in.content.language = blank[i];
		exchange->in.content.raw = exchange->in.analysis = blank[i];
		exchange->in.processing = exchange->state = blank[i];
		exchange->out.content.text = exchange->out.content.language = blank[i];
		exchange->out.content.raw = exchange->out.analysis = blank[i];
		exchange->delivery.recipient = blank[i];
		exchange->audit = (struct pal_audit){blank[i], blank[i], blank[i], blank[i],
						     blank[i]};
		check_round_trip(stage, unit);
	}
}

void conform_extreme_numbers_come_back(struct stage *stage)
{
	struct pal_unit *unit = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "c", .count = 2, .prefix = "m"});

	unit->conversation->started_ms = INT64_MIN;
	unit->conversation->ended_ms = INT64_MAX;
	for (size_t i = 0; i < 2; i++) {
		struct pal_exchange *exchange = exchange_of(unit, i);
		exchange->in.timestamp_ms = i ? INT64_MIN : INT64_MAX;
		exchange->out.timestamp_ms = i ? INT64_MAX : INT64_MIN;
		exchange->received_ms = i ? 253402300799999 : 0;
		exchange->in.content.type = exchange->out.content.type =
			(enum pal_content_type)(i ? PAL_CONTENT_TYPE_COUNT - 1 : 0);
		exchange->delivery.status =
			(enum pal_delivery_status)(i ? PAL_DELIVERY_STATUS_COUNT - 1 : 0);
		memset(exchange->digest, i ? 0xff : 0, sizeof(exchange->digest));
	}
	check_round_trip(stage, unit);
}

void conform_a_unit_of_most_exchanges_is_stored(struct stage *stage)
{
	struct pal_unit *unit =
		make_unit(&stage->arena, &(struct unit_spec){.conversation = "c",
							     .count = PAL_UNIT_EXCHANGES_MAX,
							     .prefix = "m"});
	check_round_trip(stage, unit);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch_stage.h - the delivery service from the outbox to a scripted network,
 * the clock is the test's, and so is what each request meets.
 */
#ifndef PALAVER_TESTS_SERVICE_DISPATCH_STAGE_H
#define PALAVER_TESTS_SERVICE_DISPATCH_STAGE_H

#include "service/delivery/delivery.h"
#include "script.h"
#include "service/delivery/dispatch.h"
#include "store/store.h"

#define REQUESTS_MAX 4096u
#define BODIES_MAX 64u
#define DISPATCH_TENANT 1

/* What a request meets, by its number among all, from 0; beyond the script it is answered 200. */
struct meeting {
	enum pal_transport transport;	/* ANSWERED */
	int status;
	const char *retry_after;
};

extern struct dispatch_stage {
	struct script below;
	struct pal_store *store;	/* that */
	struct pal_store_front *front;
	struct pal_clock_fake clock;
	struct pal_dispatch *dispatch;
	bool enabled, refuses, holds;
	unsigned attempts_max, stops;
	size_t text_units_max;		/* of one request; 0: any */
	uint32_t per_minute, per_day;	/* of the tenant 1; 0: any number */
	const char *user_id;		/* of who is replied to; NULL: u */
	const char *content;		/* of what is put, JSON; NULL: the text hi */
	uint32_t breaker_open_ms, tracks_max;	/* 0: the default; of the next start */
	struct pal_tenant_key tenant;	/* whose replies are put; DISPATCH_TENANT */
	struct pal_tenant_key dead;	/* whose requests are answered 500 whatever the script says */
	const struct meeting *script;
	size_t script_count;
	const char *body;		/* of every answer; NULL: none */
	/* what was sent */
	size_t sent;
	char ids[REQUESTS_MAX][48];
	char contents[REQUESTS_MAX][128];
	int64_t at_ms[REQUESTS_MAX];
	char bodies[BODIES_MAX][512];		/* how the first ones began */
	struct pal_courier_request *held[REQUESTS_MAX];
	size_t held_count;
} s;

void answer(struct pal_courier_request *request, const struct meeting *m);
void start_service(void);
void begin(const struct meeting *script, size_t count);
void end(void);
/* Do what there is to do now. */
void settle(void);
/* Let time pass in steps of 100 ms. */
void pass(int64_t ms);
/* A stored exchange of `conversation` with its reply in the outbox; its message id is "m-N-c". */
int64_t put(const char *conversation, int64_t key, int64_t sequence);
/* A message that was not replied to. */
void put_quiet(const char *conversation, int64_t key, int64_t sequence);
void feed(const char *conversation, int64_t sequence);
/* As its turn would, which knows of the reply what `raw` says, whatever is stored. */
void feed_reply(const char *conversation, int64_t sequence, const char *raw);
int64_t put_and_feed(const char *conversation, int64_t key, int64_t sequence);
/* The record of a reply; its views live in `arena`. */
struct pal_delivery_state state_of(const char *conversation, int64_t sequence,
					  struct pal_arena *arena, struct pal_record *ret);
enum pal_delivery_status status_of(const char *conversation, int64_t sequence);
/* Write over a record that was read, as somebody else would, or remove it. */
void write_over(const struct pal_record *record, bool remove);
/* The same with `state` in it, due at `due_ms`; 0: never. */
void write_state_over(const struct pal_record *record, const struct pal_delivery_state *state,
		      int64_t due_ms);

#endif

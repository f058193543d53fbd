/* SPDX-License-Identifier: Apache-2.0 */
#include "store/front.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "actor/lane.h"
#include "base/metrics.h"
#include "store/groups.h"
#include "store/health.h"
#include "store/store.h"

#define LINGER_US 500u	/* of the write lane: above a closed loop of one client */
#define QUIET_MS 200u	/* without any message, before texts are indexed */

/* A read lane and the reader number that its thread holds. */
struct reader {
	struct pal_store_front *front;
	struct pal_lane *lane;
	unsigned number;
};

/* One at a time; `health` sees to that. */
struct ping {
	struct pal_query query;		/* first member */
	struct pal_store_front *front;
	enum pal_code code;
	struct pal_error err;
};

struct pal_store_front {
	/* fixed at create */
	struct pal_store *store;
	const struct pal_clock *clock;
	pal_metric write_queue, read_queue;
	struct pal_lane *write_lane;	/* NULL: the kind does not block */
	struct reader readers[PAL_STORE_READERS_MAX];
	unsigned readers_count;

	struct pal_store_groups groups;	/* the write lane's own */

	_Atomic unsigned turn;		/* which read lane is next */
	_Atomic bool stopped;		/* for a kind that does not block */
	struct pal_store_health health;
	struct ping ping;
};

/* --- the write lane --------------------------------------------------------------------------- */

static int64_t now_ms(const struct pal_store_front *front)
{
	return pal_clock_mono_ms(front->clock);
}

static void run_writes(void *arg, struct pal_msg *batch, size_t n)
{
	struct pal_store_front *front = arg;

	pal_metric_gauge_add(front->write_queue, -(int64_t)n);
	pal_store_groups_run(&front->groups, batch);
}

static bool run_idle(void *arg)
{
	struct pal_store_front *front = arg;

	return pal_store_idle(front->store);
}

/* Nobody waits for the index of texts, so it gets the time in which nobody asks for anything. */
static bool run_quiet(void *arg)
{
	struct pal_store_front *front = arg;
	bool more = false;

	return pal_store_index_text(front->store, &more, NULL) == PAL_OK && more;
}

/* --- the read lanes --------------------------------------------------------------------------- */

static void run_query(struct pal_store_front *front, struct pal_query *query, unsigned reader)
{
	query->run(query, front->store, reader);
	query->done(query);
}

static void run_reads(void *arg, struct pal_msg *batch, size_t n)
{
	struct reader *reader = arg;

	pal_metric_gauge_add(reader->front->read_queue, -(int64_t)n);
	for (struct pal_msg *msg = batch, *next; msg; msg = next) {
		next = msg->next;
		run_query(reader->front, (struct pal_query *)msg, reader->number);
	}
}

static void run_ping(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct ping *ping = (struct ping *)query;

	ping->code = pal_store_ping(store, reader, &ping->err);
}

/* The health lets the next ping go only now, so the lane is done with this one. */
static void ping_done(struct pal_query *query)
{
	struct ping *ping = (struct ping *)query;

	pal_store_health_answer(&ping->front->health, ping->code == PAL_OK ? NULL : &ping->err);
}

/* --- life cycle ------------------------------------------------------------------------------- */

static bool make_lanes(struct pal_store_front *front,
		       const struct pal_store_front_options *options)
{
	struct pal_lane_options lane = {
		.name = "store-write",
		.capacity = options->queue_max ? options->queue_max : PAL_STORE_QUEUE_DEFAULT,
		.batch_max = options->batch_max ? options->batch_max : PAL_STORE_BATCH_DEFAULT,
		.run = run_writes,
		.idle = run_idle,
		.quiet = run_quiet,
		.quiet_ms = QUIET_MS,
		.linger_us = LINGER_US,
		.arg = front,
	};

	front->write_lane = pal_lane_create(&lane);
	if (!pal_store_groups_init(&front->groups, front->store, &front->health, front->clock,
				   lane.batch_max) ||
	    !front->write_lane)
		return false;
	lane.name = "store-read";
	lane.run = run_reads;
	lane.idle = NULL;
	lane.quiet = NULL;
	lane.linger_us = 0;
	while (front->readers_count < front->store->readers) {
		struct reader *reader = &front->readers[front->readers_count];
		*reader = (struct reader){.front = front, .number = front->readers_count};
		lane.arg = reader;
		reader->lane = pal_lane_create(&lane);
		if (!reader->lane)
			return false;
		front->readers_count++;
	}
	return true;
}

static pal_metric register_queue(const char *labels)
{
	return pal_metric_register(&(struct pal_metric_desc){
		.name = "queue_size",
		.help = "Requests that wait in a queue.",
		.kind = PAL_METRIC_GAUGE,
		.labels = labels,
	});
}

enum pal_code pal_store_front_create(struct pal_store *store,
				     const struct pal_store_front_options *options,
				     struct pal_store_front **ret, struct pal_error *err)
{
	struct pal_store_front *front = calloc(1, sizeof(*front));

	if (!front)
		return pal_fail_memory(err, "store");
	front->store = store;
	front->clock = options->clock ? options->clock : pal_clock_system();
	front->write_queue = register_queue("queue=\"store_write\"");
	front->read_queue = register_queue("queue=\"store_read\"");
	front->ping = (struct ping){.query = {.run = run_ping, .done = ping_done}, .front = front};
	pal_store_health_init(&front->health);
	(void)pal_store_groups_init(&front->groups, store, &front->health, front->clock, 0);
	if (store->ops->blocks && !make_lanes(front, options)) {
		pal_store_front_destroy(front);
		return pal_fail_memory(err, "store");
	}
	*ret = front;
	return PAL_OK;
}

enum pal_code pal_store_front_start(struct pal_store_front *front, struct pal_error *err)
{
	enum pal_code code = PAL_OK;

	if (front->write_lane)
		code = pal_lane_start(front->write_lane, err);
	for (unsigned i = 0; i < front->readers_count && code == PAL_OK; i++)
		code = pal_lane_start(front->readers[i].lane, err);
	return code;
}

void pal_store_front_stop(struct pal_store_front *front)
{
	atomic_store(&front->stopped, true);
	if (front->write_lane)
		pal_lane_stop(front->write_lane);
	for (unsigned i = 0; i < front->readers_count; i++)
		pal_lane_stop(front->readers[i].lane);
}

void pal_store_front_destroy(struct pal_store_front *front)
{
	if (!front)
		return;
	pal_lane_destroy(front->write_lane);
	for (unsigned i = 0; i < front->readers_count; i++)
		pal_lane_destroy(front->readers[i].lane);
	pal_store_health_deinit(&front->health);
	pal_store_groups_deinit(&front->groups);
	free(front);
}

/* --- requests --------------------------------------------------------------------------------- */

/* Put `msg` on `lane`; `queue` counts it before the lane's thread can count it off. */
static enum pal_put put(struct pal_lane *lane, struct pal_msg *msg, pal_metric queue)
{
	pal_metric_gauge_add(queue, 1);
	enum pal_put verdict = pal_lane_put(lane, msg);
	if (verdict == PAL_PUT_FULL)
		pal_metric_gauge_add(queue, -1);
	return verdict;
}

enum pal_put pal_store_front_commit(struct pal_store_front *front, struct pal_commit *commit)
{
	assert(commit->done);
	if (front->write_lane) {
		commit->request.kind = PAL_REQUEST_COMMIT;
		return put(front->write_lane, &commit->msg, front->write_queue);
	}
	if (atomic_load_explicit(&front->stopped, memory_order_relaxed))
		return PAL_PUT_FULL;
	struct pal_unit *unit = &commit->unit;
	pal_store_groups_commit(&front->groups, &unit, 1, NULL, 0);
	commit->done(commit);
	return PAL_PUT_QUEUED;
}

enum pal_put pal_store_front_record(struct pal_store_front *front, struct pal_record_commit *commit)
{
	assert(commit->done);
	if (front->write_lane) {
		commit->request.kind = PAL_REQUEST_RECORD;
		return put(front->write_lane, &commit->msg, front->write_queue);
	}
	if (atomic_load_explicit(&front->stopped, memory_order_relaxed))
		return PAL_PUT_FULL;
	struct pal_record_write *writes[] = {commit->before, &commit->write};
	size_t begin = commit->before ? 0 : 1;
	pal_store_groups_commit(&front->groups, NULL, 0, writes + begin, 2 - begin);
	commit->done(commit);
	return PAL_PUT_QUEUED;
}

static enum pal_put run_inline(struct pal_store_front *front, struct pal_query *query)
{
	if (atomic_load_explicit(&front->stopped, memory_order_relaxed))
		return PAL_PUT_FULL;
	run_query(front, query, 0);
	return PAL_PUT_QUEUED;
}

enum pal_put pal_store_front_query(struct pal_store_front *front, struct pal_query *query)
{
	assert(query->run && query->done);
	if (!front->write_lane)
		return run_inline(front, query);
	query->request.kind = PAL_REQUEST_QUERY;
	unsigned turn = atomic_fetch_add_explicit(&front->turn, 1, memory_order_relaxed);
	for (unsigned i = 0; i < front->readers_count; i++) {
		struct reader *reader = &front->readers[(turn + i) % front->readers_count];
		enum pal_put verdict = put(reader->lane, &query->msg, front->read_queue);
		if (verdict != PAL_PUT_FULL)
			return verdict;
	}
	return PAL_PUT_FULL;
}

enum pal_put pal_store_front_query_in_order(struct pal_store_front *front, struct pal_query *query,
					    uint64_t order)
{
	assert(query->run && query->done);
	if (!front->write_lane)
		return run_inline(front, query);
	query->request.kind = PAL_REQUEST_QUERY;
	return put(front->readers[order % front->readers_count].lane, &query->msg,
		   front->read_queue);
}

enum pal_put pal_store_front_write(struct pal_store_front *front, struct pal_query *query)
{
	assert(query->run && query->done);
	if (!front->write_lane)
		return run_inline(front, query);
	query->request.kind = PAL_REQUEST_QUERY;
	return put(front->write_lane, &query->msg, front->write_queue);
}

/* --- health ----------------------------------------------------------------------------------- */

static void ask(struct pal_store_front *front)
{
	struct pal_error err = {.message = "too many requests wait"};

	if (pal_store_health_ask(&front->health, now_ms(front)) &&
	    pal_store_front_query(front, &front->ping.query) == PAL_PUT_FULL)
		pal_store_health_answer(&front->health, &err);
}

bool pal_store_front_is_healthy(struct pal_store_front *front)
{
	char text[PAL_STORE_HEALTH_TEXT_SIZE];

	ask(front);
	return pal_store_health_judge(&front->health, now_ms(front), text, sizeof(text));
}

char *pal_store_front_health_text(struct pal_store_front *front,
				  char out[PAL_STORE_HEALTH_TEXT_SIZE])
{
	(void)pal_store_health_judge(&front->health, now_ms(front), out,
				     PAL_STORE_HEALTH_TEXT_SIZE);
	return out;
}

bool pal_store_front_step(struct pal_store_front *front)
{
	bool more = front->write_lane && pal_lane_step(front->write_lane);

	for (unsigned i = 0; i < front->readers_count; i++)
		more |= pal_lane_step(front->readers[i].lane);
	return more;
}

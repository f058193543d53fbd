/* SPDX-License-Identifier: Apache-2.0 */
#include "store/front.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "actor/lane.h"
#include "base/metrics.h"
#include "store/health.h"
#include "store/store.h"

#define LINGER_US 200u	/* of the write lane: about a closed loop of one client */
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

	/* the write lane's own */
	struct pal_commit **commits;
	struct pal_unit **units;
	struct pal_record_commit **records;
	struct pal_record_write **writes;

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

/* A group is in trouble when none of it was stored or judged, but for units unfit in themselves. */
static const struct pal_error *failure_of(struct pal_unit **units, size_t count)
{
	const struct pal_error *failure = NULL;

	for (size_t i = 0; i < count; i++) {
		if (units[i]->verdict != PAL_UNIT_FAILED)
			return NULL;
		if (units[i]->err.code != PAL_E_VALIDATION)
			failure = &units[i]->err;
	}
	return failure;
}

static void commit_group(struct pal_store_front *front, struct pal_unit **units, size_t count)
{
	pal_store_commit(front->store, units, count);
	const struct pal_error *failure = failure_of(units, count);
	if (failure || pal_store_health_has_failure(&front->health))
		pal_store_health_group(&front->health, now_ms(front), failure);
}

/* As failure_of: nobody is to blame for a record that was refused for what it is. */
static const struct pal_error *failure_of_records(struct pal_record_write **writes, size_t count)
{
	const struct pal_error *failure = NULL;

	for (size_t i = 0; i < count; i++) {
		if (writes[i]->verdict != PAL_RECORD_FAILED)
			return NULL;
		if (writes[i]->err.code != PAL_E_VALIDATION)
			failure = &writes[i]->err;
	}
	return failure;
}

static void write_records(struct pal_store_front *front, struct pal_record_write **writes,
			  size_t count)
{
	pal_store_write_records(front->store, writes, count);
	const struct pal_error *failure = failure_of_records(writes, count);
	if (failure || pal_store_health_has_failure(&front->health))
		pal_store_health_group(&front->health, now_ms(front), failure);
}

static void run_query(struct pal_store_front *front, struct pal_query *query, unsigned reader)
{
	query->run(query, front->store, reader);
	query->done(query);
}

static void run_writes(void *arg, struct pal_msg *batch, size_t n)
{
	struct pal_store_front *front = arg;
	struct pal_msg_queue queries = {0};
	size_t units = 0, records = 0;

	pal_metric_gauge_add(front->write_queue, -(int64_t)n);
	for (struct pal_msg *msg = batch, *next; msg; msg = next) {
		next = msg->next;
		switch (((struct pal_request *)msg)->kind) {
		case PAL_REQUEST_COMMIT:
			front->commits[units] = (struct pal_commit *)msg;
			front->units[units] = &front->commits[units]->unit;
			units++;
			break;
		case PAL_REQUEST_RECORD:
			front->records[records] = (struct pal_record_commit *)msg;
			front->writes[records] = &front->records[records]->write;
			records++;
			break;
		case PAL_REQUEST_QUERY:
			pal_msg_push(&queries, msg);
			break;
		}
	}
	if (units > 0)
		commit_group(front, front->units, units);
	for (size_t i = 0; i < units; i++)
		front->commits[i]->done(front->commits[i]);
	if (records > 0)
		write_records(front, front->writes, records);
	for (size_t i = 0; i < records; i++)
		front->records[i]->done(front->records[i]);
	for (struct pal_msg *msg; (msg = pal_msg_shift(&queries)) != NULL;)
		run_query(front, (struct pal_query *)msg, 0);
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

	front->commits = calloc(lane.batch_max, sizeof(front->commits[0]));
	front->units = calloc(lane.batch_max, sizeof(front->units[0]));
	front->records = calloc(lane.batch_max, sizeof(front->records[0]));
	front->writes = calloc(lane.batch_max, sizeof(front->writes[0]));
	front->write_lane = pal_lane_create(&lane);
	if (!front->commits || !front->units || !front->records || !front->writes ||
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
	free(front->commits);
	free(front->units);
	free(front->records);
	free(front->writes);
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
	commit_group(front, &unit, 1);
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
	struct pal_record_write *write = &commit->write;
	write_records(front, &write, 1);
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

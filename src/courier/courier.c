/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request's way: send -> job -> on_job (judged, queued) -> launch (a slot is free, its turn) ->
 * libcurl -> on_ended -> finish -> done. `pending` counts from send to done, which is what stop
 * waits for: whoever counted a request before it saw `is_closing` is waited for.
 */
#include "courier/courier.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#include "base/version.h"
#include "courier/counts.h"
#include "courier/drive.h"
#include "courier/handles.h"

#define SWEEP_MS 500u

struct pal_courier {
	struct pal_courier_options options;	/* fixed at create */
	char user_agent[64];			/* likewise */
	struct pal_loop *loop;			/* likewise */
	atomic_uint pending;			/* any */
	atomic_bool is_closing;			/* any; set by main */
	uint32_t drain_ms;			/* main's before `closing` is posted, then courier's */
	struct pal_loop_job closing;
	/* courier's */
	struct pal_drive *drive;
	struct pal_handles *handles;
	struct pal_courier_queue *queue;
	struct pal_transfers flying;
	unsigned in_flight;
	struct pal_loop_timer *sweep, *drain;
};

static struct pal_courier_request *request_of_item(struct pal_queue_item *item)
{
	return (void *)((char *)item - offsetof(struct pal_courier_request, item));
}

static int64_t now_ms(const struct pal_courier *courier)
{
	return pal_clock_mono_ms(courier->options.clock);
}

/* --- The end of a request --------------------------------------------------------------------- */

/* `request` may be gone, or on its way again, when this returns. */
static void finish(struct pal_courier *courier, struct pal_courier_request *request)
{
	pal_courier_count(&request->answer);
	request->done(request);
	if (atomic_fetch_sub(&courier->pending, 1) == 1 && atomic_load(&courier->is_closing))
		pal_loop_stop(courier->loop);
}

static void give_up(struct pal_courier *courier, struct pal_courier_request *request,
		    enum pal_transport transport)
{
	request->answer.transport = transport;
	finish(courier, request);
}

/* The transfer has left libcurl: give back what it held. */
static void land(struct pal_courier *courier, struct pal_transfer *transfer)
{
	struct pal_courier_request *request = transfer->request;

	TAILQ_REMOVE(&courier->flying, transfer, link);
	courier->in_flight--;
	pal_handles_put(courier->handles, transfer, now_ms(courier));
	pal_courier_queue_release(courier->queue, &request->item);
	finish(courier, request);
}

static void on_ended(void *arg, CURL *easy, CURLcode result)
{
	struct pal_courier *courier = arg;
	struct pal_transfer *transfer = NULL;

	pal_assert_on(PAL_ROLE_COURIER);
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
	pal_transfer_end(transfer, result);
	land(courier, transfer);
}

/* --- Its turn --------------------------------------------------------------------------------- */

/* Put it on the wire, or say why not. */
static enum pal_transport launch_one(struct pal_courier *courier,
				     struct pal_courier_request *request,
				     const struct pal_transfer_options *options)
{
	struct pal_transfer *transfer = pal_handles_take(courier->handles, request->tenant);

	if (!transfer)
		return PAL_TRANSPORT_FAILED;
	enum pal_transport transport =
		pal_transfer_begin(transfer, options, &request->outgoing, &request->answer);
	transfer->request = request;
	if (transport == PAL_TRANSPORT_ANSWERED && !pal_drive_add(courier->drive, transfer->easy)) {
		pal_transfer_cancel(transfer);
		transport = PAL_TRANSPORT_FAILED;
	}
	if (transport != PAL_TRANSPORT_ANSWERED) {
		pal_handles_put(courier->handles, transfer, now_ms(courier));
		return transport;
	}
	TAILQ_INSERT_TAIL(&courier->flying, transfer, link);
	courier->in_flight++;
	return transport;
}

static void launch(void *arg)
{
	struct pal_courier *courier = arg;
	const struct pal_transfer_options options = {.connect_ms = courier->options.connect_ms,
						     .total_ms = courier->options.total_ms};
	struct pal_queue_item *item;

	while (courier->in_flight < courier->options.max_in_flight &&
	       (item = pal_courier_queue_take(courier->queue))) {
		struct pal_courier_request *request = request_of_item(item);
		enum pal_transport transport = launch_one(courier, request, &options);
		if (transport == PAL_TRANSPORT_ANSWERED)
			continue;
		pal_courier_queue_release(courier->queue, item);
		give_up(courier, request, transport);
	}
	pal_courier_gauge(courier->in_flight, pal_courier_queue_waiting(courier->queue));
}

/* --- Taking it over --------------------------------------------------------------------------- */

static enum pal_transport enqueue(struct pal_courier *courier, struct pal_courier_request *request,
				  const struct pal_guard_target *target)
{
	char host[320];
	uint32_t total_ms = request->outgoing.total_ms;
	int n = snprintf(host, sizeof(host), "%c%.*s:%u", target->https ? 's' : 'p',
			 (int)target->host.n, target->host.p, target->port);

	assert(n > 0 && (size_t)n < sizeof(host));
	for (int i = 0; i < n; i++)
		host[i] |= host[i] >= 'A' && host[i] <= 'Z' ? 0x20 : 0;
	request->item.expires_ms =
		now_ms(courier) + (total_ms ? total_ms : courier->options.total_ms);
	switch (pal_courier_queue_put(courier->queue, request->tenant,
				      (struct pal_str){host, (size_t)n}, &request->item)) {
	case PAL_QUEUE_TAKEN:
		return PAL_TRANSPORT_ANSWERED;
	case PAL_QUEUE_FULL:
		return PAL_TRANSPORT_BUSY;
	default:
		return PAL_TRANSPORT_FAILED;
	}
}

static void on_job(struct pal_loop_job *job)
{
	struct pal_courier_request *request =
		(void *)((char *)job - offsetof(struct pal_courier_request, job));
	struct pal_courier *courier = request->courier;
	struct pal_guard_target target;
	enum pal_guard_rule rule =
		pal_guard_judge_url(&courier->options.guard, request->outgoing.url, &target);

	pal_assert_on(PAL_ROLE_COURIER);
	memset(&request->answer, 0, sizeof(request->answer));
	if (rule != PAL_GUARD_PASS) {
		request->answer.refused_by = pal_guard_rule_name(rule);
		give_up(courier, request, PAL_TRANSPORT_REFUSED);
		return;
	}
	enum pal_transport transport = enqueue(courier, request, &target);
	if (transport != PAL_TRANSPORT_ANSWERED)
		give_up(courier, request, transport);
	else
		pal_drive_settle(courier->drive);
}

bool pal_courier_send(struct pal_courier *courier, struct pal_courier_request *request)
{
	unsigned before = atomic_fetch_add(&courier->pending, 1);

	if (before >= courier->options.queue_max || atomic_load(&courier->is_closing)) {
		if (atomic_fetch_sub(&courier->pending, 1) == 1 &&
		    atomic_load(&courier->is_closing))
			pal_loop_stop(courier->loop);	/* it may have waited for this one */
		return false;
	}
	request->courier = courier;
	request->job.run = on_job;
	pal_loop_post(courier->loop, &request->job);
	return true;
}

/* --- Time ------------------------------------------------------------------------------------- */

static void give_up_waiting(struct pal_courier *courier, int64_t until_ms,
			    enum pal_transport transport)
{
	struct pal_queue_item *item;

	while ((item = pal_courier_queue_expire(courier->queue, until_ms)))
		give_up(courier, request_of_item(item), transport);
}

static void on_sweep(void *arg)
{
	struct pal_courier *courier = arg;

	pal_assert_on(PAL_ROLE_COURIER);
	give_up_waiting(courier, now_ms(courier), PAL_TRANSPORT_BUSY);
	pal_handles_sweep(courier->handles, now_ms(courier));
}

static void on_drain_over(void *arg)
{
	struct pal_courier *courier = arg;
	struct pal_transfer *transfer;

	pal_assert_on(PAL_ROLE_COURIER);
	give_up_waiting(courier, INT64_MAX, PAL_TRANSPORT_CANCELLED_BEFORE);
	while ((transfer = TAILQ_FIRST(&courier->flying))) {
		pal_drive_remove(courier->drive, transfer->easy);
		pal_transfer_cancel(transfer);
		land(courier, transfer);
	}
}

static void on_closing(struct pal_loop_job *job)
{
	struct pal_courier *courier =
		(void *)((char *)job - offsetof(struct pal_courier, closing));

	if (atomic_load(&courier->pending) == 0)
		pal_loop_stop(courier->loop);
	else if (courier->drain_ms > 0)
		pal_loop_timer_start(courier->drain, courier->drain_ms, 0);
	else
		on_drain_over(courier);
}

/* --- Life ------------------------------------------------------------------------------------- */

static void take_options(struct pal_courier *courier, const struct pal_courier_options *options)
{
	struct pal_courier_options *o = &courier->options;

	*o = *options;
#define DEFAULT(field, value) o->field = o->field ? o->field : (value)
	DEFAULT(max_in_flight, 512);
	DEFAULT(max_per_host, 32);
	DEFAULT(max_per_tenant, 64);
	DEFAULT(queue_max, 8192);
	DEFAULT(idle_tenants_max, 64);
	DEFAULT(connect_ms, 5000);
	DEFAULT(total_ms, 30000);
	DEFAULT(idle_ms, 60000);
	DEFAULT(clock, pal_clock_system());
	snprintf(courier->user_agent, sizeof(courier->user_agent), "palaver/%s", pal_version());
	DEFAULT(user_agent, courier->user_agent);
#undef DEFAULT
}

/* What the courier's thread works with. */
static bool make_parts(struct pal_courier *courier)
{
	const struct pal_courier_options *o = &courier->options;

	courier->drive = pal_drive_create(&(struct pal_drive_options){
		.loop = courier->loop, .connections_max = (long)o->max_per_tenant,
		.ended = on_ended, .settled = launch, .arg = courier});
	courier->queue = pal_courier_queue_create(&(struct pal_queue_limits){
		.flight_per_host = o->max_per_host, .flight_per_tenant = o->max_per_tenant,
		.waiting_per_host = o->queue_max / 4 + 1});
	if (!courier->drive)
		return false;
	courier->handles = pal_handles_create(&(struct pal_handles_options){
		.transfer = {.guard = &o->guard, .drive = courier->drive, .user_agent = o->user_agent,
			     .ca_file = o->ca_file, .connect_ms = o->connect_ms,
			     .total_ms = o->total_ms, .idle_ms = o->idle_ms},
		.idle_tenants_max = o->idle_tenants_max, .spare_max = o->max_per_tenant});
	courier->sweep = pal_loop_timer_create(courier->loop, on_sweep, courier);
	courier->drain = pal_loop_timer_create(courier->loop, on_drain_over, courier);
	return courier->queue && courier->handles && courier->sweep &&
	       courier->drain;
}

enum pal_code pal_courier_create(const struct pal_courier_options *options,
				 struct pal_courier **ret, struct pal_error *err)
{
	struct pal_courier *courier = calloc(1, sizeof(*courier));

	if (!courier)
		return pal_fail_memory(err, "courier");
	pal_courier_counts_register();
	take_options(courier, options);
	TAILQ_INIT(&courier->flying);
	courier->closing.run = on_closing;
	enum pal_code code = pal_loop_create(0, &courier->loop, err);
	if (code == PAL_OK && !make_parts(courier))
		code = pal_fail_memory(err, "courier");
	if (code != PAL_OK) {
		pal_courier_destroy(courier);
		return code;
	}
	*ret = courier;
	return PAL_OK;
}

void pal_courier_destroy(struct pal_courier *courier)
{
	if (!courier)
		return;
	pal_loop_timer_destroy(courier->drain);
	pal_loop_timer_destroy(courier->sweep);
	pal_handles_destroy(courier->handles);
	pal_courier_queue_destroy(courier->queue);
	pal_drive_destroy(courier->drive);
	pal_loop_destroy(courier->loop);
	free(courier);
}

enum pal_code pal_courier_start(struct pal_courier *courier, struct pal_error *err)
{
	pal_loop_timer_start(courier->sweep, SWEEP_MS, SWEEP_MS);
	return pal_loop_start(courier->loop, PAL_ROLE_COURIER, err);
}

void pal_courier_stop(struct pal_courier *courier, uint32_t drain_ms)
{
	courier->drain_ms = drain_ms;
	atomic_store(&courier->is_closing, true);
	pal_loop_post(courier->loop, &courier->closing);
	pal_loop_join(courier->loop);
}

const struct pal_guard *pal_courier_guard(const struct pal_courier *courier)
{
	return &courier->options.guard;
}

unsigned pal_courier_pending(const struct pal_courier *courier)
{
	return atomic_load(&courier->pending);
}

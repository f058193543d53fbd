/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "http/conn.h"
#include "http/home.h"

#define NS_PER_MS 1000000ll

/* --- Deadlines -------------------------------------------------------------------------------- */

static int64_t limit_ns(const struct pal_http_options *options, enum pal_http_phase phase)
{
	switch (phase) {
	case PAL_HTTP_HANDSHAKE:
		return options->handshake_ms * NS_PER_MS;
	case PAL_HTTP_HEAD_PART:
		return options->head_ms * NS_PER_MS;
	case PAL_HTTP_BODY_PART:
		return options->request_ms * NS_PER_MS;
	case PAL_HTTP_IDLE:
		return options->keep_alive_ms * NS_PER_MS;
	case PAL_HTTP_WRITING:
		return options->write_ms * NS_PER_MS;
	case PAL_HTTP_LINGERING:
		return options->linger_ms * NS_PER_MS;
	default:
		return INT64_MAX;
	}
}

/* Only idle connections are many, and only their list is in the order of deadlines: the first that
 * may stay ends the walk. */
static void sweep_phase(struct pal_http_home *home, enum pal_http_phase phase)
{
	struct pal_http_link *list = &home->phase[phase], *link = list->next, *next;
	int64_t limit = limit_ns(pal_http_home_options(home), phase);

	for (; link != list; link = next) {
		struct pal_http_conn *conn = PAL_HTTP_OF(link, struct pal_http_conn, link);
		next = link->next;
		if (home->now_ns - conn->since_ns >= limit || pal_http_conn_is_slow(conn))
			pal_http_conn_expire(conn);
		else if (phase == PAL_HTTP_IDLE)
			return;
	}
}

static void on_sweep(void *arg)
{
	struct pal_http_home *home = arg;

	pal_assert_on(PAL_ROLE_LOOP);
	pal_http_home_tick(home);
	for (int phase = 0; phase < PAL_HTTP_PHASE_COUNT; phase++)
		if (phase != PAL_HTTP_BUSY)
			sweep_phase(home, (enum pal_http_phase)phase);
	pal_http_home_resume(home);
}

/* --- Jobs on each loop ------------------------------------------------------------------------ */

static void on_start(struct pal_loop_job *job)
{
	struct pal_http_home *home = PAL_HTTP_OF(job, struct pal_http_home, start_job);
	uint32_t sweep_ms = pal_http_home_options(home)->sweep_ms;

	if (home->draining || home->gone)
		return;
	pal_http_home_accept(home);
	pal_loop_timer_start(home->sweep, sweep_ms, sweep_ms);
}

void pal_http_home_emptied(struct pal_http_home *home)
{
	struct pal_http_server *server = home->server;

	if (home->gone)
		return;
	home->gone = true;
	pal_loop_timer_stop(home->sweep);
	if (atomic_fetch_sub(&server->homes_open, 1) == 1 && server->drained)
		server->drained(server->drained_arg);
}

static void on_drain(struct pal_loop_job *job)
{
	struct pal_http_home *home = PAL_HTTP_OF(job, struct pal_http_home, drain_job);

	home->draining = true;
	pal_http_home_unlisten(home);
	for (int phase = 0; phase < PAL_HTTP_PHASE_COUNT; phase++) {
		struct pal_http_link *list = &home->phase[phase], *link = list->next, *next;
		for (; link != list; link = next) {
			next = link->next;
			pal_http_conn_drain(PAL_HTTP_OF(link, struct pal_http_conn, link));
		}
	}
	if (home->conn_count == 0)
		pal_http_home_emptied(home);
}

static void on_stop(struct pal_loop_job *job)
{
	struct pal_http_home *home = PAL_HTTP_OF(job, struct pal_http_home, stop_job);

	pal_http_home_unlisten(home);
	pal_loop_timer_stop(home->sweep);
	for (int phase = 0; phase < PAL_HTTP_PHASE_COUNT; phase++) {
		struct pal_http_link *list = &home->phase[phase];
		while (list->next != list)
			pal_http_conn_close(PAL_HTTP_OF(list->next, struct pal_http_conn, link));
	}
}

/* What may change while serving; everything else is wiring. */
static void copy_tunable(struct pal_http_options *to, const struct pal_http_options *from)
{
	to->limits = from->limits;
	to->connections_max = from->connections_max;
	to->connections_per_address_max = from->connections_per_address_max;
	to->handshake_ms = from->handshake_ms;
	to->head_ms = from->head_ms;
	to->request_ms = from->request_ms;
	to->keep_alive_ms = from->keep_alive_ms;
	to->write_ms = from->write_ms;
	to->body_rate_min = from->body_rate_min;
}

static void on_tune(struct pal_loop_job *job)
{
	struct pal_http_home *home = PAL_HTTP_OF(job, struct pal_http_home, tune_job);
	struct pal_http_server *server = home->server;

	/* before reading: who tunes from now on posts the job again */
	atomic_store(&home->tune_posted, false);
	pthread_mutex_lock(&server->tune_lock);
	copy_tunable(&home->options, &server->options);
	pthread_mutex_unlock(&server->tune_lock);
}

/* --- Life ------------------------------------------------------------------------------------- */

static void init_home(struct pal_http_home *home, struct pal_http_server *server,
		      struct pal_loop *loop)
{
	home->server = server;
	home->loop = loop;
	home->reserve_fd = -1;
	home->start_job.run = on_start;
	home->drain_job.run = on_drain;
	home->stop_job.run = on_stop;
	home->tune_job.run = on_tune;
	home->options = server->options;
	for (size_t i = 0; i < PAL_HTTP_LISTENERS_MAX; i++) {
		home->acceptor[i].home = home;
		home->acceptor[i].tls = server->listener[i].tls;
		home->acceptor[i].fd = -1;
	}
	for (int phase = 0; phase < PAL_HTTP_PHASE_COUNT; phase++)
		pal_http_link_init(&home->phase[phase]);
	pal_http_link_init(&home->live);
	pal_http_link_init(&home->due);
	home->flush_job.run = pal_http_conn_flush_due;
	pal_http_link_init(&home->spare);
	home->sweep = pal_loop_timer_create(loop, on_sweep, home);
}

static void register_metrics(struct pal_http_server *server)
{
#define X(field, kind_, name_, help_)                                                              \
	server->metric.field = pal_metric_register(                                                \
		&(struct pal_metric_desc){.name = name_, .help = help_, .kind = kind_});
	PAL_HTTP_METRICS(X)
#undef X
}

static struct pal_http_server *allocate(const struct pal_http_options *options,
					struct pal_loop **loops, size_t loop_count)
{
	struct pal_http_server *server =
		calloc(1, sizeof(*server) + loop_count * sizeof(server->home[0]));

	if (!server)
		return NULL;
	server->options = *options;
	if (!server->options.clock)
		server->options.clock = pal_clock_system();
	for (size_t i = 0; i < options->listener_count; i++) {
		server->listener[i] = options->listeners[i];
		server->port[i] = options->listeners[i].port;
	}
	server->options.listeners = server->listener;
	pthread_mutex_init(&server->tune_lock, NULL);
	server->home_count = loop_count;
	register_metrics(server);
	server->addresses = pal_http_addresses_create();
	bool whole = server->addresses != NULL;
	for (size_t i = 0; i < loop_count; i++) {
		init_home(&server->home[i], server, loops[i]);
		whole = whole && server->home[i].sweep;
	}
	if (whole)
		return server;
	pal_http_server_destroy(server);
	return NULL;
}

enum pal_code pal_http_server_create(const struct pal_http_options *options,
				     struct pal_loop **loops, size_t loop_count,
				     struct pal_http_server **ret_server, struct pal_error *err)
{
	assert(options->listener_count > 0 && options->listener_count <= PAL_HTTP_LISTENERS_MAX);
	assert(loop_count > 0 && (options->handler || options->router));

	struct pal_http_server *server = allocate(options, loops, loop_count);
	enum pal_code code = server ? PAL_OK : pal_fail_memory(err, "http");
	for (size_t i = 0; i < loop_count && code == PAL_OK; i++)
		code = pal_http_home_listen(&server->home[i], err);
	if (code != PAL_OK) {
		pal_http_server_destroy(server);
		return code;
	}
	*ret_server = server;
	return PAL_OK;
}

void pal_http_server_start(struct pal_http_server *server)
{
	for (size_t i = 0; i < server->home_count; i++)
		pal_loop_post(server->home[i].loop, &server->home[i].start_job);
}

void pal_http_server_tune(struct pal_http_server *server, const struct pal_http_options *options)
{
	pthread_mutex_lock(&server->tune_lock);
	copy_tunable(&server->options, options);
	pthread_mutex_unlock(&server->tune_lock);
	for (size_t i = 0; i < server->home_count; i++) {
		struct pal_http_home *home = &server->home[i];
		if (!atomic_exchange(&home->tune_posted, true))
			pal_loop_post(home->loop, &home->tune_job);
	}
}

uint16_t pal_http_server_port(const struct pal_http_server *server, size_t index)
{
	assert(index < server->options.listener_count);
	return server->port[index];
}

uint32_t pal_http_server_connections(const struct pal_http_server *server)
{
	return atomic_load(&server->connections);
}

void pal_http_server_drain(struct pal_http_server *server, pal_http_drained_fn *done, void *arg)
{
	server->drained = done;
	server->drained_arg = arg;
	atomic_store(&server->homes_open, (unsigned)server->home_count);
	for (size_t i = 0; i < server->home_count; i++)
		pal_loop_post(server->home[i].loop, &server->home[i].drain_job);
}

void pal_http_server_stop(struct pal_http_server *server)
{
	for (size_t i = 0; i < server->home_count; i++)
		pal_loop_post(server->home[i].loop, &server->home[i].stop_job);
}

static void free_exchanges(struct pal_http_link *list)
{
	while (list->next != list)
		pal_http_exchange_free(PAL_HTTP_OF(list->next, struct pal_http_exchange, link));
}

static void deinit_home(struct pal_http_home *home)
{
	home->gone = true;
	pal_http_home_unlisten(home);
	for (int phase = 0; phase < PAL_HTTP_PHASE_COUNT; phase++) {
		struct pal_http_link *list = &home->phase[phase];
		while (list->next != list)
			pal_http_conn_close(PAL_HTTP_OF(list->next, struct pal_http_conn, link));
	}
	free_exchanges(&home->live);
	free_exchanges(&home->spare);
	pal_loop_timer_destroy(home->sweep);
	pal_buf_deinit(&home->batch);
	pal_buf_deinit(&home->head);
	pal_buf_deinit(&home->envelope);
}

void pal_http_server_destroy(struct pal_http_server *server)
{
	if (!server)
		return;
	for (size_t i = 0; i < server->home_count; i++)
		deinit_home(&server->home[i]);
	pal_http_addresses_destroy(server->addresses);
	pthread_mutex_destroy(&server->tune_lock);
	free(server);
}

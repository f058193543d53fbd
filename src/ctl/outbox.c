/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/outbox.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ctl/failure.h"
#include "ctl/server.h"

struct pal_ctl_outbox {
	int wake_fd;			/* fixed at create */
	_Atomic unsigned refs;		/* the server's and one for each reply */
	_Atomic unsigned followers;
	pthread_mutex_t lock;		/* guards everything below */
	bool is_closed;
	struct pal_ctl_reply *replies, **replies_end;
	struct pal_ctl_event *events, **events_end;
	size_t event_bytes;
	uint64_t lost;
};

enum pal_code pal_ctl_outbox_create(struct pal_ctl_outbox **ret, struct pal_error *err)
{
	struct pal_ctl_outbox *outbox = calloc(1, sizeof(*outbox));

	if (!outbox)
		return pal_fail_memory(err, "ctl");
	outbox->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (outbox->wake_fd < 0) {
		free(outbox);
		return pal_fail_errno(err, PAL_E_SERVICE, "ctl", "cannot make an eventfd");
	}
	pthread_mutex_init(&outbox->lock, NULL);	/* cannot fail with default attributes */
	outbox->refs = 1;
	outbox->replies_end = &outbox->replies;
	outbox->events_end = &outbox->events;
	*ret = outbox;
	return PAL_OK;
}

static void unref(struct pal_ctl_outbox *outbox)
{
	if (atomic_fetch_sub(&outbox->refs, 1) != 1)
		return;
	close(outbox->wake_fd);
	pthread_mutex_destroy(&outbox->lock);
	free(outbox);
}

void pal_ctl_outbox_close(struct pal_ctl_outbox *outbox)
{
	pthread_mutex_lock(&outbox->lock);
	outbox->is_closed = true;
	pthread_mutex_unlock(&outbox->lock);

	struct pal_ctl_load load = pal_ctl_outbox_take(outbox);
	for (struct pal_ctl_reply *next; load.replies; load.replies = next) {
		next = load.replies->next;
		pal_ctl_reply_destroy(load.replies);
	}
	for (struct pal_ctl_event *next; load.events; load.events = next) {
		next = load.events->next;
		free(load.events);
	}
	unref(outbox);
}

int pal_ctl_outbox_fd(const struct pal_ctl_outbox *outbox)
{
	return outbox->wake_fd;
}

void pal_ctl_outbox_wake(struct pal_ctl_outbox *outbox)
{
	/* Fails only when the counter is full, and then the reader is awake anyway. */
	(void)eventfd_write(outbox->wake_fd, 1);
}

struct pal_ctl_load pal_ctl_outbox_take(struct pal_ctl_outbox *outbox)
{
	eventfd_t ignored;

	(void)eventfd_read(outbox->wake_fd, &ignored);
	pthread_mutex_lock(&outbox->lock);
	struct pal_ctl_load load = {outbox->replies, outbox->events, outbox->lost};
	outbox->replies = NULL;
	outbox->replies_end = &outbox->replies;
	outbox->events = NULL;
	outbox->events_end = &outbox->events;
	outbox->event_bytes = 0;
	outbox->lost = 0;
	pthread_mutex_unlock(&outbox->lock);
	return load;
}

struct pal_ctl_reply *pal_ctl_reply_create(struct pal_ctl_outbox *outbox, uint64_t conn_id)
{
	struct pal_ctl_reply *reply = calloc(1, sizeof(*reply));

	if (!reply)
		return NULL;
	atomic_fetch_add(&outbox->refs, 1);
	reply->outbox = outbox;
	reply->conn_id = conn_id;
	reply->body = pal_buf_of(PAL_CTL_ANSWER_BYTES_MAX - 64);
	reply->line = pal_buf_of(PAL_CTL_ANSWER_BYTES_MAX);
	return reply;
}

void pal_ctl_reply_destroy(struct pal_ctl_reply *reply)
{
	struct pal_ctl_outbox *outbox = reply->outbox;

	pal_buf_deinit(&reply->body);
	pal_buf_deinit(&reply->line);
	free(reply->tenant);
	free(reply);
	unref(outbox);
}

struct pal_buf *pal_ctl_reply_body(struct pal_ctl_reply *reply)
{
	return &reply->body;
}

static void end(struct pal_ctl_reply *reply)
{
	struct pal_ctl_outbox *outbox = reply->outbox;

	pthread_mutex_lock(&outbox->lock);
	bool is_closed = outbox->is_closed;
	if (!is_closed) {
		*outbox->replies_end = reply;
		outbox->replies_end = &reply->next;
		pal_ctl_outbox_wake(
			outbox); /* under the lock: once it is taken, the outbox may go */
	}
	pthread_mutex_unlock(&outbox->lock);
	if (is_closed)
		pal_ctl_reply_destroy(reply);
}

static void write_line(struct pal_ctl_reply *reply)
{
	if (reply->body.failed) {
		struct pal_error err;
		pal_fail(&err, PAL_E_SERVICE, "ctl", "the answer is too large or memory ran out");
		pal_ctl_put_failure(&reply->line, &err, (struct pal_str){0});
		return;
	}
	pal_buf_add_lit(&reply->line, "{\"ok\":true,\"data\":");
	pal_buf_add_str(&reply->line,
			reply->body.len > 0 ? pal_buf_str(&reply->body) : PAL_STR("{}"));
	pal_buf_add_lit(&reply->line, "}\n");
}

void pal_ctl_reply_send(struct pal_ctl_reply *reply)
{
	write_line(reply);
	end(reply);
}

void pal_ctl_reply_fail(struct pal_ctl_reply *reply, const struct pal_error *err,
			struct pal_str detail)
{
	pal_ctl_put_failure(&reply->line, err, detail);
	end(reply);
}

void pal_ctl_reply_follow(struct pal_ctl_reply *reply, struct pal_str tenant)
{
	reply->follows = true;
	if (tenant.n > 0) {
		reply->tenant = strndup(tenant.p, tenant.n);
		reply->body.failed |= !reply->tenant;
	}
	reply->follows = !reply->body.failed;
	write_line(reply);
	end(reply);
}

void pal_ctl_outbox_set_followers(struct pal_ctl_outbox *outbox, unsigned count)
{
	atomic_store_explicit(&outbox->followers, count, memory_order_relaxed);
}

bool pal_ctl_outbox_is_followed(const struct pal_ctl_outbox *outbox)
{
	return atomic_load_explicit(&outbox->followers, memory_order_relaxed) > 0;
}

static struct pal_ctl_event *make_event(struct pal_str tenant, struct pal_str text)
{
	struct pal_ctl_event *event = malloc(sizeof(*event) + tenant.n + text.n);

	if (!event)
		return NULL;
	char *bytes = (char *)(event + 1);
	memcpy(bytes, tenant.p, tenant.n);
	memcpy(bytes + tenant.n, text.p, text.n);
	*event = (struct pal_ctl_event){
		.tenant = {bytes, tenant.n},
		.text = {bytes + tenant.n, text.n},
	};
	return event;
}

void pal_ctl_outbox_publish(struct pal_ctl_outbox *outbox, struct pal_str tenant,
			    struct pal_str event)
{
	if (!pal_ctl_outbox_is_followed(outbox))
		return;
	struct pal_ctl_event *made = make_event(tenant, event);

	pthread_mutex_lock(&outbox->lock);
	if (!made || outbox->event_bytes + event.n > PAL_CTL_BACKLOG_BYTES_MAX) {
		outbox->lost++;
		pthread_mutex_unlock(&outbox->lock);
		free(made);
		return;
	}
	if (!outbox->events)
		pal_ctl_outbox_wake(outbox);
	*outbox->events_end = made;
	outbox->events_end = &made->next;
	outbox->event_bytes += event.n;
	pthread_mutex_unlock(&outbox->lock);
}

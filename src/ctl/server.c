/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/server.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "ctl/conn.h"
#include "ctl/listen.h"
#include "ctl/outbox.h"
#include "ctl/request.h"

#define STOP_MS 1000	/* for clients to take their last answers */
#define PAUSE_MS 1000	/* no accept after the descriptors ran out */

struct pal_ctl {
	/* fixed at create */
	char *path;
	int listen_fd;
	gid_t gid;			/* of the socket file */
	struct pal_ctl_outbox *outbox;
	pthread_t thread;
	/* any thread */
	_Atomic bool is_stopping;
	/* the ctl thread's */
	struct pal_ctl_conn conns[PAL_CTL_CLIENTS_MAX];
	uint64_t last_id;
	int64_t paused_until_ms, stop_at_ms;
	struct pal_ctl_desk desk;
};

static int64_t now_ms(void)
{
	return pal_clock_mono_ms(pal_clock_system());
}

static void handle_lines(struct pal_ctl *ctl, struct pal_ctl_conn *conn)
{
	struct pal_str line;

	while (!conn->is_busy && !conn->is_closing) {
		switch (pal_ctl_conn_next(conn, &line)) {
		case PAL_CTL_LINE_READY:
			pal_ctl_desk_handle(&ctl->desk, conn, line);
			break;
		case PAL_CTL_LINE_TOO_LONG:
			pal_ctl_refuse_and_close(conn, "the line is too long",
						 PAL_CTL_REQUEST_BYTES_MAX);
			break;
		case PAL_CTL_LINE_NONE:
			return;
		}
	}
}

/* --- answers and events ----------------------------------------------------------------------- */

static struct pal_ctl_conn *conn_of(struct pal_ctl *ctl, uint64_t id)
{
	for (size_t i = 0; i < PAL_CTL_CLIENTS_MAX; i++) {
		if (ctl->conns[i].fd >= 0 && ctl->conns[i].id == id)
			return &ctl->conns[i];
	}
	return NULL;
}

static void count_followers(struct pal_ctl *ctl)
{
	unsigned count = 0;

	for (size_t i = 0; i < PAL_CTL_CLIENTS_MAX; i++)
		count += ctl->conns[i].is_follower;
	pal_ctl_outbox_set_followers(ctl->outbox, count);
}

static void close_conn(struct pal_ctl *ctl, struct pal_ctl_conn *conn)
{
	pal_ctl_conn_deinit(conn);
	count_followers(ctl);
}

static void deliver_reply(struct pal_ctl *ctl, struct pal_ctl_reply *reply)
{
	struct pal_ctl_conn *conn = conn_of(ctl, reply->conn_id);

	if (conn) {
		pal_buf_add_str(&conn->out, pal_buf_str(&reply->line));
		conn->is_busy = false;
		conn->is_closing |= reply->line.failed || conn->out.failed;
		if (reply->follows) {
			free(conn->tenant);
			conn->tenant = reply->tenant;
			reply->tenant = NULL;
			conn->is_follower = true;
			count_followers(ctl);
		}
	}
	pal_ctl_reply_destroy(reply);
}

static void show_event(struct pal_ctl_conn *conn, const struct pal_ctl_event *event)
{
	if (conn->tenant && !pal_str_equal(pal_str(conn->tenant), event->tenant))
		return;
	if (conn->out.len + event->text.n > PAL_CTL_BACKLOG_BYTES_MAX) {
		conn->lost++;
		return;
	}
	if (conn->lost > 0)
		pal_buf_addf(&conn->out, "{\"ok\":true,\"lost\":%llu}\n",
			     (unsigned long long)conn->lost);
	conn->lost = 0;
	pal_buf_add_lit(&conn->out, "{\"ok\":true,\"event\":");
	pal_buf_add_str(&conn->out, event->text);
	pal_buf_add_lit(&conn->out, "}\n");
	conn->is_closing |= conn->out.failed;
}

static void show_events(struct pal_ctl_conn *conn, const struct pal_ctl_load *load)
{
	if (!conn->is_follower)
		return;
	for (const struct pal_ctl_event *event = load->events; event; event = event->next)
		show_event(conn, event);
	conn->lost += load->lost;	/* they came after the ones that found room */
}

static void deliver(struct pal_ctl *ctl)
{
	struct pal_ctl_load load = pal_ctl_outbox_take(ctl->outbox);

	for (struct pal_ctl_reply *reply = load.replies, *next; reply; reply = next) {
		next = reply->next;
		deliver_reply(ctl, reply);
	}
	for (size_t i = 0; i < PAL_CTL_CLIENTS_MAX; i++)
		show_events(&ctl->conns[i], &load);
	for (struct pal_ctl_event *event = load.events, *next; event; event = next) {
		next = event->next;
		free(event);
	}
}

/* --- connections ------------------------------------------------------------------------------ */

static void take_client(struct pal_ctl *ctl, int fd)
{
	static struct pal_log_limit limit = {.burst = 5, .interval_ms = 60000};
	struct pal_ctl_conn *slot = NULL;
	uint32_t dropped;

	for (size_t i = 0; i < PAL_CTL_CLIENTS_MAX && !slot; i++) {
		if (ctl->conns[i].fd < 0)
			slot = &ctl->conns[i];
	}
	bool may_enter = pal_ctl_peer_may_enter(fd, ctl->gid);
	if (slot && may_enter) {
		pal_ctl_conn_init(slot, fd, ++ctl->last_id);
		return;
	}
	close(fd);
	if (pal_log_limit_pass(&limit, &dropped))
		pal_log_warning("ctl", "refused a client of the control socket: %s",
				may_enter ? "too many at once" : "not of our user or group");
}

static void accept_clients(struct pal_ctl *ctl)
{
	int fd;

	while ((fd = accept4(ctl->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		take_client(ctl, fd);
	/*
	 * Out of descriptors: the client stays readable in the backlog, so look away for a while.
	 */
	if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		ctl->paused_until_ms = now_ms() + PAUSE_MS;
}

static void serve(struct pal_ctl *ctl, struct pal_ctl_conn *conn, short events)
{
	if (conn->fd < 0)
		return;
	if ((events & POLLIN) && !pal_ctl_conn_read(conn))
		conn->is_closing = true;
	handle_lines(ctl, conn);
	bool is_broken = (events & (POLLERR | POLLHUP)) != 0 || !pal_ctl_conn_flush(conn);
	if (is_broken || (conn->is_closing && !conn->is_busy && conn->out.len == 0))
		close_conn(ctl, conn);
}

static bool is_drained(const struct pal_ctl *ctl)
{
	for (size_t i = 0; i < PAL_CTL_CLIENTS_MAX; i++) {
		if (ctl->conns[i].fd >= 0 && (ctl->conns[i].is_busy || ctl->conns[i].out.len > 0))
			return false;
	}
	return true;
}

#define WATCHES (2 + PAL_CTL_CLIENTS_MAX)

static void watch(struct pal_ctl *ctl, struct pollfd set[WATCHES], bool may_accept)
{
	set[0] = (struct pollfd){.fd = pal_ctl_outbox_fd(ctl->outbox), .events = POLLIN};
	set[1] = (struct pollfd){.fd = may_accept ? ctl->listen_fd : -1, .events = POLLIN};
	for (size_t i = 0; i < PAL_CTL_CLIENTS_MAX; i++) {
		const struct pal_ctl_conn *conn = &ctl->conns[i];
		short events = conn->is_busy || conn->is_closing ? 0 : POLLIN;
		if (conn->out.len > 0)
			events |= POLLOUT;
		set[2 + i] = (struct pollfd){.fd = conn->fd, .events = events};
	}
}

/* One round: wait, then take in what others ended, then serve every client that can move. */
static void turn(struct pal_ctl *ctl, bool is_stopping)
{
	struct pollfd set[WATCHES];
	bool is_paused = now_ms() < ctl->paused_until_ms;
	int timeout_ms = is_stopping ? 50 : is_paused ? PAUSE_MS : -1;

	watch(ctl, set, !is_paused && !is_stopping);
	if (poll(set, WATCHES, timeout_ms) < 0)
		return;
	deliver(ctl);
	for (size_t i = 0; i < PAL_CTL_CLIENTS_MAX; i++)
		serve(ctl, &ctl->conns[i],
		      is_stopping ? set[2 + i].revents & ~POLLIN : set[2 + i].revents);
	if (set[1].revents)
		accept_clients(ctl);
}

static void *run(void *arg)
{
	struct pal_ctl *ctl = arg;

	while (!atomic_load(&ctl->is_stopping))
		turn(ctl, false);
	ctl->stop_at_ms = now_ms() + STOP_MS;
	do {
		turn(ctl, true);
	} while (!is_drained(ctl) && now_ms() < ctl->stop_at_ms);
	return NULL;
}

/* --- life cycle ------------------------------------------------------------------------------- */

/* Signals are main's: the thread is born with all of them blocked. */
static int start_thread(struct pal_ctl *ctl)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&ctl->thread, NULL, run, ctl);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc;
}

static void release(struct pal_ctl *ctl)
{
	for (size_t i = 0; i < PAL_CTL_CLIENTS_MAX; i++)
		pal_ctl_conn_deinit(&ctl->conns[i]);
	if (ctl->outbox)
		pal_ctl_outbox_close(ctl->outbox);
	if (ctl->listen_fd >= 0) {
		unlink(ctl->path); /* before close: another daemon may then bind the name at once */
		close(ctl->listen_fd);
	}
	free(ctl->path);
	free(ctl);
}

enum pal_code pal_ctl_create(const struct pal_ctl_options *options, struct pal_ctl **ret,
			     struct pal_error *err)
{
	struct pal_ctl *ctl = calloc(1, sizeof(*ctl));
	struct stat st;
	enum pal_code code;

	assert(options->path);
	if (!ctl)
		return pal_fail_memory(err, "ctl");
	ctl->listen_fd = -1;
	for (size_t i = 0; i < PAL_CTL_CLIENTS_MAX; i++)
		ctl->conns[i].fd = -1;
	ctl->path = strdup(options->path);
	code = ctl->path ? pal_ctl_outbox_create(&ctl->outbox, err) : pal_fail_memory(err, "ctl");
	ctl->desk.options = *options;
	ctl->desk.outbox = ctl->outbox;
	if (code == PAL_OK)
		code = pal_ctl_listen(ctl->path, &ctl->listen_fd, err);
	if (code != PAL_OK)
		goto fail;
	ctl->gid = stat(ctl->path, &st) == 0 ? st.st_gid : getegid();
	if (start_thread(ctl) != 0) {
		code = pal_fail(err, PAL_E_SERVICE, "ctl", "cannot start the thread");
		goto fail;
	}
	*ret = ctl;
	return PAL_OK;
fail:
	release(ctl);
	return code;
}

void pal_ctl_destroy(struct pal_ctl *ctl)
{
	if (!ctl)
		return;
	atomic_store(&ctl->is_stopping, true);
	pal_ctl_outbox_wake(ctl->outbox);
	pthread_join(ctl->thread, NULL);
	release(ctl);
}

bool pal_ctl_is_followed(const struct pal_ctl *ctl)
{
	return pal_ctl_outbox_is_followed(ctl->outbox);
}

void pal_ctl_publish(struct pal_ctl *ctl, struct pal_str tenant, struct pal_str event)
{
	pal_ctl_outbox_publish(ctl->outbox, tenant, event);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl is driven by sockets: it says what it waits for, a watch of the loop waits, and what is
 * ready is handed back. All else is put off to the end of the batch: transfers that were added
 * begin, those that ended are told, in one go for all of them.
 */
#include "courier/drive.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS_MAX 4u	/* of one batch, before sockets are looked at again */

struct pal_drive {
	struct pal_drive_options options;	/* fixed at create */
	CURLM *multi;		/* NULL before the first transfer */
	struct pal_loop_timer *timer;
	struct pal_loop_job settle;
	bool is_settling;	/* `settle` is queued */
	bool is_due;		/* libcurl's timers are */
	struct socket **sockets;	/* by descriptor */
	size_t room;			/* of `sockets` */
};

/* A socket of libcurl's, and its watch. */
struct socket {
	struct pal_drive *drive;
	struct pal_loop_watch *watch;
	int fd;
	unsigned events;	/* watched for */
	bool is_kept;		/* a connection's: we are told when it is closed */
	bool is_busy;		/* libcurl waits for it */
};

void pal_drive_settle(struct pal_drive *drive)
{
	if (!drive->is_settling) {
		drive->is_settling = true;
		pal_loop_defer(drive->options.loop, &drive->settle);
	}
}

/* --- What libcurl waits for ------------------------------------------------------------------- */

static void watch(struct socket *socket, unsigned events)
{
	if (socket->events != events && pal_loop_watch_set(socket->watch, events))
		socket->events = events;
}

static void on_ready(void *arg, unsigned ready)
{
	struct socket *socket = arg;
	struct pal_drive *drive = socket->drive;
	int running;
	int what = (ready & PAL_LOOP_READ ? CURL_CSELECT_IN : 0) |
		   (ready & PAL_LOOP_WRITE ? CURL_CSELECT_OUT : 0);

	if (!socket->is_busy) {	/* idle, and its peer left: libcurl looks before it uses it again */
		watch(socket, 0);
		return;
	}
	curl_multi_socket_action(drive->multi, socket->fd, what, &running);
	pal_drive_settle(drive);
}

static struct socket *find(const struct pal_drive *drive, int fd)
{
	return (size_t)fd < drive->room ? drive->sockets[fd] : NULL;
}

static void forget(struct pal_drive *drive, int fd)
{
	struct socket *socket = find(drive, fd);

	if (!socket)
		return;
	drive->sockets[fd] = NULL;
	pal_loop_watch_destroy(socket->watch);
	free(socket);
}

static bool make_room(struct pal_drive *drive, int fd)
{
	size_t room = drive->room ? drive->room : 64;

	while (room <= (size_t)fd)
		room *= 2;
	if (room == drive->room)
		return true;
	struct socket **sockets = realloc(drive->sockets, room * sizeof(struct socket *));
	if (!sockets)
		return false;
	for (size_t i = drive->room; i < room; i++)
		sockets[i] = NULL;
	drive->sockets = sockets;
	drive->room = room;
	return true;
}

static struct socket *add(struct pal_drive *drive, int fd, bool is_kept)
{
	struct socket *socket = make_room(drive, fd) ? calloc(1, sizeof(*socket)) : NULL;

	if (!socket)
		return NULL;
	*socket = (struct socket){.drive = drive, .fd = fd, .is_kept = is_kept};
	socket->watch = pal_loop_watch_create(drive->options.loop, fd, on_ready, socket);
	if (!socket->watch) {
		free(socket);
		return NULL;
	}
	drive->sockets[fd] = socket;
	return socket;
}

void pal_drive_opened(struct pal_drive *drive, int fd)
{
	forget(drive, fd);	/* an earlier one of this number, had we not been told of its end */
	add(drive, fd, true);
}

void pal_drive_close(struct pal_drive *drive, int fd)
{
	forget(drive, fd);
	close(fd);
}

/* Without memory the socket goes unwatched, and its transfer ends by its deadline. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct pal_drive *drive = arg;
	struct socket *socket = find(drive, fd);

	(void)easy, (void)socket_arg;
	if (what == CURL_POLL_REMOVE) {
		if (socket && socket->is_kept) {
			socket->is_busy = false;
			watch(socket, socket->events & PAL_LOOP_READ);
		} else {
			forget(drive, fd);
		}
		return 0;
	}
	if (!socket && !(socket = add(drive, fd, false)))
		return 0;
	socket->is_busy = true;
	watch(socket, (what & CURL_POLL_IN ? PAL_LOOP_READ : 0) |
			      (what & CURL_POLL_OUT ? PAL_LOOP_WRITE : 0));
	return 0;
}

static void on_timer(void *arg)
{
	struct pal_drive *drive = arg;

	drive->is_due = true;
	pal_drive_settle(drive);
}

/* libcurl must not be called back from here, so even "at once" waits for the batch's end. */
static int on_timeout(CURLM *multi, long timeout_ms, void *arg)
{
	struct pal_drive *drive = arg;

	(void)multi;
	if (timeout_ms > 0) {
		pal_loop_timer_start(drive->timer, (uint32_t)timeout_ms, 0);
		return 0;
	}
	pal_loop_timer_stop(drive->timer);
	drive->is_due = timeout_ms == 0;
	if (drive->is_due)
		pal_drive_settle(drive);
	return 0;
}

/* --- The end of a batch ----------------------------------------------------------------------- */

static void reap(struct pal_drive *drive)
{
	const CURLMsg *message;
	int left;

	while (drive->multi && (message = curl_multi_info_read(drive->multi, &left))) {
		CURL *easy = message->easy_handle;
		CURLcode result = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_multi_remove_handle(drive->multi, easy);
		drive->options.ended(drive->options.arg, easy, result);
	}
}

static void on_settle(struct pal_loop_job *job)
{
	struct pal_drive *drive =
		(void *)((char *)job - offsetof(struct pal_drive, settle));
	unsigned rounds = 0;
	int running;

	do {
		if (drive->is_due) {
			drive->is_due = false;
			curl_multi_socket_action(drive->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		}
		reap(drive);
		drive->options.settled(drive->options.arg);
	} while (drive->is_due && ++rounds < ROUNDS_MAX);
	drive->is_settling = false;
	if (drive->is_due)
		pal_drive_settle(drive);
}

/* --- Life ------------------------------------------------------------------------------------- */

struct pal_drive *pal_drive_create(const struct pal_drive_options *options)
{
	struct pal_drive *drive = calloc(1, sizeof(*drive));

	if (!drive)
		return NULL;
	drive->options = *options;
	drive->settle.run = on_settle;
	drive->timer = pal_loop_timer_create(options->loop, on_timer, drive);
	if (!drive->timer) {
		pal_drive_destroy(drive);
		return NULL;
	}
	return drive;
}

static bool has_multi(struct pal_drive *drive)
{
	if (drive->multi)
		return true;
	drive->multi = pal_library_load() ? curl_multi_init() : NULL;
	if (!drive->multi)
		return false;
	curl_multi_setopt(drive->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(drive->multi, CURLMOPT_SOCKETDATA, drive);
	curl_multi_setopt(drive->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(drive->multi, CURLMOPT_TIMERDATA, drive);
	curl_multi_setopt(drive->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	curl_multi_setopt(drive->multi, CURLMOPT_MAXCONNECTS, drive->options.connections_max);
	return true;
}

void pal_drive_destroy(struct pal_drive *drive)
{
	if (!drive)
		return;
	if (drive->multi)
		curl_multi_cleanup(drive->multi);
	for (size_t fd = 0; fd < drive->room; fd++)
		forget(drive, (int)fd);
	free(drive->sockets);
	pal_loop_timer_destroy(drive->timer);
	free(drive);
}

bool pal_drive_add(struct pal_drive *drive, CURL *easy)
{
	return has_multi(drive) && curl_multi_add_handle(drive->multi, easy) == CURLM_OK;
}

void pal_drive_remove(struct pal_drive *drive, CURL *easy)
{
	curl_multi_remove_handle(drive->multi, easy);
}

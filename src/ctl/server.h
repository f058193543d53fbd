/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h - the daemon's side of the control socket: a thread of its own reads one request a line,
 * looks the command up in a table and sends what the handler answers. README.md has the protocol.
 */
#ifndef PALAVER_CTL_SERVER_H
#define PALAVER_CTL_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#define PAL_CTL_CLIENTS_MAX 32u /* connections at once; one more is closed at once */
#define PAL_CTL_REQUEST_BYTES_MAX 16384u	/* one request line */
#define PAL_CTL_ANSWER_BYTES_MAX (4u << 20)	/* one answer line */
#define PAL_CTL_BACKLOG_BYTES_MAX                                                                  \
	(1u << 20) /* what a follower may lag behind; then events are lost */

struct pal_ctl;

/* The `args` object of one request, valid during the handler's call. */
struct pal_ctl_args;

/*
 * The answer to one request. The handler, or whoever it hands the reply to, fills the body and ends
 * it by exactly one of send, fail, follow; the reply is gone afterwards. A client that left
 * meanwhile makes no difference.
 */
struct pal_ctl_reply;

/*
 * Do a command. Must not wait for long: other clients wait too. To answer later keep `reply` and
 * end it from any thread; all must be ended before pal_ctl_destroy returns. Runs on: ctl.
 */
typedef void pal_ctl_handler_fn(void *arg, const struct pal_ctl_args *args,
				struct pal_ctl_reply *reply);

struct pal_ctl_command {
	const char *name;	/* as written in "command", e.g. "config.show" */
	const char *help;	/* one sentence */
	pal_ctl_handler_fn *handler;
};

struct pal_ctl_options {
	const char *path;	/* of the socket; the folder must exist */
	const struct pal_ctl_command *commands;	/* static */
	size_t count;
	void *arg;		/* for the handlers */
};

/*
 * Listen at `options->path` (mode 0660) and start the thread. A socket file that nobody listens on
 * is replaced. PAL_E_CONFIG, subject "control.socket": the path is too long, is no socket, or
 * another daemon listens there; PAL_E_SERVICE: the system refused. Runs on: main.
 */
enum pal_code pal_ctl_create(const struct pal_ctl_options *options, struct pal_ctl **ret,
			     struct pal_error *err) PAL_MUST_CHECK;

/*
 * Stop listening, wait until handed-out replies are ended, send what is queued (one second at
 * most), end the thread, remove the socket file. NULL is fine. Runs on: main.
 */
void pal_ctl_destroy(struct pal_ctl *ctl);

/*
 * The string member `name`; absent (p NULL) when missing or of another type. The view lives as long
 * as `args`. Runs on: ctl.
 */
struct pal_str pal_ctl_arg(const struct pal_ctl_args *args, const char *name);

/*
 * The buffer to write the answer's JSON object into, empty at first. Runs on: the reply's holder.
 */
struct pal_buf *pal_ctl_reply_body(struct pal_ctl_reply *reply);

/* Answer with the body; an empty one is {}. The reply is taken. Runs on: any. */
void pal_ctl_reply_send(struct pal_ctl_reply *reply);

/*
 * Answer with `err`, and `detail` (absent: none) for a person: several lines, e.g. a caret message.
 * The body, if any was written, is dropped. The reply is taken. Runs on: any.
 */
void pal_ctl_reply_fail(struct pal_ctl_reply *reply, const struct pal_error *err,
			struct pal_str detail);

/*
 * Answer with the body, then with every published event of `tenant` (absent or empty: of all) until
 * the client leaves. The reply is taken. Runs on: ctl.
 */
void pal_ctl_reply_follow(struct pal_ctl_reply *reply, struct pal_str tenant);

/* Whether anybody follows: ask before making an event's text. One relaxed load. Runs on: any. */
bool pal_ctl_is_followed(const struct pal_ctl *ctl);

/*
 * Show `event`, one JSON object on one line, to those who follow `tenant`. Never waits: what a slow
 * follower cannot take is dropped and counted in its next line. Runs on: any.
 */
void pal_ctl_publish(struct pal_ctl *ctl, struct pal_str tenant, struct pal_str event);

#endif

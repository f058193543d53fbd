/* SPDX-License-Identifier: Apache-2.0 */
/* post.h - a courier that may reach loopback over http, and requests that can be waited for. */
#ifndef PALAVER_TESTS_COURIER_POST_H
#define PALAVER_TESTS_COURIER_POST_H

#include "courier/courier.h"
#include "courier/receiver.h"

/* A request with storage for its URL; zero it or use post_to. */
struct post {
	struct pal_courier_request request;	/* first */
	char url[512];
	bool ended;
	unsigned order;		/* 1 for the first that ended */
};

struct office {
	struct pal_courier_options options;	/* set what you need between init and open */
	struct pal_network networks[2];
	struct pal_courier *courier;
	struct receiver *receiver;
};

/* Options that allow http and 127.0.0.0/8 and 2 s in all; a receiver. */
void office_init(struct office *office);
void office_open(struct office *office);
/* Stop the courier with `drain_ms`, then free everything. */
void office_close(struct office *office, uint32_t drain_ms);

/* Prepare a POST of `body` (NULL: none) to `path` of the receiver for tenant `tenant`. */
void post_fill(struct post *post, const struct office *office, int64_t tenant, const char *path,
	       const char *body);
/* ... and send it, which must be accepted. */
void post_send(struct post *post, struct office *office, int64_t tenant, const char *path,
	       const char *body);
/* Wait until it ended; the test fails rather than hangs. */
void post_await(struct post *post);
bool post_has_ended(struct post *post);
/* Send, wait, and return how it ended. Free the answer with post_free. */
enum pal_transport post_once(struct post *post, struct office *office, const char *path,
			     const char *body);
void post_free(struct post *post);

/* Called with each ended request on the courier's thread, when set. */
extern void (*post_hook)(struct post *post);

#endif

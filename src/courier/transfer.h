/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transfer.h - one libcurl easy handle set up once by the rules of promises.md section 5, used for
 * one request after another of the same tenant, and what came of each.
 */
#ifndef PALAVER_COURIER_TRANSFER_H
#define PALAVER_COURIER_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/error.h"
#include "courier/guard.h"
#include "courier/library.h"
#include "palaver/outgoing.h"

struct pal_courier_request;
struct pal_drive;
struct pal_handles_tenant;

struct pal_transfer {
	TAILQ_ENTRY(pal_transfer) link;		/* its holder's */
	CURL *easy;				/* its CURLOPT_PRIVATE is this transfer */
	struct pal_courier_request *request;	/* its holder's */
	struct pal_handles_tenant *owner;	/* its holder's */
	/* the transfer's own */
	const struct pal_guard *guard;
	struct pal_drive *drive;
	const struct pal_outgoing *outgoing;
	struct pal_answer *answer;
	struct curl_slist *headers;
	enum pal_guard_rule refused;	/* of the address refused last */
	bool begun;			/* libcurl was about to write the request */
	size_t head_bytes;
	bool was_repeated;		/* libcurl wanted to write it again */
	bool is_too_large;
	char url[PAL_OUTGOING_URL_MAX + 1];
};

TAILQ_HEAD(pal_transfers, pal_transfer);

struct pal_transfer_options {
	const struct pal_guard *guard;	/* outlives the transfers */
	const char *user_agent;		/* likewise */
	const char *ca_file;		/* instead of the system's; NULL: the system's */
	struct pal_drive *drive;	/* is told of sockets; likewise */
	uint32_t connect_ms, total_ms;	/* of requests that have no limits of their own */
	uint32_t idle_ms;		/* a connection idle for longer is not used again */
};

/* A handle whose connections, names and TLS sessions are those of `share`. NULL when out of memory.
 * Runs on: courier. */
struct pal_transfer *pal_transfer_create(const struct pal_transfer_options *options, CURLSH *share);
void pal_transfer_destroy(struct pal_transfer *transfer);	/* NULL is fine */

/*
 * Set it up for `outgoing`, which the guard let pass; that and `answer` stay until it ends. When it
 * cannot be sent, say why: PAL_TRANSPORT_INVALID or _FAILED; it has ended then. Else
 * PAL_TRANSPORT_ANSWERED. Runs on: courier.
 */
enum pal_transport pal_transfer_begin(struct pal_transfer *transfer,
				      const struct pal_transfer_options *options,
				      const struct pal_outgoing *outgoing,
				      struct pal_answer *answer);

/* Write down how it ended and forget the request. Runs on: courier. */
void pal_transfer_end(struct pal_transfer *transfer, CURLcode result);

/* As pal_transfer_end, for one that is given up. */
void pal_transfer_cancel(struct pal_transfer *transfer);

/* Names. Runs on: any. */
const char *pal_transport_name(enum pal_transport transport);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receiver.h - an HTTP receiver on a loopback port that does what the path of a request says, well or
 * badly, and remembers what it got. A thread for each connection.
 *
 *	/ok			200, and the body back
 *	/status/N		N with an empty body; 204 and 304 without
 *	/later/VALUE		429 with "Retry-After: VALUE"
 *	/hang			reads all, never answers
 *	/deaf			reads nothing but the head, never answers
 *	/reset			reads all, then resets the connection
 *	/reset-early		resets on the first byte
 *	/half			half an answer, then the end
 *	/slow			an answer of 20 bytes, one each 20 ms
 *	/forever		a byte each 20 ms until the client leaves
 *	/endless-head		header lines without end
 *	/huge/N			200 with a body of N bytes
 *	/garbage		no HTTP at all
 *	/redirect/URL		302 to http://URL
 *	/bye			200, then closes without having said so
 *	/close			200 with Connection: close
 */
#ifndef PALAVER_TESTS_COURIER_RECEIVER_H
#define PALAVER_TESTS_COURIER_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct receiver;

/* What one request was. */
struct received {
	unsigned connection;	/* 1 for the first one accepted */
	char head[2048];	/* NUL-terminated, cut */
	size_t body_len;
};

struct receiver *receiver_start(void);
/* Close everything and wait for its threads. */
void receiver_stop(struct receiver *receiver);

uint16_t receiver_port(const struct receiver *receiver);
unsigned receiver_connections(struct receiver *receiver);	/* accepted so far */
unsigned receiver_requests(struct receiver *receiver);		/* read whole so far */
/* Request number `n`, from 0 in the order read; NULL when there was none. */
const struct received *receiver_request(struct receiver *receiver, unsigned n);
/* Most requests that were being handled at once. */
unsigned receiver_most_at_once(struct receiver *receiver);

#endif

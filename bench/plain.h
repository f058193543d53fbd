/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain.h - what palaver's sending is held against: libcurl alone, one thread, one multi handle that
 * keeps its connections, as many easy handles as connections, used again and again.
 */
#ifndef PALAVER_BENCH_PLAIN_H
#define PALAVER_BENCH_PLAIN_H

#include <stddef.h>

#include <curl/curl.h>

#define PLAIN_CONNECTIONS_MAX 1024u

struct plain {
	const char *url;
	const char *body;
	size_t body_bytes;
	struct curl_slist *headers;
	unsigned requests, connections;	/* 1..PLAIN_CONNECTIONS_MAX, not more than requests */
};

/* Post `body` so often. Return the seconds it took; ends the process when a request fails. */
double plain_post(const struct plain *plain);

#endif

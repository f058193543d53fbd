/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static size_t swallow(char *data, size_t size, size_t count, void *arg)
{
	(void)data, (void)arg;
	return size * count;
}

static CURL *new_easy(const struct plain *plain)
{
	CURL *easy = curl_easy_init();

	curl_easy_setopt(easy, CURLOPT_URL, plain->url);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)plain->body_bytes);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, plain->body);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, plain->headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
	return easy;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The handle of a message that ended well. */
static CURL *take_ended(const CURLMsg *message)
{
	long status = 0;

	curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
	if (message->data.result == CURLE_OK && status == 200)
		return message->easy_handle;
	fprintf(stderr, "plain: %s, status %ld\n", curl_easy_strerror(message->data.result), status);
	exit(1);
}

static void drive(CURLM *multi, unsigned begun, unsigned requests)
{
	const CURLMsg *message;
	int running, left;

	for (unsigned ended = 0; ended < requests;) {
		curl_multi_perform(multi, &running);
		while ((message = curl_multi_info_read(multi, &left))) {
			CURL *easy = take_ended(message);
			ended++;
			curl_multi_remove_handle(multi, easy);
			if (begun++ < requests)
				curl_multi_add_handle(multi, easy);
		}
		if (ended < requests)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
}

double plain_post(const struct plain *plain)
{
	CURLM *multi = curl_multi_init();
	CURL *easies[PLAIN_CONNECTIONS_MAX];

	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)plain->connections);
	double start_s = now_s();
	for (unsigned i = 0; i < plain->connections; i++) {
		easies[i] = new_easy(plain);
		curl_multi_add_handle(multi, easies[i]);
	}
	drive(multi, plain->connections, plain->requests);
	double took_s = now_s() - start_s;
	for (unsigned i = 0; i < plain->connections; i++)
		curl_easy_cleanup(easies[i]);
	curl_multi_cleanup(multi);
	return took_s;
}

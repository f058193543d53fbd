/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_post - post one request, read from a file as it was received, again and again by plain libcurl:
 * the same bytes that palaver sends, without palaver. Prints one JSON line.
 *
 *	plain_post PORT FILE REQUESTS CONNECTIONS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "plain.h"

#define REQUEST_BYTES_MAX 65536u

static char text[REQUEST_BYTES_MAX + 1], url[2048];

static void die(const char *what)
{
	fprintf(stderr, "plain_post: %s\n", what);
	exit(1);
}

static size_t read_request(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t n = file ? fread(text, 1, REQUEST_BYTES_MAX, file) : 0;

	if (n == 0)
		die(path);
	fclose(file);
	text[n] = '\0';
	return n;
}

/* libcurl writes these itself. */
static int is_its_own(const char *line)
{
	static const char *const names[] = {"host:", "content-length:", "accept:"};

	for (unsigned i = 0; i < 3; i++)
		if (strncasecmp(line, names[i], strlen(names[i])) == 0)
			return 1;
	return 0;
}

/* Take the request apart: its path into `url`, its headers, its body. */
static void parse(struct plain *plain, const char *port, size_t n)
{
	char *end = strstr(text, "\r\n\r\n"), *path = strchr(text, ' '), *line;

	if (!end || !path || path > end)
		die("that is no request");
	plain->body = end + 4;
	plain->body_bytes = n - (size_t)(plain->body - text);
	*end = '\0';
	char *rest = strstr(text, "\r\n");
	if (!rest)
		die("that request has no headers");
	snprintf(url, sizeof(url), "http://127.0.0.1:%s%.*s", port,
		 (int)strcspn(path + 1, " "), path + 1);
	while ((line = strtok_r(rest, "\r\n", &rest)))
		if (!is_its_own(line))
			plain->headers = curl_slist_append(plain->headers, line);
	plain->url = url;
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

int main(int argc, char **argv)
{
	struct plain plain = {.requests = argc == 5 ? (unsigned)atoi(argv[3]) : 0,
			      .connections = argc == 5 ? (unsigned)atoi(argv[4]) : 0};

	if (plain.connections < 1 || plain.connections > PLAIN_CONNECTIONS_MAX ||
	    plain.requests < plain.connections) {
		fprintf(stderr, "usage: plain_post PORT FILE REQUESTS CONNECTIONS\n");
		return 2;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	parse(&plain, argv[1], read_request(argv[2]));
	double took_s = plain_post(&plain);
	printf("{\"done\":%u,\"seconds\":%.6f,\"cpu_s\":%.3f}\n", plain.requests, took_s, cpu_s());
	curl_slist_free_all(plain.headers);
	return 0;
}

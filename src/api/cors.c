/* SPDX-License-Identifier: Apache-2.0 */
#include "api/cors.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METHODS "GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD"
#define HEADERS                                                                                    \
	"Authorization, Content-Type, X-Tenant-ID, X-Request-ID, X-API-Key, Idempotency-Key, "     \
	"X-Correlation-ID, X-Trace-ID, Last-Event-ID, If-None-Match, If-Match"
#define EXPOSED                                                                                    \
	"X-Request-ID, X-Processing-Time, X-Correlation-ID, X-Trace-ID, X-Tenant-ID, "             \
	"X-Data-Residency, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, "          \
	"X-RateLimit-Type, RateLimit, RateLimit-Policy, Retry-After, X-Quota-Name, "               \
	"X-Quota-Limit, X-Quota-Used, X-Quota-Remaining, Link, ETag, Content-Disposition"

struct pal_cors {
	_Atomic bool any;		/* spares the lock where nothing is allowed */
	pthread_rwlock_t lock;		/* guards the rest */
	char *origin[PAL_CORS_ORIGINS_MAX];
	size_t count;
	bool everyone, allow_credentials;
	int64_t max_age_s;
};

struct pal_cors *pal_cors_create(void)
{
	struct pal_cors *cors = calloc(1, sizeof(*cors));

	if (cors && pthread_rwlock_init(&cors->lock, NULL) != 0) {
		free(cors);
		return NULL;
	}
	return cors;
}

static void free_all(char **list, size_t count)
{
	while (count-- > 0)
		free(list[count]);
}

void pal_cors_destroy(struct pal_cors *cors)
{
	if (!cors)
		return;
	free_all(cors->origin, cors->count);
	pthread_rwlock_destroy(&cors->lock);
	free(cors);
}

bool pal_cors_set(struct pal_cors *cors, const char *const *origins, size_t count,
		  bool allow_credentials, int64_t max_age_s)
{
	char *copy[PAL_CORS_ORIGINS_MAX];
	bool everyone = false;

	assert(count <= PAL_CORS_ORIGINS_MAX);
	for (size_t i = 0; i < count; i++) {
		copy[i] = strdup(origins[i]);
		if (!copy[i]) {
			free_all(copy, i);
			return false;
		}
		everyone |= strcmp(origins[i], "*") == 0;
	}
	pthread_rwlock_wrlock(&cors->lock);
	free_all(cors->origin, cors->count);
	if (count)
		memcpy(cors->origin, copy, count * sizeof(copy[0]));
	cors->count = count;
	cors->everyone = everyone;
	cors->allow_credentials = allow_credentials && !everyone;
	cors->max_age_s = max_age_s;
	pthread_rwlock_unlock(&cors->lock);
	atomic_store(&cors->any, count > 0);
	return true;
}

/* What the list says of one origin, read under the lock at once. */
struct judgement {
	bool allowed, everyone, credentials;
	int64_t max_age_s;
};

static struct judgement judge(struct pal_cors *cors, struct pal_str origin)
{
	struct judgement j = {.allowed = false};

	pthread_rwlock_rdlock(&cors->lock);
	j.everyone = cors->everyone;
	j.credentials = cors->allow_credentials;
	j.max_age_s = cors->max_age_s;
	j.allowed = cors->everyone;
	for (size_t i = 0; i < cors->count && !j.allowed; i++)
		j.allowed = pal_str_equal(origin, pal_str(cors->origin[i]));
	pthread_rwlock_unlock(&cors->lock);
	return j;
}

static void add(struct pal_http_exchange *exchange, const char *name, struct pal_str value)
{
	pal_http_header(exchange, pal_str(name), value);
}

static void answer_preflight(struct pal_http_exchange *exchange,
			     const struct pal_http_request *request, const struct judgement *j)
{
	char age[24], allow[PAL_HTTP_ALLOW_SIZE];

	snprintf(age, sizeof(age), "%lld", (long long)j->max_age_s);
	add(exchange, "Allow", pal_str(pal_http_allow_format(request->match.methods, allow)));
	add(exchange, "Access-Control-Allow-Methods", PAL_STR(METHODS));
	add(exchange, "Access-Control-Allow-Headers", PAL_STR(HEADERS));
	add(exchange, "Access-Control-Max-Age", pal_str(age));
	pal_http_respond(exchange, 204, NULL, (struct pal_str){NULL, 0});
}

bool pal_cors_apply(struct pal_cors *cors, struct pal_http_exchange *exchange,
		    const struct pal_http_request *request)
{
	if (!atomic_load_explicit(&cors->any, memory_order_relaxed))
		return false;
	struct pal_str origin = pal_http_request_header(request, PAL_HTTP_H_ORIGIN);
	bool preflight =
		request->method == PAL_HTTP_OPTIONS &&
		request->match.kind == PAL_HTTP_MATCH_METHOD &&
		pal_http_request_header(request, PAL_HTTP_H_ACCESS_CONTROL_REQUEST_METHOD).p;

	/* caches must not give one origin's answer to another */
	add(exchange, "Vary", PAL_STR("Origin"));
	if (!origin.p)
		return false;
	const struct judgement j = judge(cors, origin);
	if (!j.allowed)
		return false;
	add(exchange, "Access-Control-Allow-Origin", j.everyone ? PAL_STR("*") : origin);
	if (j.credentials)
		add(exchange, "Access-Control-Allow-Credentials", PAL_STR("true"));
	if (preflight) {
		answer_preflight(exchange, request, &j);
		return true;
	}
	add(exchange, "Access-Control-Expose-Headers", PAL_STR(EXPOSED));
	return false;
}

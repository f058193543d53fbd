/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/post.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "suite.h"

#define PATIENCE_S 30

void (*post_hook)(struct post *post);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned ended;	/* under the lock, as are all posts' */

void office_init(struct office *office)
{
	struct pal_error err;

	memset(office, 0, sizeof(*office));
	CU_ASSERT_EQUAL_FATAL(
		pal_network_read(PAL_STR("127.0.0.0/8"), &office->networks[0], &err), PAL_OK);
	office->options.guard.allow_http = true;
	office->options.guard.allowed = office->networks;
	office->options.guard.allowed_count = 1;
	office->options.total_ms = 2000;
	office->receiver = receiver_start();
	post_hook = NULL;
}

void office_open(struct office *office)
{
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_courier_create(&office->options, &office->courier, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_courier_start(office->courier, &err), PAL_OK);
}

void office_close(struct office *office, uint32_t drain_ms)
{
	pal_courier_stop(office->courier, drain_ms);
	pal_courier_destroy(office->courier);
	receiver_stop(office->receiver);
}

static void on_done(struct pal_courier_request *request)
{
	struct post *post = (struct post *)request;

	if (post_hook)
		post_hook(post);
	pthread_mutex_lock(&lock);
	post->ended = true;
	post->order = ++ended;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

void post_fill(struct post *post, const struct office *office, int64_t tenant, const char *path,
	       const char *body)
{
	memset(post, 0, sizeof(*post));
	if (path[0] == '/')
		snprintf(post->url, sizeof(post->url), "http://127.0.0.1:%u%s",
			 receiver_port(office->receiver), path);
	else
		snprintf(post->url, sizeof(post->url), "%s", path);
	post->request.tenant.n = tenant;
	post->request.outgoing.url = pal_str(post->url);
	post->request.outgoing.body = pal_str(body);
	post->request.done = on_done;
}

void post_send(struct post *post, struct office *office, int64_t tenant, const char *path,
	       const char *body)
{
	post_fill(post, office, tenant, path, body);
	CU_ASSERT_TRUE_FATAL(pal_courier_send(office->courier, &post->request));
}

bool post_has_ended(struct post *post)
{
	pthread_mutex_lock(&lock);
	bool has = post->ended;
	pthread_mutex_unlock(&lock);
	return has;
}

void post_await(struct post *post)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&lock);
	while (!post->ended) {
		if (pthread_cond_timedwait(&changed, &lock, &until) != 0) {
			fprintf(stderr, "a request to %s did not end\n", post->url);
			abort();
		}
	}
	pthread_mutex_unlock(&lock);
}

enum pal_transport post_once(struct post *post, struct office *office, const char *path,
			     const char *body)
{
	post_send(post, office, 1, path, body);
	post_await(post);
	return post->request.answer.transport;
}

void post_free(struct post *post)
{
	pal_buf_deinit(&post->request.answer.body);
}

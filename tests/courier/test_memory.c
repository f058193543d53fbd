/* SPDX-License-Identifier: Apache-2.0 */
/* The courier with each allocation of ours made to fail in turn; libcurl's own are not touched. */
#include "courier/breaker.h"
#include "courier/courier.h"
#include "courier/post.h"
#include "scarce.h"
#include "suite.h"

static struct office office;
static struct post post;

TEST(a_courier_without_memory_is_not_made)
{
	bool is_hit = true;
	long n = 0;

	office_init(&office);
	for (; is_hit && n < SCARCE_MAX; n++) {
		struct pal_courier *courier = NULL;
		scarce_begin(n);
		enum pal_code code = pal_courier_create(&office.options, &courier, NULL);
		is_hit = scarce_end() < 0;
		CU_ASSERT_EQUAL(code, is_hit ? PAL_E_SERVICE : PAL_OK);
		CU_ASSERT_EQUAL(courier != NULL, code == PAL_OK);
		pal_courier_destroy(courier);
	}
	CU_ASSERT(n > 3 && n < SCARCE_MAX);
	office_open(&office);
	office_close(&office, 0);
}

/* The first request of a courier, which makes what later ones reuse. It ends, once. */
static bool live(long n, const char *path)
{
	office_init(&office);
	office_open(&office);
	post_fill(&post, &office, 1, path, "{}");
	scarce_begin(n);
	bool is_taken = pal_courier_send(office.courier, &post.request);
	if (is_taken)
		post_await(&post);
	bool is_hit = scarce_end() < 0;
	enum pal_transport how = post.request.answer.transport;
	CU_ASSERT(is_taken || is_hit);
	CU_ASSERT(!is_taken || how == PAL_TRANSPORT_ANSWERED ||
		  (is_hit && (how == PAL_TRANSPORT_FAILED || how == PAL_TRANSPORT_TOO_LARGE ||
			      how == PAL_TRANSPORT_RESET_AFTER)));
	post_free(&post);
	CU_ASSERT_EQUAL(post_once(&post, &office, path, "{}"), PAL_TRANSPORT_ANSWERED);
	CU_ASSERT_EQUAL(post.request.answer.status, 200);
	post_free(&post);
	office_close(&office, 1000);
	return is_hit;
}

TEST(a_request_without_memory_ends_and_the_next_is_answered)
{
	static const char *const paths[] = {"/ok", "/huge/60000"};

	for (unsigned i = 0; i < 2; i++) {
		long n = 0;
		while (live(n, paths[i]) && n < SCARCE_MAX)
			n++;
		CU_ASSERT(n > 2 && n < SCARCE_MAX);
	}
}

/* Without memory for it a circuit is as if closed: what is sent is still judged by the receiver. */
TEST(breakers_without_memory_let_pass)
{
	bool is_hit = true;
	long n = 0;

	for (; is_hit && n < SCARCE_MAX; n++) {
		const struct pal_breaker_options options = {PAL_BREAKER_DEFAULTS,
							    .clock = pal_clock_system()};
		uint32_t wait_ms;
		scarce_begin(n);
		struct pal_breakers *breakers = pal_breakers_create(&options);
		if (breakers) {
			enum pal_breaker_verdict verdict =
				pal_breaker_ask(breakers, PAL_STR("k"), &wait_ms);
			CU_ASSERT(verdict != PAL_BREAKER_STOP);
			pal_breaker_report(breakers, PAL_STR("k"), verdict, PAL_BREAKER_FAILED);
		}
		is_hit = scarce_end() < 0;
		CU_ASSERT(breakers || is_hit);
		pal_breakers_destroy(breakers);
	}
	CU_ASSERT(n > 1 && n < SCARCE_MAX);
}

SUITE(memory, CASE(a_courier_without_memory_is_not_made),
      CASE(a_request_without_memory_ends_and_the_next_is_answered),
      CASE(breakers_without_memory_let_pass))

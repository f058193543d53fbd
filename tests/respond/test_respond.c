/* SPDX-License-Identifier: Apache-2.0 */
#include "respond/respond.h"

#include "suite.h"

/* A responder that gives back what the test prepared. */
struct scripted {
	struct pal_responder base;
	enum pal_code code;
	struct pal_respond_result result;
};

static enum pal_code respond(const struct pal_responder *self,
			     const struct pal_respond_input *input,
			     struct pal_arena *arena, struct pal_respond_result *ret,
			     struct pal_error *err)
{
	const struct scripted *scripted = (const struct scripted *)self;

	(void)input;
	(void)arena;
	if (scripted->code != PAL_OK)
		return pal_fail(err, scripted->code, "engine", "out of order");
	*ret = scripted->result;
	return PAL_OK;
}

static const struct pal_responder_ops ops = {.name = "scripted", .respond = respond};

static enum pal_code run(enum pal_code code, struct pal_respond_result result,
			 const struct pal_ask_answer *answer, struct pal_respond_result *ret,
			 struct pal_error *err)
{
	struct scripted scripted = {{&ops}, code, result};
	struct pal_respond_input input = {.answer = answer};
	struct pal_arena arena = {0};

	return pal_respond(&scripted.base, &input, &arena, ret, err);
}

static const struct pal_respond_result reply = {
	.kind = PAL_RESPOND_REPLY, .content = {.type = PAL_CONTENT_TEXT, .text = {"x", 1}}};
static const struct pal_respond_result ask = {.kind = PAL_RESPOND_ASK};
static const struct pal_ask_answer answer = {.code = PAL_OK, .status = 200};

TEST(a_reply_and_a_first_request_pass)
{
	struct pal_respond_result ret;

	CU_ASSERT_EQUAL(run(PAL_OK, reply, NULL, &ret, NULL), PAL_OK);
	CU_ASSERT_EQUAL(ret.kind, PAL_RESPOND_REPLY);
	CU_ASSERT_EQUAL(run(PAL_OK, reply, &answer, &ret, NULL), PAL_OK);
	CU_ASSERT_EQUAL(run(PAL_OK, ask, NULL, &ret, NULL), PAL_OK);
	CU_ASSERT_EQUAL(ret.kind, PAL_RESPOND_ASK);
}

TEST(a_second_request_in_one_turn_is_refused)
{
	struct pal_respond_result ret = reply;
	struct pal_error err = {0};

	CU_ASSERT_EQUAL(run(PAL_OK, ask, &answer, &ret, &err), PAL_E_EXTERNAL);
	CHECK_STR(err.subject, "scripted");
	CU_ASSERT_EQUAL(ret.kind, PAL_RESPOND_REPLY);
}

TEST(a_reply_that_says_nothing_is_refused)
{
	struct pal_respond_result ret, empty = {.kind = PAL_RESPOND_REPLY};
	struct pal_error err = {0};

	CU_ASSERT_EQUAL(run(PAL_OK, empty, NULL, &ret, &err), PAL_E_EXTERNAL);
	CHECK_STR(err.subject, "scripted");
}

TEST(a_failure_passes_unchanged_and_leaves_the_result_alone)
{
	struct pal_respond_result ret = ask;
	struct pal_error err = {0};

	CU_ASSERT_EQUAL(run(PAL_E_EXTERNAL, reply, NULL, &ret, &err), PAL_E_EXTERNAL);
	CHECK_STR(err.message, "out of order");
	CU_ASSERT_EQUAL(ret.kind, PAL_RESPOND_ASK);
}

SUITE(respond, CASE(a_reply_and_a_first_request_pass),
      CASE(a_second_request_in_one_turn_is_refused), CASE(a_reply_that_says_nothing_is_refused),
      CASE(a_failure_passes_unchanged_and_leaves_the_result_alone))

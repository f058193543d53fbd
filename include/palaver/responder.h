/* SPDX-License-Identifier: Apache-2.0 */
/*
 * responder.h - the contract between palaver and whoever writes the reply.
 *
 * A responder is a pure function: the message, what the processor found in it and where the
 * conversation stands go in, a reply comes out. One that needs a server (an engine, a model)
 * returns a request instead; the courier carries it while the conversation is parked, and the
 * responder is called once more with the answer. It never waits itself.
 */
#ifndef PALAVER_RESPONDER_H
#define PALAVER_RESPONDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "model/content.h"
#include "palaver/processor.h"

/* What the responder wants fetched: one HTTP request. Views live in the arena of the call. */
struct pal_ask {
	struct pal_str service;		/* the configured peer, which knows its address */
	struct pal_str path;		/* behind the peer's base address, with its leading slash */
	struct pal_str body;		/* JSON, sent by POST */
	struct pal_str idempotency_key;	/* the inbound message id */
	uint32_t timeout_ms;		/* for all attempts together */
};

/* What came of it. Exactly one of the two: a whole HTTP answer, or a failure to get one. */
struct pal_ask_answer {
	enum pal_code code;	/* PAL_OK, or PAL_E_EXTERNAL: no answer to be had */
	unsigned status;	/* HTTP status; meaningful with PAL_OK */
	struct pal_str body;	/* meaningful with PAL_OK */
};

struct pal_respond_input {
	struct pal_str message_id;			/* of the inbound message */
	const struct pal_content *content;
	const struct pal_process_result *analysis;	/* of a success */
	const struct pal_process_context *context;
	const struct pal_ask_answer *answer;		/* NULL on the first call of a turn */
};

enum pal_respond_kind {
	PAL_RESPOND_REPLY,	/* `content` is the reply */
	PAL_RESPOND_ASK,	/* carry `ask`, then call again; never when `answer` was given */
};

/* The reply and how it was made (domain.md section 1.4); the caller measures the time it took. */
struct pal_respond_result {
	enum pal_respond_kind kind;
	struct pal_ask ask;
	struct pal_content content;		/* `language` is the one the text is really in */
	struct pal_str model_provider;
	struct pal_str model_name;
	struct pal_str template_used;		/* absent when no template was */
	struct pal_str fallback_reason;		/* absent unless the responder had to fall back */
	double confidence;			/* 0..1 */
};

/* First member of every responder. */
struct pal_responder {
	const struct pal_responder_ops *ops;
};

/* Both slots are required. */
struct pal_responder_ops {
	const char *name;	/* as written in the configuration */
	/*
	 * Answer `input` into `ret`, which comes zeroed. Results live in `arena`, point into
	 * `input`, or are constant. PAL_E_SERVICE when the arena is exhausted; PAL_E_EXTERNAL when
	 * an answer was given that cannot be used and there is nothing to fall back to. Must not
	 * block. Runs on: worker.
	 */
	enum pal_code (*respond)(const struct pal_responder *self,
				 const struct pal_respond_input *input, struct pal_arena *arena,
				 struct pal_respond_result *ret, struct pal_error *err);
};

#endif

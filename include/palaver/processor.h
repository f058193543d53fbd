/* SPDX-License-Identifier: Apache-2.0 */
/*
 * processor.h - the contract between palaver and whatever makes sense of one inbound content.
 *
 * A processor is a pure function of (content, context): it opens nothing, waits for nothing, keeps
 * nothing. It is chosen by content type from a constant table (process/process.h). What it finds
 * lives in the caller's arena or points into the content; both must outlive the result.
 */
#ifndef PALAVER_PROCESSOR_H
#define PALAVER_PROCESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "model/content.h"
#include "model/content_parts.h"
#include "model/message.h"

#define PAL_PROCESSOR_VERSION "1.0.0"	/* domain.md section 4.1 */

#define PAL_ENTITY_ITEMS_MAX 50u	/* per list; domain.md section 4.1 */
#define PAL_KEYWORDS_MAX 20u
#define PAL_TAGS_MAX 10u

/* What is looked for, with its key in the entities object (domain.md section 4.1). */
#define PAL_ENTITIES(X)                                                                            \
	X(PAL_ENTITY_EMAILS, "emails")                                                             \
	X(PAL_ENTITY_PHONES, "phones")                                                             \
	X(PAL_ENTITY_URLS, "urls")                                                                 \
	X(PAL_ENTITY_DATES, "dates")                                                               \
	X(PAL_ENTITY_MONEY, "money")                                                               \
	X(PAL_ENTITY_NUMBERS, "numbers")                                                           \
	X(PAL_ENTITY_HASHTAGS, "hashtags")                                                         \
	X(PAL_ENTITY_MENTIONS, "mentions")                                                         \
	X(PAL_ENTITY_ORDER_NUMBERS, "order_numbers")                                               \
	X(PAL_ENTITY_INTENT, "intent")                                                             \
	X(PAL_ENTITY_POSTBACK, "postback")

enum pal_entity {
#define X(id, key) id,
	PAL_ENTITIES(X)
#undef X
	PAL_ENTITY_COUNT
};

/* Bits of a safety set, with their wire names (domain.md sections 4.2 and 4.3). */
#define PAL_SAFETY_FLAGS(X)                                                                        \
	X(PAL_SAFETY_SPAM, 0, "potential_spam")                                                    \
	X(PAL_SAFETY_CAPS, 1, "excessive_caps")                                                    \
	X(PAL_SAFETY_PUNCTUATION, 2, "excessive_punctuation")                                      \
	X(PAL_SAFETY_PII, 3, "potential_pii")                                                      \
	X(PAL_SAFETY_PII_SSN, 4, "potential_pii_ssn")                                              \
	X(PAL_SAFETY_PII_CARD, 5, "potential_pii_credit_card")                                     \
	X(PAL_SAFETY_EXTENSION, 6, "dangerous_extension")                                          \
	X(PAL_SAFETY_DOMAIN, 7, "suspicious_domain")                                               \
	X(PAL_SAFETY_IP_ADDRESS, 8, "ip_address_url")                                              \
	X(PAL_SAFETY_SHORTENED, 9, "shortened_url")                                                \
	X(PAL_SAFETY_TRAVERSAL, 10, "path_traversal")                                              \
	X(PAL_SAFETY_PRIVATE, 11, "private_address")

enum pal_safety {
#define X(id, bit, name) id = 1 << (bit),
	PAL_SAFETY_FLAGS(X)
#undef X
};

/* Bits of a set of personal data kinds, with their wire names (domain.md section 1.4, privacy). */
#define PAL_PII_TYPES(X)                                                                           \
	X(PAL_PII_EMAIL, 0, "email")                                                               \
	X(PAL_PII_PHONE, 1, "phone")                                                               \
	X(PAL_PII_SSN, 2, "ssn")                                                                   \
	X(PAL_PII_CARD, 3, "credit_card")

enum pal_pii {
#define X(id, bit, name) id = 1 << (bit),
	PAL_PII_TYPES(X)
#undef X
};

/*
 * How the language of a text is found; `auto` asks CLD2 only where the built-in vote is doubtful.
 */
#define PAL_LANGUAGE_MODES(X)                                                                      \
	X(PAL_LANGUAGE_AUTO, "auto")                                                               \
	X(PAL_LANGUAGE_CLD2, "cld2")                                                               \
	X(PAL_LANGUAGE_BUILTIN, "builtin")

enum pal_language_mode {
#define X(id, name) id,
	PAL_LANGUAGE_MODES(X)
#undef X
	PAL_LANGUAGE_MODE_COUNT
};

/* Who speaks, where, and the rules of the tenant; zeroed is a valid context. All views borrowed. */
struct pal_process_context {
	struct pal_str tenant_id;
	struct pal_str user_id;
	struct pal_str conversation_id;
	struct pal_str session_id;
	struct pal_str session_context;		/* JSON object that clients keep; absent: none */
	struct pal_str request_id;
	enum pal_channel_type channel;
	struct pal_str conversation_state;	/* JSON; absent before the first exchange */
	struct pal_str language;		/* assumed when nothing is detected; absent: "en" */
	enum pal_language_mode language_mode;	/* a build without CLD2 knows but builtin */
	uint32_t blocking_flags;		/* safety bits that block; others ask for review */
	bool accept_executables;		/* media named like programs is no fault */
	struct pal_str order_prefix;		/* of an order number; absent: "ORD" */
	uint32_t order_digits;			/* digits behind the prefix; 0: 6 */
};

struct pal_str_list {
	const struct pal_str *item;
	size_t count;
};

struct pal_intent {
	struct pal_str name;	/* "order_inquiry", "support", "goodbye", "greeting", "default" */
	double confidence;	/* 0..1 */
};

enum pal_sentiment_label {
	PAL_SENTIMENT_NEUTRAL,
	PAL_SENTIMENT_POSITIVE,
	PAL_SENTIMENT_NEGATIVE,
};

struct pal_sentiment {
	double score;		/* -1..1 */
	enum pal_sentiment_label label;
	double confidence;	/* 0..0.9 */
};

enum pal_readability {
	PAL_READ_EASY,
	PAL_READ_MEDIUM,
	PAL_READ_DIFFICULT,
};

struct pal_statistics {
	uint32_t words, characters, sentences, paragraphs;
	enum pal_readability readability;
};

/* domain.md section 1.6, ProcessingResult. */
struct pal_process_result {
	bool success;				/* false: the content is at fault, see errors */
	struct pal_str normalized_text;		/* line breaks kept; absent when there is no text */
	struct pal_str masked_text;		/* without personal data; for logs and events */
	struct pal_str detected_language;	/* absent: too little to tell */
	double language_confidence;		/* meaningful with detected_language */
	struct pal_str language;		/* to answer in: detected, declared, assumed */
	struct pal_str_list entities[PAL_ENTITY_COUNT];
	struct pal_str_list keywords;		/* most frequent first */
	struct pal_str_list tags;
	struct pal_str_list categories;
	struct pal_statistics statistics;	/* zeroed when there is no text */
	double quality_score;			/* 0..1 */
	uint32_t safety_flags;			/* enum pal_safety bits: all of the next two */
	uint32_t review_flags;			/* to be logged and looked at */
	uint32_t blocking_flags;		/* hold the automatic reply back */
	struct pal_sentiment sentiment;
	uint32_t pii_types;			/* enum pal_pii bits */
	struct pal_intent intent;
	/* Of media and locations, in their normal form (domain.md section 4.5); NULL: none. */
	const struct pal_media *media;
	const struct pal_location *location;
	struct pal_str_list topics;
	/* JSON objects of content that is more than a text; absent for text. */
	struct pal_str extracted;		/* what else was found out */
	struct pal_str normalized_content;
	double validation_score;		/* 0..1; meaningful with `extracted` */
	struct pal_str_list errors;		/* sentences fit for the client */
	struct pal_str_list warnings;
	struct pal_str processor_version;
};

/* One kind of processor. Both slots are required. */
struct pal_processor {
	const char *name;	/* for logs, metrics and PAL_E_PROCESSING */
	/*
	 * Analyse `content`, whose type the table chose this processor for, into `ret`, which comes
	 * zeroed. Content at fault is PAL_OK with success = false and `errors` filled.
	 * PAL_E_SERVICE when the arena is exhausted. Must be pure, must not block. Runs on: worker.
	 */
	enum pal_code (*process)(const struct pal_content *content,
				 const struct pal_process_context *context, struct pal_arena *arena,
				 struct pal_process_result *ret, struct pal_error *err);
};

#endif

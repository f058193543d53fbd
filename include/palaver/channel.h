/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.h - the contract between palaver and a kind of channel: what it can show, who can be
 * reached, how a message becomes a request and an answer an outcome, and what a webhook of its
 * platform says. A kind is pure: it opens no socket, reads no clock, keeps nothing between calls and
 * may be called from any thread. The courier sends, the delivery service decides.
 */
#ifndef PALAVER_CHANNEL_H
#define PALAVER_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "model/content.h"
#include "model/message.h"
#include "palaver/outgoing.h"

/* --- What a kind can show --------------------------------------------------------------------- */

/* A bit for each thing that is shown as what it is; what has none is degraded to text. */
enum pal_channel_can {
	PAL_CAN_IMAGE = 1 << 0,
	PAL_CAN_FILE = 1 << 1,
	PAL_CAN_AUDIO = 1 << 2,
	PAL_CAN_VIDEO = 1 << 3,
	PAL_CAN_CAPTION = 1 << 4,	/* media carry their text with them */
	PAL_CAN_LOCATION = 1 << 5,
	PAL_CAN_QUICK_REPLIES = 1 << 6,
	PAL_CAN_BUTTONS = 1 << 7,
	PAL_CAN_CAROUSEL = 1 << 8,
	PAL_CAN_TEXT_BESIDE = 1 << 9,	/* a place and cards carry a text with them */
	PAL_CAN_EVERYTHING = (1 << 10) - 1,
};

struct pal_channel_capabilities {
	unsigned can;			/* mask of enum pal_channel_can */
	/* Of one text and one caption, in UTF-16 units; 0: any length. */
	size_t text_units_max, caption_units_max;
	size_t quick_replies_max, buttons_max, items_max;	/* more are degraded */
};

/* --- How one account of a tenant is set up ---------------------------------------------------- */

#define PAL_CHANNEL_SETTINGS_MAX 16u

enum pal_channel_setting_kind {
	PAL_SETTING_TEXT,
	PAL_SETTING_URL,	/* to be judged by the courier's guard before it is kept */
	PAL_SETTING_SECRET,	/* never shown, kept encrypted */
};

/* One thing to be set: a kind has a table of these. */
struct pal_channel_setting_rule {
	const char *name;
	enum pal_channel_setting_kind kind;
	size_t least, most;	/* how many values it has */
	size_t bytes_max;	/* of each */
	const char *help;
};

/* A value as set. A name that has several values appears several times, the preferred first. */
struct pal_channel_setting {
	struct pal_str name, value;
};

struct pal_channel_account {
	struct pal_channel_setting settings[PAL_CHANNEL_SETTINGS_MAX];
	size_t setting_count;
};

/* --- Out -------------------------------------------------------------------------------------- */

/*
 * One message on its way to one recipient, or one part of it: what does not fit into one request
 * leaves in several. All views outlive the answer.
 */
struct pal_channel_send {
	const struct pal_channel_account *account;
	/* Of this part; stays the same for each attempt: the receiver's key. */
	struct pal_str delivery_id;
	unsigned part, parts;		/* number `part` from 1 of `parts`; 0 of 0: the whole */
	struct pal_str tenant_id, conversation_id, channel;
	struct pal_str recipient;	/* as check_recipient gave it */
	struct pal_str reply_to;	/* id of the message answered; absent when none */
	const struct pal_message *message;
	struct pal_str content;		/* JSON by our content model: what this part shows */
	int64_t now_ms;			/* of this attempt */
};

/* channels.md section 1.1. */
#define PAL_CHANNEL_OUTCOMES(X)                                                                    \
	X(PAL_OUTCOME_OK, "ok")				/* they have it, under their id */         \
	X(PAL_OUTCOME_ACCEPTED, "accepted")		/* queued on their side */                 \
	X(PAL_OUTCOME_RATE, "rate")			/* later; costs no attempt */              \
	X(PAL_OUTCOME_RETRY, "retry")			/* again, by the schedule */               \
	X(PAL_OUTCOME_UNKNOWN, "unknown")		/* they may have it */                     \
	X(PAL_OUTCOME_REAUTH, "reauth")			/* credentials: stop the account */        \
	X(PAL_OUTCOME_RECIPIENT, "recipient")		/* cannot be reached */                    \
	X(PAL_OUTCOME_WINDOW, "window")			/* outside the platform's reply window */  \
	X(PAL_OUTCOME_PERMANENT, "permanent")		/* never */

enum pal_channel_outcome {
#define X(id, name) id,
	PAL_CHANNEL_OUTCOMES(X)
#undef X
	PAL_OUTCOME_COUNT
};

struct pal_channel_result {
	enum pal_channel_outcome outcome;
	bool disable;			/* the receiver wants nothing any more: stop the account */
	bool slow_down;			/* the receiver is overloaded */
	struct pal_str platform_id;	/* their id of the message; absent when they gave none */
	struct pal_str retry_after;	/* as received, absent when not sent; see courier/schedule.h */
	char code[32];			/* for operators: "http_503", "timeout_after" */
};

/* --- In --------------------------------------------------------------------------------------- */

#define PAL_HOOK_HEADERS_MAX 100u
#define PAL_HOOK_EVENTS_MAX 1024u	/* of one webhook; more are refused */

/* A webhook as it was received, byte for byte. */
struct pal_channel_hook {
	struct pal_outgoing_header headers[PAL_HOOK_HEADERS_MAX];
	size_t header_count;
	struct pal_str body;
	int64_t now_ms;
};

/* All but OK answer 401. */
#define PAL_CHANNEL_VERDICTS(X)                                                                    \
	X(PAL_VERDICT_OK, "ok")                                                                    \
	X(PAL_VERDICT_MISSING, "signature_missing")		/* a header is absent or empty */  \
	X(PAL_VERDICT_REPEATED, "signature_repeated")		/* a header is there twice */      \
	X(PAL_VERDICT_MALFORMED, "signature_malformed")                                            \
	X(PAL_VERDICT_STALE, "signature_stale")			/* too old, or of the future */    \
	X(PAL_VERDICT_WRONG, "signature_wrong")                                                    \
	X(PAL_VERDICT_UNCONFIGURED, "signature_unconfigured")	/* the account has no secret */

enum pal_channel_verdict {
#define X(id, name) id,
	PAL_CHANNEL_VERDICTS(X)
#undef X
	PAL_VERDICT_COUNT
};

enum pal_channel_event_kind {
	PAL_EVENT_MESSAGE_RECEIVED,
	PAL_EVENT_DELIVERY_STATUS,
	PAL_EVENT_READ_RECEIPT,
	PAL_EVENT_IGNORED,	/* understood, and of no concern; `fault` says what it was */
	PAL_EVENT_FAULTY,	/* `field` and `fault` say what is wrong with it */
};

/* One thing that a webhook tells. Views live in the hook and the arena. */
struct pal_channel_event {
	enum pal_channel_event_kind kind;
	struct pal_str dedupe_key;	/* unique in the account; channels.md section 1.6 */
	int64_t at_ms;			/* when it happened; 0: not said */
	struct pal_str message_id;	/* received: theirs. Status and read: ours or theirs */
	struct pal_str user_id;		/* MESSAGE_RECEIVED: who wrote */
	struct pal_str conversation_id;	/* MESSAGE_RECEIVED: absent when not said */
	struct pal_str content;		/* MESSAGE_RECEIVED: JSON object by our content model */
	struct pal_str metadata;	/* MESSAGE_RECEIVED: JSON object; may be absent */
	enum pal_delivery_status status;	/* DELIVERY_STATUS: sent, delivered, read or failed */
	struct pal_str reason;		/* of a failed delivery; may be absent */
	const char *field, *fault;	/* static; NULL when there is none */
};

struct pal_channel_events {
	struct pal_channel_event *events;	/* in the order told */
	size_t count;
};

/* --- The contract ----------------------------------------------------------------------------- */

/*
 * `name`, `can`, `settings` and check_recipient are required. A kind with `is_pushed` needs `format`
 * and `classify`; one with `is_signed` needs `verify`; one that hears of anything needs `parse`.
 * Every slot runs on any thread and must be done in time linear in its input.
 */
struct pal_channel_ops {
	const char *name;		/* as written in requests */
	struct pal_channel_capabilities capabilities;
	/* False: nothing is sent, the reply waits in the history and is `sent` when stored. */
	bool is_pushed;
	/* The receiver tells repeats by the delivery's id: what may have arrived may be sent again. */
	bool takes_key;
	bool is_signed;			/* webhooks carry a signature; else the API's credential */
	const struct pal_channel_setting_rule *settings;	/* ends with a NULL name */

	/*
	 * Optional. Judge settings that already follow their rules: PAL_E_VALIDATION names the one
	 * that cannot be used.
	 */
	enum pal_code (*check_account)(const struct pal_channel_account *account,
				       struct pal_error *err);

	/*
	 * Bring a recipient into the form that is stored and sent to, from `arena` when it differs; one
	 * that has it already keeps it. PAL_E_VALIDATION with subject "recipient".
	 */
	enum pal_code (*check_recipient)(struct pal_str recipient, struct pal_arena *arena,
					 struct pal_str *ret, struct pal_error *err);

	/*
	 * Make the request of one attempt; what it needs lies in `arena`. PAL_E_VALIDATION when the
	 * message can never be sent, PAL_E_CONFIG when the account lacks something, PAL_E_SERVICE
	 * without memory.
	 */
	enum pal_code (*format)(const struct pal_channel_send *send, struct pal_arena *arena,
				struct pal_outgoing *ret, struct pal_error *err);

	/*
	 * What became of it; any answer gives one of the outcomes. Views in *ret are into `answer`;
	 * the calling thread's pal_thread_json is overwritten.
	 */
	void (*classify)(const struct pal_answer *answer, struct pal_channel_result *ret);

	/*
	 * Is the webhook from who may send it? Judged over the bytes as received, before anything
	 * of the body is read, in time that does not tell how much of a signature was right.
	 */
	enum pal_channel_verdict (*verify)(const struct pal_channel_account *account,
					   const struct pal_channel_hook *hook);

	/*
	 * Read what a verified webhook tells; `json` is scratch. One event that is wrong is FAULTY
	 * and takes no other with it. PAL_E_VALIDATION when the whole cannot be read,
	 * PAL_E_SERVICE without memory.
	 */
	enum pal_code (*parse)(const struct pal_channel_hook *hook, struct pal_json *json,
			       struct pal_arena *arena, struct pal_channel_events *ret,
			       struct pal_error *err);
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/webhook/webhook.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "channel/channel.h"
#include "channel/events.h"
#include "channel/outcome.h"
#include "channel/webhook/sign.h"

#define SECRETS_MAX 4u
#define ANSWER_MAX 8192u		/* bytes: its status matters, and what it calls the message */
#define SIGNATURES_BYTES_MAX 4096u
#define ID_BYTES_MAX 255u
#define PLATFORM_ID_MAX 256u		/* bytes */

static const struct pal_channel_setting_rule settings[] = {
	{"url", PAL_SETTING_URL, 1, 1, PAL_OUTGOING_URL_MAX, "Where messages are posted to."},
	{"secret", PAL_SETTING_SECRET, 1, SECRETS_MAX, 160,
	 "What both ways are signed with: whsec_ and the base64 of 24 to 64 random bytes. With "
	 "several, the first is the new one; what is sent is signed with all of them, and what is "
	 "received may be signed with any."},
	{.name = NULL},
};

static enum pal_code check_account(const struct pal_channel_account *account, struct pal_error *err)
{
	struct pal_webhook_key key;
	struct pal_str secret;

	for (size_t i = 0; (secret = pal_channel_setting(account, "secret", i)).p; i++) {
		bool is_key = pal_webhook_key_read(secret, &key);
		explicit_bzero(&key, sizeof(key));
		if (!is_key)
			return pal_fail(err, PAL_E_VALIDATION, "secret",
					"It must be whsec_ and the base64 of %u to %u bytes.",
					PAL_WEBHOOK_KEY_MIN, PAL_WEBHOOK_KEY_MAX);
	}
	return PAL_OK;
}

/* Whoever it is, the tenant's system knows: an id of its own. */
static enum pal_code check_recipient(struct pal_str recipient, struct pal_arena *arena,
				     struct pal_str *ret, struct pal_error *err)
{
	(void)arena;
	for (size_t i = 0; i < recipient.n; i++) {
		if ((unsigned char)recipient.p[i] < 0x20 || recipient.p[i] == 0x7F)
			return pal_fail(err, PAL_E_VALIDATION, "recipient",
					"It must not hold control characters.");
	}
	*ret = recipient;
	return PAL_OK;
}

/* --- Out -------------------------------------------------------------------------------------- */

static bool is_id(struct pal_str id)
{
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];
		if (!(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
		    c != '_' && c != '-')
			return false;
	}
	return id.n > 0 && id.n <= 64;
}

static void put_text(struct pal_buf *out, const char *name, struct pal_str value)
{
	pal_buf_add_lit(out, ",\"");
	pal_buf_add_str(out, pal_str(name));
	pal_buf_add_lit(out, "\":");
	pal_json_put_string(out, value);
}

static void put_body(const struct pal_channel_send *send, struct pal_buf *out)
{
	const struct pal_message *message = send->message;
	char text[PAL_TIME_TEXT_SIZE];
	const struct pal_str time = pal_str(pal_time_format(message->timestamp_ms, text));

	pal_buf_add_lit(out, "{\"type\":\"message.created\",\"timestamp\":\"");
	pal_buf_add_str(out, time);
	pal_buf_add_lit(out, "\",\"data\":{\"id\":");
	pal_json_put_string(out, message->message_id);
	put_text(out, "tenant_id", send->tenant_id);
	put_text(out, "channel", send->channel);
	put_text(out, "conversation_id", send->conversation_id);
	pal_buf_add_lit(out, ",\"sequence\":");
	pal_buf_add_i64(out, message->sequence);
	put_text(out, "direction",
		 message->direction == PAL_OUTBOUND ? PAL_STR("outbound") : PAL_STR("inbound"));
	put_text(out, "recipient", send->recipient);
	if (send->parts)
		pal_buf_addf(out, ",\"part\":%u,\"parts\":%u", send->part, send->parts);
	pal_buf_add_lit(out, ",\"content\":");
	pal_buf_add_str(out, send->content);
	if (send->reply_to.n)
		put_text(out, "reply_to", send->reply_to);
	pal_buf_add_lit(out, ",\"created_at\":\"");
	pal_buf_add_str(out, time);
	pal_buf_add_lit(out, "\"}}");
}

/* Signed with every secret, the new one first. False when one is none. */
static bool put_signatures(const struct pal_channel_account *account, struct pal_str id,
			   struct pal_str timestamp, struct pal_str body, struct pal_buf *out)
{
	struct pal_webhook_key key;
	struct pal_str secret;
	bool is_key = false;

	for (size_t i = 0; (secret = pal_channel_setting(account, "secret", i)).p; i++) {
		is_key = pal_webhook_key_read(secret, &key);
		if (!is_key)
			break;
		if (i > 0)
			pal_buf_add_char(out, ' ');
		pal_webhook_sign(&key, id, timestamp, body, out);
		explicit_bzero(&key, sizeof(key));
	}
	return is_key;
}

static void add_header(struct pal_outgoing *out, struct pal_str name, struct pal_str value)
{
	out->headers[out->header_count++] = (struct pal_outgoing_header){name, value};
}

/* Copy what was drafted to the arena, empty the draft. */
static struct pal_str keep(struct pal_buf *draft, struct pal_arena *arena)
{
	struct pal_str kept = pal_arena_copy_buf(arena, draft);

	pal_buf_clear(draft);
	return kept;
}

static enum pal_code fill(const struct pal_channel_send *send, struct pal_arena *arena,
			  struct pal_buf *draft, struct pal_outgoing *ret, struct pal_error *err)
{
	put_body(send, draft);
	ret->body = keep(draft, arena);
	pal_buf_add_lit(draft, "msg_");
	pal_buf_add_str(draft, send->delivery_id);
	struct pal_str id = keep(draft, arena);
	pal_buf_add_i64(draft, send->now_ms / 1000);
	struct pal_str timestamp = keep(draft, arena);
	if (!ret->body.p || !id.p || !timestamp.p)
		return pal_fail_memory(err, "webhook");
	if (!put_signatures(send->account, id, timestamp, ret->body, draft))
		return pal_fail(err, PAL_E_CONFIG, "secret", "The channel has no usable secret.");
	struct pal_str signatures = keep(draft, arena);
	if (!signatures.p)
		return pal_fail_memory(err, "webhook");
	add_header(ret, PAL_STR("Content-Type"), PAL_STR("application/json"));
	add_header(ret, PAL_STR("webhook-id"), id);
	add_header(ret, PAL_STR("webhook-timestamp"), timestamp);
	add_header(ret, PAL_STR("webhook-signature"), signatures);
	return PAL_OK;
}

static enum pal_code format(const struct pal_channel_send *send, struct pal_arena *arena,
			    struct pal_outgoing *ret, struct pal_error *err)
{
	struct pal_buf draft = pal_buf_of(PAL_OUTGOING_BODY_MAX);

	if (!is_id(send->delivery_id))
		return pal_fail(err, PAL_E_VALIDATION, "delivery_id",
				"It must have 1 to 64 letters, digits, hyphens or underscores.");
	ret->method = PAL_OUTGOING_POST;
	ret->answer_max = ANSWER_MAX;
	ret->url = pal_channel_setting(send->account, "url", 0);
	if (!ret->url.p)
		return pal_fail(err, PAL_E_CONFIG, "url", "The channel has no URL.");
	enum pal_code code = fill(send, arena, &draft, ret, err);
	pal_buf_deinit(&draft);
	return code;
}

/* How the receiver calls the message, if it says: {"message_id":"..."}, of plain characters. */
static struct pal_str read_platform_id(const struct pal_answer *answer)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	uint32_t at = PAL_JSON_NONE;

	if (answer->body.len && pal_json_scan(json, pal_buf_str(&answer->body), &fault) &&
	    pal_json_type(json, 0) == PAL_JSON_OBJECT)
		at = pal_json_member(json, 0, PAL_STR("message_id"));
	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING)
		return (struct pal_str){NULL, 0};
	struct pal_str raw = pal_json_raw(json, at);
	struct pal_str id = {raw.p + 1, raw.n - 2};
	return id.n == 0 || id.n > PLATFORM_ID_MAX || memchr(id.p, '\\', id.n)
		       ? (struct pal_str){NULL, 0}
		       : id;
}

/* channels.md section 3.4: any 2xx is success, 410 ends it, all other answers are tried again. */
static void classify(const struct pal_answer *answer, struct pal_channel_result *ret)
{
	pal_channel_classify(answer, ret);
	ret->disable = answer->status == 410;
	ret->slow_down = answer->status == 429 || answer->status == 502 || answer->status == 504;
	if (answer->status >= 200 && ret->outcome == PAL_OUTCOME_PERMANENT && !ret->disable)
		ret->outcome = PAL_OUTCOME_RETRY;
	if (ret->outcome == PAL_OUTCOME_OK)
		ret->platform_id = read_platform_id(answer);
}

/* --- In --------------------------------------------------------------------------------------- */

struct signed_headers {
	struct pal_str id, timestamp, signatures;
};

static enum pal_channel_verdict read_one(const struct pal_channel_hook *hook, const char *prefix,
					 const char *rest, struct pal_str *ret)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-%s", prefix, rest);
	size_t count = pal_channel_hook_header(hook, name, ret);
	if (count > 1)
		return PAL_VERDICT_REPEATED;
	return count == 0 || ret->n == 0 ? PAL_VERDICT_MISSING : PAL_VERDICT_OK;
}

/* Svix calls them svix-*: all three have the one name or the other. */
static enum pal_channel_verdict read_headers(const struct pal_channel_hook *hook,
					     struct signed_headers *ret)
{
	struct pal_str ignored;
	const char *prefix =
		pal_channel_hook_header(hook, "webhook-id", &ignored) == 0 &&
				pal_channel_hook_header(hook, "svix-id", &ignored) > 0
			? "svix"
			: "webhook";
	enum pal_channel_verdict verdict = read_one(hook, prefix, "id", &ret->id);

	if (verdict == PAL_VERDICT_OK)
		verdict = read_one(hook, prefix, "timestamp", &ret->timestamp);
	if (verdict == PAL_VERDICT_OK)
		verdict = read_one(hook, prefix, "signature", &ret->signatures);
	return verdict;
}

static bool read_seconds(struct pal_str text, int64_t *ret)
{
	int64_t seconds = 0;

	if (text.n == 0 || text.n > 12)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		seconds = seconds * 10 + (text.p[i] - '0');
	}
	*ret = seconds;
	return true;
}

/* A point in the id would let another id and time have the same signature. */
static bool is_foreign_id(struct pal_str id)
{
	for (size_t i = 0; i < id.n; i++) {
		if (id.p[i] <= ' ' || id.p[i] > '~' || id.p[i] == '.')
			return false;
	}
	return id.n <= ID_BYTES_MAX;
}

static enum pal_channel_verdict verify(const struct pal_channel_account *account,
				       const struct pal_channel_hook *hook)
{
	struct signed_headers h = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
	struct pal_webhook_key key;
	struct pal_str secret = pal_channel_setting(account, "secret", 0);
	enum pal_channel_verdict verdict = read_headers(hook, &h);
	bool is_signed = false;
	int64_t seconds;

	if (!secret.p)
		return PAL_VERDICT_UNCONFIGURED;
	if (verdict != PAL_VERDICT_OK)
		return verdict;
	if (!is_foreign_id(h.id) || !read_seconds(h.timestamp, &seconds) ||
	    h.signatures.n > SIGNATURES_BYTES_MAX)
		return PAL_VERDICT_MALFORMED;
	int64_t age_s = hook->now_ms / 1000 - seconds;
	if (age_s > PAL_WEBHOOK_TOLERANCE_S || age_s < -PAL_WEBHOOK_TOLERANCE_S)
		return PAL_VERDICT_STALE;
	for (size_t i = 0; (secret = pal_channel_setting(account, "secret", i)).p; i++) {
		if (pal_webhook_key_read(secret, &key))
			is_signed |= pal_webhook_signed_by(&key, h.signatures, h.id, h.timestamp,
							   hook->body);
	}
	explicit_bzero(&key, sizeof(key));
	return is_signed ? PAL_VERDICT_OK : PAL_VERDICT_WRONG;
}

static enum pal_code parse(const struct pal_channel_hook *hook, struct pal_json *json,
			   struct pal_arena *arena, struct pal_channel_events *ret,
			   struct pal_error *err)
{
	struct signed_headers h = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
	enum pal_code code = pal_envelope_read(
		hook->body, PAL_TAKES_MESSAGES | PAL_TAKES_RECEIPTS | PAL_TAKES_SENDING, json, arena,
		ret, err);

	if (code == PAL_OK && read_headers(hook, &h) == PAL_VERDICT_OK)
		ret->events[0].dedupe_key = h.id;
	return code;
}

const struct pal_channel_ops pal_channel_webhook = {
	.name = "webhook",
	.capabilities = {.can = PAL_CAN_EVERYTHING},
	.is_pushed = true,
	.takes_key = true,
	.is_signed = true,
	.settings = settings,
	.check_account = check_account,
	.check_recipient = check_recipient,
	.format = format,
	.classify = classify,
	.verify = verify,
	.parse = parse,
};

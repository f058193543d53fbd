/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader thinks of a stored message: one record for each reader and message. */
#include "base/crypto.h"
#include "service/conversation/stored_parts.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "store/store.h"


static const struct pal_str none = {NULL, 0};

/* A user's feedback of a message: both ids are long, so a digest of them stands for them. */
struct pal_str pal_stored_feedback_id(struct pal_stored_context *x, struct pal_str user_id)
{
	struct pal_buf *draft = pal_stored_draft();
	uint8_t digest[PAL_SHA256_SIZE];

	pal_buf_addf(draft, "%zu:", user_id.n);
	pal_buf_add_str(draft, user_id);
	pal_buf_add_str(draft, x->message->message_id);
	if (draft->failed)
		return none;
	pal_sha256(pal_buf_str(draft), digest);
	pal_buf_clear(draft);
	pal_hex_encode(draft, digest, sizeof(digest));
	return pal_stored_keep(x, draft);
}

/* Who gives it: the caller; or whom a backend or staff names, else the conversation's user. */
static enum pal_code judge_author(struct pal_stored_context *x, struct pal_str *ret)
{
	const struct pal_caller *caller = x->call->caller;
	struct pal_str named = x->call->of.feedback.user_id;

	if (named.p && !pal_caller_is_staff(caller) && !pal_str_equal(named, caller->user_id))
		return pal_fail(&x->call->err, PAL_E_UNAUTHORIZED, "user_id",
				"user_id must be the caller's own");
	*ret = named.p		   ? named
	       : caller->user_id.p ? caller->user_id
				   : x->found.conversation.user_id;
	return PAL_OK;
}

static struct pal_str write_feedback(struct pal_stored_context *x, struct pal_str user_id)
{
	const struct pal_feedback_request *r = &x->call->of.feedback;
	struct pal_buf *out = pal_stored_draft();

	pal_buf_add_char(out, '{');
	pal_view_text(out, "message_id", x->message->message_id);
	pal_view_text(out, "conversation_id", x->found.conversation.id);
	pal_view_text(out, "user_id", user_id);
	pal_view_text(out, "feedback_type", pal_str(pal_feedback_type_name(r->type)));
	if (r->rating)
		pal_view_number(out, "rating", r->rating);
	else
		pal_view_raw(out, "rating", none);
	pal_view_raw(out, "comment", r->comment);
	pal_view_time(out, "timestamp", r->timestamp_ms);
	pal_view_close(out, '}');
	return pal_stored_keep(x, out);
}

enum pal_code pal_stored_load_feedback(struct pal_stored_context *x, struct pal_str id,
				       struct pal_record *ret)
{
	enum pal_code code;

	*ret = (struct pal_record){.version = 0};
	if (!id.p)
		return pal_fail_memory(&x->call->err, "message");
	code = pal_store_load_record(x->store, x->reader, x->call->caller->tenant,
				     PAL_FEEDBACK_KIND, id, &x->call->arena, ret, &x->call->err);
	return code == PAL_E_NOT_FOUND ? PAL_OK : code;
}

enum pal_code pal_stored_feedback(struct pal_stored_context *x)
{
	struct pal_stored_call *call = x->call;
	struct pal_record old;
	struct pal_str user_id;
	enum pal_code code = judge_author(x, &user_id);

	if (code != PAL_OK)
		return code;
	struct pal_str id = pal_stored_feedback_id(x, user_id);
	code = pal_stored_load_feedback(x, id, &old);
	if (code != PAL_OK)
		return code;
	call->writes = true;
	call->write = (struct pal_record_write){
		.tenant = call->caller->tenant,
		.record = {.kind = PAL_FEEDBACK_KIND,
			   .id = id,
			   .owner = user_id,
			   .body = write_feedback(x, user_id),
			   .created_ms = old.version ? old.created_ms : call->now_ms,
			   .updated_ms = call->now_ms},
		.expected = old.version,
	};
	struct pal_str body = call->write.record.body;
	if (!body.p)
		return pal_fail_memory(&call->err, "message");
	pal_buf_add(&call->data, body.p, body.n - 1);
	pal_buf_add_str(&call->data, old.version ? PAL_STR(",\"replaced\":true}")
						 : PAL_STR(",\"replaced\":false}"));
	return PAL_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each record is a table of its texts: where, how it is named, which limit. Bytes are counted
 * first, for what fits in bytes fits in code points too.
 */
#include "store/limits.h"

#include <stddef.h>

enum limit {
	LIMIT_ID,	/* PAL_ID_POINTS_MAX */
	LIMIT_TEXT,	/* PAL_TEXT_POINTS_MAX */
	LIMIT_JSON,	/* PAL_STORE_JSON_BYTES_MAX */
	LIMIT_RECORD,	/* PAL_RECORD_ID_BYTES_MAX */
};

struct field {
	const char *name;
	size_t offset;
	enum limit limit;
	bool required;
};

#define FIELD(type, member, limit, required)                                                       \
	{#member, offsetof(struct type, member), limit, required}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct field message_fields[] = {
	FIELD(pal_message, message_id, LIMIT_ID, true),
	FIELD(pal_message, user_id, LIMIT_ID, true),
	FIELD(pal_message, content.text, LIMIT_TEXT, false),
	FIELD(pal_message, content.language, LIMIT_ID, false),
	FIELD(pal_message, content.raw, LIMIT_JSON, false),
	FIELD(pal_message, analysis, LIMIT_JSON, false),
	FIELD(pal_message, processing, LIMIT_JSON, false),
};

static const struct field exchange_fields[] = {
	FIELD(pal_exchange, state, LIMIT_JSON, false),
	FIELD(pal_exchange, delivery.recipient, LIMIT_ID, false),
	FIELD(pal_exchange, audit.event_type, LIMIT_ID, false),
	FIELD(pal_exchange, audit.user_id, LIMIT_ID, false),
	FIELD(pal_exchange, audit.resource_id, LIMIT_ID, false),
	FIELD(pal_exchange, audit.request_id, LIMIT_ID, false),
	FIELD(pal_exchange, audit.ip_address, LIMIT_ID, false),
};

static const struct field conversation_fields[] = {
	FIELD(pal_conversation, id, LIMIT_ID, true),
	FIELD(pal_conversation, user_id, LIMIT_ID, true),
	FIELD(pal_conversation, session_id, LIMIT_ID, false),
	FIELD(pal_conversation, previous_id, LIMIT_ID, false),
	FIELD(pal_conversation, state, LIMIT_JSON, false),
	FIELD(pal_conversation, details, LIMIT_JSON, false),
};

static const struct field change_fields[] = {
	FIELD(pal_change, details, LIMIT_JSON, false),
};

static const struct field audit_fields[] = {
	FIELD(pal_audit_event, event_type, LIMIT_ID, true),
	FIELD(pal_audit_event, user_id, LIMIT_ID, false),
	FIELD(pal_audit_event, resource_type, LIMIT_ID, false),
	FIELD(pal_audit_event, resource_id, LIMIT_ID, false),
	FIELD(pal_audit_event, action, LIMIT_ID, false),
	FIELD(pal_audit_event, result, LIMIT_ID, false),
	FIELD(pal_audit_event, request_id, LIMIT_ID, false),
	FIELD(pal_audit_event, ip_address, LIMIT_ID, false),
	FIELD(pal_audit_event, data, LIMIT_JSON, false),
};

static const struct field tenant_fields[] = {
	FIELD(pal_tenant, id, LIMIT_ID, true),
	FIELD(pal_tenant, name, LIMIT_ID, false),
	FIELD(pal_tenant, settings, LIMIT_JSON, false),
	FIELD(pal_tenant, profile, LIMIT_JSON, false),
};

static const struct field api_key_fields[] = {
	FIELD(pal_api_key, key_id, LIMIT_ID, true),
	FIELD(pal_api_key, name, LIMIT_ID, false),
	FIELD(pal_api_key, permissions, LIMIT_TEXT, false),
	FIELD(pal_api_key, rules, LIMIT_JSON, false),
};

static const struct field record_fields[] = {
	FIELD(pal_record, kind, LIMIT_ID, true),
	FIELD(pal_record, id, LIMIT_RECORD, true),
	FIELD(pal_record, owner, LIMIT_ID, false),
	FIELD(pal_record, body, LIMIT_JSON, false),
};

static bool has_points_at_most(struct pal_str s, size_t max)
{
	size_t points = 0;

	if (s.n <= max)
		return true;
	if (s.n > 4 * max)
		return false;
	for (size_t i = 0; i < s.n; i++)
		points += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return points <= max;
}

static bool fits(struct pal_str s, enum limit limit)
{
	switch (limit) {
	case LIMIT_ID:
		return has_points_at_most(s, PAL_ID_POINTS_MAX);
	case LIMIT_TEXT:
		return has_points_at_most(s, PAL_TEXT_POINTS_MAX);
	case LIMIT_RECORD:
		return s.n <= PAL_RECORD_ID_BYTES_MAX;
	case LIMIT_JSON:
		break;
	}
	return s.n <= PAL_STORE_JSON_BYTES_MAX;
}

bool pal_store_is_id(struct pal_str id)
{
	return id.n > 0 && fits(id, LIMIT_ID);
}

bool pal_store_is_record_id(struct pal_str id)
{
	return id.n > 0 && fits(id, LIMIT_RECORD);
}

bool pal_store_is_reader(const struct pal_store *store, unsigned reader)
{
	return !store->ops->blocks || reader < store->readers;
}

enum pal_code pal_store_check_tenant_key(struct pal_tenant_key tenant, struct pal_error *err)
{
	return tenant.n > 0 ? PAL_OK
			    : pal_fail(err, PAL_E_VALIDATION, "tenant", "a call needs a tenant");
}

static enum pal_code check_fields(const void *record, const struct field *fields, size_t count,
				  struct pal_error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct field *f = &fields[i];
		const struct pal_str *s = (const void *)((const char *)record + f->offset);

		if (f->required && s->n == 0)
			return pal_fail(err, PAL_E_VALIDATION, f->name, "must not be empty");
		if (!fits(*s, f->limit))
			return pal_fail(err, PAL_E_VALIDATION, f->name, "is too long to be stored");
	}
	return PAL_OK;
}

#define CHECK_FIELDS(record, fields, err) check_fields(record, fields, COUNT(fields), err)

static enum pal_code check_message(const struct pal_message *message, enum pal_direction direction,
				   struct pal_error *err)
{
	if (message->direction != direction)
		return pal_fail(err, PAL_E_VALIDATION, "direction", "is not that of its place");
	if ((size_t)message->content.type >= PAL_CONTENT_TYPE_COUNT)
		return pal_fail(err, PAL_E_VALIDATION, "content.type", "is unknown");
	return CHECK_FIELDS(message, message_fields, err);
}

/* `next` is the sequence it must have; return the one to follow, 0 when it breaks a limit. */
static int64_t check_exchange(const struct pal_exchange *exchange, int64_t next,
			      struct pal_error *err)
{
	if (exchange->in.sequence != next ||
	    (exchange->out.sequence != 0 && exchange->out.sequence != next + 1)) {
		(void)pal_fail(err, PAL_E_VALIDATION, "sequence",
			       "the sequence numbers of a unit must be consecutive");
		return 0;
	}
	if (check_message(&exchange->in, PAL_INBOUND, err) != PAL_OK ||
	    CHECK_FIELDS(exchange, exchange_fields, err) != PAL_OK)
		return 0;
	if (exchange->out.sequence == 0)
		return next + 1;
	if ((size_t)exchange->delivery.status >= PAL_DELIVERY_STATUS_COUNT) {
		(void)pal_fail(err, PAL_E_VALIDATION, "delivery.status", "is unknown");
		return 0;
	}
	return check_message(&exchange->out, PAL_OUTBOUND, err) == PAL_OK ? next + 2 : 0;
}

enum pal_code pal_store_check_conversation(const struct pal_conversation *conversation,
					   struct pal_error *err)
{
	if (conversation->key < 0 || conversation->last_sequence < 0)
		return pal_fail(err, PAL_E_VALIDATION, "conversation", "has a negative number");
	if ((size_t)conversation->channel >= PAL_CHANNEL_COUNT)
		return pal_fail(err, PAL_E_VALIDATION, "channel", "is unknown");
	if ((size_t)conversation->status >= PAL_CONVERSATION_STATUS_COUNT)
		return pal_fail(err, PAL_E_VALIDATION, "status", "is unknown");
	return CHECK_FIELDS(conversation, conversation_fields, err);
}

enum pal_code pal_store_check_audit_event(const struct pal_audit_event *event,
					  struct pal_error *err)
{
	return CHECK_FIELDS(event, audit_fields, err);
}

static enum pal_code check_change(const struct pal_change *change, struct pal_error *err)
{
	if ((size_t)change->status >= PAL_CONVERSATION_STATUS_COUNT)
		return pal_fail(err, PAL_E_VALIDATION, "status", "is unknown");
	enum pal_code code = CHECK_FIELDS(change, change_fields, err);
	if (code == PAL_OK && change->audit.event_type.n)
		code = pal_store_check_audit_event(&change->audit, err);
	return code;
}

static bool is_same_name(const struct pal_record *a, const struct pal_record *b)
{
	return pal_str_equal(a->id, b->id) && pal_str_equal(a->kind, b->kind);
}

static enum pal_code check_records(const struct pal_unit *unit, struct pal_error *err)
{
	if (unit->record_count > PAL_UNIT_RECORDS_MAX)
		return pal_fail(err, PAL_E_VALIDATION, "records", "a unit holds at most %u",
				PAL_UNIT_RECORDS_MAX);
	for (size_t i = 0; i < unit->record_count; i++) {
		const struct pal_record_write *write = unit->records[i];
		if (write->tenant.n != unit->tenant.n || write->remove ||
		    write->only_judge || write->audit)
			return pal_fail(err, PAL_E_VALIDATION, "records",
					"a unit only writes records, of its own tenant");
		if (pal_store_check_record_write(write, err) != PAL_OK)
			return PAL_E_VALIDATION;
		for (size_t k = 0; k < i; k++)
			if (is_same_name(&write->record, &unit->records[k]->record))
				return pal_fail(err, PAL_E_VALIDATION, "records",
						"a unit writes a record once");
	}
	return PAL_OK;
}

enum pal_code pal_store_check_unit(const struct pal_unit *unit, struct pal_error *err)
{
	if (unit->tenant.n <= 0)
		return pal_fail(err, PAL_E_VALIDATION, "tenant", "a unit needs a tenant");
	if (unit->count > PAL_UNIT_EXCHANGES_MAX)
		return pal_fail(err, PAL_E_VALIDATION, "exchanges", "a unit holds at most %u",
				PAL_UNIT_EXCHANGES_MAX);
	if (unit->count == 0 && !unit->change && unit->conversation->key != 0)
		return pal_fail(err, PAL_E_VALIDATION, "exchanges", "a unit without any is empty");
	if (unit->conversation->key < 0)
		return pal_fail(err, PAL_E_VALIDATION, "conversation", "has a negative number");
	if (unit->conversation->key == 0) {
		enum pal_code code = pal_store_check_conversation(unit->conversation, err);
		if (code != PAL_OK)
			return code;
	}
	if (unit->change && check_change(unit->change, err) != PAL_OK)
		return PAL_E_VALIDATION;
	if (unit->record_count && check_records(unit, err) != PAL_OK)
		return PAL_E_VALIDATION;
	int64_t next = unit->count ? unit->exchanges[0].in.sequence : 1;
	if (next < 1 || next > INT64_MAX - 2 * (int64_t)PAL_UNIT_EXCHANGES_MAX)
		return pal_fail(err, PAL_E_VALIDATION, "sequence", "is out of range");
	for (size_t i = 0; i < unit->count; i++) {
		next = check_exchange(&unit->exchanges[i], next, err);
		if (next == 0)
			return PAL_E_VALIDATION;
	}
	return PAL_OK;
}

enum pal_code pal_store_check_tenant(const struct pal_tenant *tenant, struct pal_error *err)
{
	if ((size_t)tenant->status >= PAL_TENANT_STATUS_COUNT)
		return pal_fail(err, PAL_E_VALIDATION, "status", "is unknown");
	return CHECK_FIELDS(tenant, tenant_fields, err);
}

enum pal_code pal_store_check_api_key(const struct pal_api_key *key, struct pal_error *err)
{
	if (key->tenant.n <= 0)
		return pal_fail(err, PAL_E_VALIDATION, "tenant", "an API key needs a tenant");
	if (key->status != PAL_API_KEY_ACTIVE && key->status != PAL_API_KEY_REVOKED)
		return pal_fail(err, PAL_E_VALIDATION, "status", "is unknown");
	return CHECK_FIELDS(key, api_key_fields, err);
}

enum pal_code pal_store_check_record_write(const struct pal_record_write *write,
					   struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(write->tenant, err);

	if (code != PAL_OK)
		return code;
	if (write->expected < PAL_RECORD_ANY)
		return pal_fail(err, PAL_E_VALIDATION, "expected", "is no version");
	if (write->remove && write->expected == 0)
		return pal_fail(err, PAL_E_VALIDATION, "expected",
				"what is removed must have been there");
	code = CHECK_FIELDS(&write->record, record_fields, err);
	if (code == PAL_OK && write->audit)
		code = pal_store_check_audit_event(write->audit, err);
	return code;
}
